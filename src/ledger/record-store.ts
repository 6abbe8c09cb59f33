/**
 * @file Writing and reading the record tables.
 *
 * A row is written once: the same key with the same content again is the same
 * row, with other content it is an error, because then something that must be
 * reproducible was not. Readers fetch by the page, so memory stays flat and
 * writing while reading is safe; they see the rows there were when reading began.
 */
import { AutodidactError } from "../foundation/error.js";
import { integerCodec, textCodec } from "./codecs.js";
import type { LedgerDatabase, SqlRow, SqlValue } from "./database.js";
import {
  columnsOf,
  type NewRow,
  type Records,
  type Row,
  type TableName,
} from "./records.js";

/** Rows fetched at a time. */
const PAGE = 500;

/** Members of a record that can be compared for equality. */
export type RowFilter<T extends TableName> = {
  readonly [K in keyof Records[T]]?: Extract<
    Records[T][K],
    string | number | null
  >;
};

export interface ReadOptions<T extends TableName> {
  /** Only rows of the stage with this name. */
  readonly stage?: string;
  /** Only rows whose members equal these; `null` matches absent values. */
  readonly where?: RowFilter<T>;
  /** Only rows with a larger id: to go on where an earlier read ended. */
  readonly afterId?: number;
}

/** Writes rows of one stage; the caller holds the transaction. Ids come back in order, `added` counts the new ones. */
export function insertRecords<T extends TableName>(
  database: LedgerDatabase,
  target: {
    readonly table: T;
    readonly stageId: number;
    readonly stageName: string;
  },
  rows: readonly NewRow<T>[],
): { readonly ids: number[]; readonly added: number } {
  const { table, stageId } = target;
  const columns = columnsOf(table);
  const names = columns.map(({ column }) => column);
  const insert = `INSERT INTO ${table} (stage_id, key, ${names.join(", ")})
    VALUES (?, ?, ${names.map(() => "?").join(", ")})
    ON CONFLICT (stage_id, key) DO NOTHING`;
  let added = 0;
  const ids = rows.map((row) => {
    const members = row as Readonly<Record<string, unknown>>;
    const values = columns.map(({ member, codec }) =>
      codec.encode(members[member], `${table}.${member}`),
    );
    const { changes, id } = database.run(insert, [
      stageId,
      encodeKey(row.key),
      ...values,
    ]);
    added += changes;
    return changes === 1
      ? id
      : matchRecorded(database, { ...target, key: row.key, names, values });
  });
  return { ids, added };
}

/** Rows in the order they were written. */
export function* readRecords<T extends TableName>(
  database: LedgerDatabase,
  table: T,
  options: ReadOptions<T> = {},
): IterableIterator<Row<T>> {
  const { clauses, values } = conditions(table, options);
  const last =
    database.first(`SELECT max(id) AS id FROM ${table}`)?.["id"] ?? 0;
  const page = `SELECT * FROM ${table}
    WHERE ${["id > ?", "id <= ?", ...clauses].join(" AND ")} ORDER BY id LIMIT ${PAGE}`;
  let after = options.afterId ?? 0;
  for (;;) {
    const stored = database.all(page, [after, last, ...values]);
    for (const row of stored) yield decodeRow(table, row);
    const final = stored.at(-1);
    if (final === undefined || stored.length < PAGE) return;
    after = Number(final["id"]);
  }
}

export function countRecords<T extends TableName>(
  database: LedgerDatabase,
  table: T,
  options: ReadOptions<T> = {},
): number {
  const { clauses, values } = conditions(table, options);
  const found = database.first(
    `SELECT count(*) AS n FROM ${table} WHERE ${["id > ?", ...clauses].join(" AND ")}`,
    [options.afterId ?? 0, ...values],
  );
  return Number(found?.["n"]);
}

/** @throws LEDGER when there is no such row */
export function getRecord<T extends TableName>(
  database: LedgerDatabase,
  table: T,
  id: number,
): Row<T> {
  const stored = database.first(`SELECT * FROM ${table} WHERE id = ?`, [
    integerCodec.encode(id, `${table}.id`),
  ]);
  if (stored !== undefined) return decodeRow(table, stored);
  throw new AutodidactError(
    "LEDGER",
    `The ledger ${database.path} has no row ${id} in ${table}. Give the id of a row that exists.`,
    { path: database.path, table, id },
  );
}

export function findRecord<T extends TableName>(
  database: LedgerDatabase,
  target: { readonly table: T; readonly stageId: number },
  key: string,
): Row<T> | undefined {
  const stored = storedUnder(database, target, key);
  return stored === undefined ? undefined : decodeRow(target.table, stored);
}

function storedUnder(
  database: LedgerDatabase,
  target: { readonly table: TableName; readonly stageId: number },
  key: string,
): SqlRow | undefined {
  return database.first(
    `SELECT * FROM ${target.table} WHERE stage_id = ? AND key = ?`,
    [target.stageId, encodeKey(key)],
  );
}

/** Keys may hold text a model wrote, so they are stored as carefully as other text. */
function encodeKey(key: string): SqlValue {
  return textCodec.encode(key, "the key of a row");
}

function conditions<T extends TableName>(
  table: T,
  options: ReadOptions<T>,
): { clauses: string[]; values: SqlValue[] } {
  const clauses: string[] = [];
  const values: SqlValue[] = [];
  if (options.stage !== undefined) {
    clauses.push("stage_id = (SELECT id FROM stages WHERE name = ?)");
    values.push(options.stage);
  }
  const wanted = (options.where ?? {}) as Readonly<Record<string, unknown>>;
  for (const { member, column, codec } of columnsOf(table)) {
    if (wanted[member] === undefined) continue;
    clauses.push(`${column} IS ?`);
    values.push(
      wanted[member] === null
        ? null
        : codec.encode(wanted[member], `${table}.${member}`),
    );
  }
  return { clauses, values };
}

function decodeRow<T extends TableName>(table: T, stored: SqlRow): Row<T> {
  const row: Record<string, unknown> = {
    id: stored["id"],
    stageId: stored["stage_id"],
    key: textCodec.decode(stored["key"] ?? null, `${table}.key`),
  };
  for (const { member, column, codec } of columnsOf(table)) {
    row[member] = codec.decode(stored[column] ?? null, `${table}.${member}`);
  }
  // The codecs of RECORDS are total over Records[T]; the compiler cannot follow the loop.
  return row as unknown as Row<T>;
}

/** The id of the row recorded under this key, if it says the same. @throws LEDGER */
function matchRecorded(
  database: LedgerDatabase,
  asked: {
    readonly table: TableName;
    readonly stageId: number;
    readonly stageName: string;
    readonly key: string;
    readonly names: readonly string[];
    readonly values: readonly SqlValue[];
  },
): number {
  const { table, key } = asked;
  const stored = storedUnder(database, asked, key);
  const differing = asked.names.filter(
    (name, index) => stored?.[name] !== asked.values[index],
  );
  if (differing.length === 0) return Number(stored?.["id"]);
  throw new AutodidactError(
    "LEDGER",
    `Stage "${asked.stageName}" of ${database.path} recorded row "${key}" of ${table} with another ${differing.join(", ")} than it is asked to record now. A repeated stage must give the same rows: the model, the inputs or the program changed. Start afresh in another folder with --run-dir.`,
    {
      path: database.path,
      stage: asked.stageName,
      table,
      key,
      columns: differing,
    },
  );
}
