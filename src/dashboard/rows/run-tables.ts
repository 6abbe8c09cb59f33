/**
 * @file The tables of one ledger that is open: their pages, and single rows with what they
 * came from and what came of them.
 */
import { join } from "node:path";
import type { Clock } from "../../foundation/clock.js";
import { LEDGER_FILE } from "../../ledger/ledger-file.js";
import { openLedger } from "../../ledger/ledger.js";
import type {
  ColumnInfo,
  Relation,
  RowDetail,
  TableInfo,
  TablePage,
  TableQuery,
} from "../api/api.js";
import { DashboardFailure, notFound } from "../api/failure.js";
import { ColumnStore, type TableColumns } from "./column-store.js";
import { ComputedColumns } from "./computed-columns.js";
import { readCursor, writeCursor } from "./cursor.js";
import type { SelfScores } from "./held-out.js";
import { makeRoom } from "./index-place.js";
import { indexFits, isIndexed, startIndexing } from "./indexing.js";
import { promptGraph, type PromptGraph } from "./prompt-graph.js";
import { RELATIONS, type Related, type RelationSpec } from "./relations.js";
import { scanRows } from "./ordered-scan.js";
import { rowsAhead } from "./rows-ahead.js";
import { selfScores, trueScoreBy } from "./run-truth.js";
import { tableRows } from "./shown-rows.js";
import { selectRows, type Selecting } from "./select-rows.js";
import { openTextIndex } from "./text-index.js";
import { columnNamed, TABLES, type TableSpec } from "./table-specs.js";

/** Characters of a text in a page, in a related row, and in a row by itself. */
const CUT = { page: 400, related: 20_000, row: 20_000_000 } as const;
const DEFAULT_LIMIT = 100;
const MOST_ROWS = 500;
const RELATED_ROWS = 20;
/** Most values that are offered to choose from. */
const MOST_VALUES = 40;

export interface RunTables {
  infos(): TableInfo[];
  page(table: string, query: TableQuery): Promise<TablePage>;
  row(table: string, id: number): Promise<RowDetail>;
  relation(
    table: string,
    id: number,
    wanted: { readonly key: string; readonly after?: string | undefined },
  ): Promise<TablePage>;
  /** By prompt, what a model's own judge says of its answer to each held-out prompt. */
  readonly selfScores: SelfScores;
  /** Resolves when all rows that are there now are indexed. */
  indexed(): Promise<void>;
  close(): void;
}

interface Parts extends Selecting {
  readonly graph: PromptGraph;
}

/** @param cache folder for indexes of texts; null to keep none */
export function openRunTables(
  folder: string,
  { cache, clock }: { readonly cache: string | null; readonly clock: Clock },
): RunTables {
  const reader = openLedger({ path: join(folder, LEDGER_FILE), mode: "read" });
  const ledger = reader.tables();
  const store = new ColumnStore(ledger);
  const graph = promptGraph(store, specNamed("training_rows"));
  const truth = trueScoreBy(reader);
  const parts: Parts = {
    ...{ ledger, store, graph, clock },
    computed: new ComputedColumns({ ledger, graph, truth }),
    texts: openTextIndex(
      { folder: cache, name: folder },
      {
        identity: ledger.identity(),
        fits: (index) => indexFits(ledger, index),
      },
    ),
    ahead: rowsAhead(),
  };
  if (cache !== null) makeRoom(cache);
  const indexing = startIndexing(parts);
  return {
    infos: () => {
      indexing.goOn();
      return TABLES.map((spec) => infoOf(parts, spec));
    },
    page: (table, query) => {
      indexing.goOn();
      return pageOf(parts, specNamed(table), query);
    },
    row: (table, id) => rowDetail(parts, specNamed(table), id),
    relation: (table, id, wanted) =>
      relatedPage(parts, { spec: specNamed(table), id, ...wanted }),
    selfScores: selfScores(reader),
    indexed: () => indexing.finish(),
    close() {
      indexing.stop();
      parts.texts.close();
      reader.close();
    },
  };
}

/** @throws DashboardFailure NOT_FOUND */
function specNamed(name: string): TableSpec {
  const spec = TABLES.find((table) => table.name === name);
  if (spec === undefined) throw notFound("table", name);
  return spec;
}

function infoOf(parts: Parts, spec: TableSpec): TableInfo {
  const { ledger, store } = parts;
  const columns = store.of(spec);
  const { base, stage } = spec;
  return {
    name: spec.name,
    rows:
      stage === null || base === "calls"
        ? ledger.lastId(base)
        : ledger.countOfStage(base, stage),
    indexed: isIndexed(parts, spec),
    columns: spec.columns.map(
      ({ name, kind, references, sortable, searched }): ColumnInfo => {
        const words = columns.column(name)?.words;
        const few = words != null && words.length <= MOST_VALUES;
        return {
          name,
          kind,
          references,
          sortable,
          searched,
          values: few ? [...words].sort() : null,
        };
      },
    ),
  };
}

async function pageOf(
  parts: Parts,
  spec: TableSpec,
  query: TableQuery,
): Promise<TablePage> {
  const { limit = DEFAULT_LIMIT } = query;
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_ROWS)
    throw new DashboardFailure(
      "USAGE",
      `A page of ${limit} rows was asked for. Ask for 1 to ${MOST_ROWS}.`,
    );
  const { ids, next, total } = await selectRows(parts, spec, {
    ...query,
    limit,
  });
  return {
    rows: tableRows(parts, spec, ids, CUT.page),
    next: next === null ? null : writeCursor(next),
    total,
  };
}

async function rowDetail(
  parts: Parts,
  spec: TableSpec,
  id: number,
): Promise<RowDetail> {
  const [row] = Number.isSafeInteger(id)
    ? tableRows(parts, spec, [id], CUT.row)
    : [];
  const stage = String(row?.cells["stage"]);
  if (row === undefined || (spec.stage !== null && stage !== spec.stage))
    throw notFound(`row of ${spec.name}`, String(id));
  const relations: Relation[] = [];
  for (const relation of RELATIONS[spec.name] ?? []) {
    const found = await relatedIds(parts, { spec, id, relation, after: 0 });
    if (found === null) continue;
    const { key, direction, table } = relation;
    const target = specNamed(table);
    relations.push({
      ...{ key, direction, table, total: found.total },
      rows: tableRows(parts, target, found.ids, CUT.related),
    });
  }
  return { table: spec.name, row, stage, relations };
}

async function relatedPage(
  parts: Parts,
  wanted: {
    readonly spec: TableSpec;
    readonly id: number;
    readonly key: string;
    readonly after?: string | undefined;
  },
): Promise<TablePage> {
  const { spec, id, key } = wanted;
  const relation = RELATIONS[spec.name]?.find((one) => one.key === key);
  if (relation === undefined) throw notFound(`relation of ${spec.name}`, key);
  const after = readCursor(wanted.after)?.id ?? 0;
  const found = await relatedIds(parts, { spec, id, relation, after });
  if (found === null) throw notFound(`${key} of row ${id} of`, spec.name);
  const last = found.ids.at(-1);
  return {
    rows: tableRows(parts, specNamed(relation.table), found.ids, CUT.related),
    next:
      found.more && last !== undefined
        ? writeCursor({ value: null, id: last })
        : null,
    total: found.total,
  };
}

/** Some of the related rows from `after` on; null where there is no such relation. */
async function relatedIds(
  parts: Parts,
  from: {
    readonly spec: TableSpec;
    readonly id: number;
    readonly relation: RelationSpec;
    /** Id of the last row of the page before; 0 at first. */
    readonly after: number;
  },
): Promise<{
  readonly ids: readonly number[];
  readonly total: number;
  readonly more: boolean;
} | null> {
  const { spec, id, relation, after } = from;
  const { ledger, graph, store } = parts;
  const [row] = ledger.rows(spec.base, [id], {
    columns: spec.columns.flatMap(({ stored }) => stored ?? []),
    longest: CUT.related,
  });
  if (row === undefined) throw notFound(`row of ${spec.name}`, String(id));
  const related = await relation.find({
    ...{ id, row, ledger, graph },
    callsOfStage: (stage) => callsOfStage(store, stage),
  });
  if (related === null) return null;
  const target = specNamed(relation.table);
  if ("ids" in related) {
    const from = after === 0 ? 0 : related.ids.indexOf(after) + 1;
    const ids = related.ids.slice(from, from + RELATED_ROWS);
    const total = related.ids.length;
    return { ids, total, more: from + ids.length < total };
  }
  return relatedByColumn(parts, target, related, after);
}

async function relatedByColumn(
  { store }: Parts,
  target: TableSpec,
  { column, test }: Extract<Related, { readonly column: string }>,
  after: number,
): Promise<{ ids: readonly number[]; total: number; more: boolean }> {
  const columns = await upToDate(store, target);
  const values =
    columnNamed(target, column)?.name === "id"
      ? undefined
      : columns.column(column);
  const { ids, total } = scanRows({
    order: { values: "id", down: false },
    last: columns.loaded,
    tests: [(id) => test(values === undefined ? id : values.at(id))],
    only: null,
    after: after === 0 ? null : { value: null, id: after },
    count: RELATED_ROWS + 1,
  });
  return {
    ids: ids.slice(0, RELATED_ROWS),
    total,
    more: ids.length > RELATED_ROWS,
  };
}

async function upToDate(
  store: ColumnStore,
  spec: TableSpec,
): Promise<TableColumns> {
  const columns = store.of(spec);
  await columns.catchUp();
  return columns;
}

async function callsOfStage(
  store: ColumnStore,
  stage: string,
): Promise<readonly number[]> {
  const calls = await upToDate(store, specNamed("calls"));
  const stages = calls.column("stage");
  const place = stages?.words?.indexOf(stage) ?? -1;
  const ids: number[] = [];
  for (let id = 1; id <= calls.loaded; id++)
    if (stages?.at(id) === place) ids.push(id);
  return ids;
}
