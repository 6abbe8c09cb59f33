/**
 * @file The rows of one run for the dashboard: tables, pages, one row with its lineage,
 * and held-out prompts. It reads beside the run and changes nothing of it.
 *
 * When the ledger is replaced by another, everything known of the first is forgotten.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "../../foundation/clock.js";
import { LEDGER_FILE } from "../../ledger/ledger-file.js";
import type {
  HeldOutPage,
  HeldOutQuery,
  RowDetail,
  TableInfo,
  TablePage,
  TableQuery,
} from "../api/api.js";
import { notFound } from "../api/failure.js";
import type { KnownAnswers } from "./answer-files.js";
import { heldOutPage } from "./held-out.js";
import { indexFolder } from "./index-place.js";
import { openRunTables, type RunTables } from "./run-tables.js";

export interface RowsRun {
  readonly id: string;
  /** Absolute path of the folder that holds `ledger.db`. */
  readonly folder: string;
}

export interface RunRowsOptions {
  /** Folder for indexes of texts, null to keep none; the user's cache when absent. */
  readonly cache?: string | null;
  /** Decides how long a search may look at texts. */
  readonly clock?: Clock;
}

/** @throws all of it DashboardFailure for what is not there or cannot be read as asked */
export interface RunRows {
  tables(): Promise<readonly TableInfo[]>;
  page(table: string, query: TableQuery): Promise<TablePage>;
  row(table: string, id: number): Promise<RowDetail>;
  relation(
    table: string,
    id: number,
    key: string,
    after?: string,
  ): Promise<TablePage>;
  heldOut(query: HeldOutQuery): Promise<HeldOutPage>;
  /** Resolves when every table that is there now is indexed. */
  indexed(): Promise<void>;
  close(): void;
}

export function openRunRows(
  run: RowsRun,
  options: RunRowsOptions = {},
): RunRows {
  const path = join(run.folder, LEDGER_FILE);
  const { cache = indexFolder(), clock = systemClock } = options;
  const known: KnownAnswers = new Map();
  let open: { readonly tables: RunTables; readonly file: string } | null = null;

  /** Names the file that lies there now, whatever is written to it. */
  const fileNow = (): string => {
    const found = statSync(path, { throwIfNoEntry: false, bigint: true });
    if (found === undefined) throw notFound("run", run.id);
    return `${found.dev}/${found.ino}`;
  };
  const current = (): RunTables => {
    const file = fileNow();
    if (open !== null && open.file !== file) close();
    open ??= { tables: openRunTables(run.folder, { cache, clock }), file };
    return open.tables;
  };
  const close = (): void => {
    open?.tables.close();
    open = null;
  };
  /** Once more where the ledger was replaced while it was read. */
  const reading = async <T>(
    work: (tables: RunTables) => T | Promise<T>,
  ): Promise<T> => {
    const tables = current();
    try {
      return await work(tables);
    } catch (cause) {
      if (open?.tables === tables && open.file === fileNow()) throw cause;
      return work(current());
    }
  };
  return {
    tables: () => reading((tables) => tables.infos()),
    page: (table, query) => reading((tables) => tables.page(table, query)),
    row: (table, id) => reading((tables) => tables.row(table, id)),
    relation: (table, id, key, after) =>
      reading((tables) => tables.relation(table, id, { key, after })),
    heldOut: (query) =>
      reading(({ selfScores }) =>
        heldOutPage({ folder: run.folder, known, selfScores }, query),
      ),
    indexed: () => reading((tables) => tables.indexed()),
    close,
  };
}
