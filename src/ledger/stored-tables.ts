/**
 * @file The ledger's tables for those who show them: rows by the page, by id and by what
 * they point to, and whole columns by the slice. Rows come as they are stored, long texts
 * cut; nothing here writes.
 *
 * A row's id is its rowid. Rows are only added, so ids have no gaps and the greatest is
 * their number.
 */
import {
  type ColumnKind,
  ESCAPED_START,
  integerCodec,
  json,
  real,
  storedLength,
  textCodec,
} from "./codecs.js";
import type { LedgerDatabase, SqlRow, SqlValue } from "./database.js";
import { columnsOf, type TableName } from "./records.js";

/** Every table that holds rows of stages, and the answers that were kept. */
export type StoredTable = TableName | "calls";

export interface StoredColumn {
  readonly name: string;
  readonly kind: ColumnKind;
}

/** As `AnswerTable` writes them. */
const CALL_COLUMNS: readonly StoredColumn[] = Object.entries({
  key: textCodec,
  model: textCodec,
  request: json,
  response: json,
  tokens_in: integerCodec,
  tokens_out: integerCodec,
  cost: real,
}).map(([name, { kind }]) => ({ name, kind }));

/** Name of the column with the name of a row's stage. */
export const STAGE_COLUMN = "stage";

/** In the order of the schema, the stage and a record's key first. */
export function storedColumns(table: StoredTable): readonly StoredColumn[] {
  const stage = { name: STAGE_COLUMN, kind: "word" } as const;
  if (table === "calls") return [stage, ...CALL_COLUMNS];
  return [
    stage,
    { name: "key", kind: "text" },
    ...columnsOf(table).map(({ column, codec }) => ({
      name: column,
      kind: codec.kind,
    })),
  ];
}

/** Values of columns, in the order of ids: one list a column. */
export interface ColumnSlice {
  readonly ids: readonly number[];
  readonly columns: readonly (readonly SqlValue[])[];
}

export interface PageOptions {
  /** Only rows with a larger id, or, downwards, with a smaller one; from an end when absent. */
  readonly after?: number | undefined;
  readonly down?: boolean;
  readonly limit: number;
}

export class StoredTables {
  readonly #database: LedgerDatabase;

  /** Made by the ledger's reader only. */
  constructor(database: LedgerDatabase) {
    this.#database = database;
  }

  /** Id of the newest row, which is the number of rows. */
  lastId(table: StoredTable): number {
    const found = this.#database.first(`SELECT max(rowid) AS id FROM ${table}`);
    return Number(found?.["id"] ?? 0);
  }

  /** Tells one ledger from another that was put in its place. */
  identity(): string {
    const first = this.#database.first("SELECT * FROM processes WHERE id = 1");
    return JSON.stringify(first ?? null);
  }

  /** Ids of a page in the order written, or the reverse. */
  page(table: StoredTable, { after, down, limit }: PageOptions): number[] {
    const [compare, order, start] = down
      ? ["<", "DESC", Number.MAX_SAFE_INTEGER]
      : [">", "ASC", 0];
    return this.#database
      .all(
        `SELECT rowid AS id FROM ${table} WHERE rowid ${compare} ? ORDER BY rowid ${order} LIMIT ?`,
        [after ?? start, limit],
      )
      .map(({ id }) => Number(id));
  }

  /**
   * Rows in the order of `ids`; ids that no row has are left out.
   * @param longest characters of a text or of JSON that come at least, where it has them
   */
  rows(
    table: StoredTable,
    ids: readonly number[],
    {
      columns,
      longest,
    }: {
      readonly columns: readonly StoredColumn[];
      readonly longest: number;
    },
  ): SqlRow[] {
    const names = columns.map((column) => shown(table, column));
    const { plain, escaped } = storedLength(longest);
    const found = this.#database.all(
      `WITH cut(plain, escaped) AS (VALUES (?, ?))
       SELECT ${table}.rowid AS id, ${names.join(", ")} FROM cut, ${table}
       WHERE ${table}.rowid IN (SELECT value FROM json_each(?))`,
      [plain, escaped, JSON.stringify(ids)],
    );
    const byId = new Map(found.map((row) => [Number(row["id"]), row]));
    return ids.flatMap((id) => {
      const row = byId.get(id);
      return row === undefined ? [] : [row];
    });
  }

  /** Ids of the rows whose indexed `column` has one of `values`, in their order. */
  referring(
    table: StoredTable,
    column: string,
    values: readonly number[],
  ): number[] {
    return this.#database
      .all(
        `SELECT rowid AS id FROM ${table} WHERE ${column} IN (SELECT value FROM json_each(?)) ORDER BY rowid`,
        [JSON.stringify(values)],
      )
      .map(({ id }) => Number(id));
  }

  /** Ids of the rows that a stage wrote, in their order. */
  ofStage(table: TableName, stage: string): number[] {
    return this.#database
      .all(
        `SELECT id FROM ${table} WHERE stage_id = (SELECT id FROM stages WHERE name = ?) ORDER BY id`,
        [stage],
      )
      .map(({ id }) => Number(id));
  }

  countOfStage(table: TableName, stage: string): number {
    const found = this.#database.first(
      `SELECT count(*) AS n FROM ${table} WHERE stage_id = (SELECT id FROM stages WHERE name = ?)`,
      [stage],
    );
    return Number(found?.["n"]);
  }

  /** The values of columns of the next rows. */
  slice(
    table: StoredTable,
    columns: readonly StoredColumn[],
    { after, limit }: { readonly after: number; readonly limit: number },
  ): ColumnSlice {
    const source = `SELECT rowid AS id, ${columns.map((each) => `${expression(table, each)} AS ${each.name}`).join(", ")}
      FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT ?`;
    const lists = columns.map(({ name, kind }) => listOf(name, kind));
    const found = this.#database.first(
      `SELECT ${[listOf("id", "integer"), ...lists].map((list, i) => `${list} AS c${i}`).join(", ")} FROM (${source})`,
      [after, limit],
    );
    const values = [0, ...columns.map((_, i) => i + 1)].map(
      (i) => JSON.parse(String(found?.[`c${i}`])) as SqlValue[],
    );
    return { ids: values[0] as number[], columns: values.slice(1) };
  }
}

function expression(table: StoredTable, { name }: StoredColumn): string {
  return name === STAGE_COLUMN && table !== "calls"
    ? `(SELECT name FROM stages WHERE stages.id = ${table}.stage_id)`
    : `${table}.${name}`;
}

/** As a column of a row that is shown: what may be long is cut. */
function shown(table: StoredTable, column: StoredColumn): string {
  const whole = expression(table, column);
  const { name, kind } = column;
  if (kind !== "text" && kind !== "json") return `${whole} AS ${name}`;
  return `substr(${whole}, 1, iif(substr(${whole}, 1, ${ESCAPED_START.length}) = '${ESCAPED_START}', escaped, plain)) AS ${name}`;
}

/** A JSON list of a column; SQLite's own writes 15 digits of a number, of which 17 tell it. */
function listOf(name: string, kind: ColumnKind): string {
  return kind === "number"
    ? `'[' || coalesce(group_concat(iif(${name} IS NULL, 'null', printf('%!.17g', ${name}))), '') || ']'`
    : `json_group_array(${name})`;
}
