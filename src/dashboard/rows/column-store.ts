/**
 * @file The sortable columns of a ledger's tables in memory, kept up with the ledger as it
 * grows. Over a million rows any order and any filter is then one pass over arrays, which
 * takes less than an index would take to be read, and costs the run nothing.
 *
 * Reading is cut into short slices, between which the process does other things.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { decodeBeginning } from "../../ledger/codecs.js";
import type { StoredTables } from "../../ledger/stored-tables.js";
import { GrowingColumn } from "./growing-column.js";
import type { ShownColumn, TableSpec } from "./table-specs.js";

/** Rows read in one go; some milliseconds. */
const SLICE = 2000;

export class ColumnStore {
  readonly #ledger: StoredTables;
  readonly #tables = new Map<string, TableColumns>();

  constructor(ledger: StoredTables) {
    this.#ledger = ledger;
  }

  /** The columns of the table that `spec` shows rows of. */
  of(spec: TableSpec): TableColumns {
    const known = this.#tables.get(spec.base);
    if (known !== undefined) return known;
    const made = new TableColumns(this.#ledger, spec);
    this.#tables.set(spec.base, made);
    return made;
  }
}

export class TableColumns {
  readonly #ledger: StoredTables;
  readonly #base: TableSpec["base"];
  readonly #stored: readonly ShownColumn[];
  readonly #columns: ReadonlyMap<string, GrowingColumn>;
  #loaded = 0;
  #reading: Promise<void> | null = null;

  constructor(ledger: StoredTables, { base, columns }: TableSpec) {
    this.#ledger = ledger;
    this.#base = base;
    this.#stored = columns.filter(
      ({ stored, sortable }) => stored !== undefined && sortable,
    );
    this.#columns = new Map(
      this.#stored.map(({ name, kind }) => [
        name,
        new GrowingColumn(
          kind === "number" ? "number" : kind === "text" ? "word" : "integer",
        ),
      ]),
    );
  }

  /** Rows read: those with ids up to this. */
  get loaded(): number {
    return this.#loaded;
  }

  get upToDate(): boolean {
    return this.#loaded >= this.#ledger.lastId(this.#base);
  }

  /** @returns undefined for one that is not kept */
  column(name: string): GrowingColumn | undefined {
    return this.#columns.get(name);
  }

  /** Reads all rows that are there now. */
  async catchUp(signal?: AbortSignal): Promise<void> {
    while (!this.upToDate) {
      this.#reading ??= this.#read(signal).finally(() => {
        this.#reading = null;
      });
      await this.#reading;
    }
  }

  async #read(signal?: AbortSignal): Promise<void> {
    const stored = this.#stored.flatMap((column) => column.stored ?? []);
    const targets = this.#stored.map(({ name }) => this.#columns.get(name));
    const last = this.#ledger.lastId(this.#base);
    while (this.#loaded < last) {
      signal?.throwIfAborted();
      const slice = this.#ledger.slice(this.#base, stored, {
        after: this.#loaded,
        limit: SLICE,
      });
      if (slice.ids.length === 0) break;
      targets.forEach((target, c) => {
        const values = slice.columns[c] ?? [];
        slice.ids.forEach((id, i) => {
          const value = values[i] ?? null;
          target?.set(
            id,
            typeof value === "string" ? decodeBeginning(value) : value,
          );
        });
      });
      this.#loaded = slice.ids.at(-1) as number;
      await nextTurn();
    }
  }
}
