/**
 * @file Rows of a table as the API gives them, with the texts of rows they point to and
 * what was computed of them.
 */
import type { SqlRow, SqlValue } from "../../ledger/database.js";
import type { StoredTables } from "../../ledger/stored-tables.js";
import type { TableRow } from "../api/api.js";
import { tableRow } from "./cells.js";
import type { GrowingColumn } from "./growing-column.js";
import type { ComputedColumn, ShownColumn, TableSpec } from "./table-specs.js";

export interface ShownRowsParts {
  readonly ledger: StoredTables;
  /** As far as it is computed. */
  readonly computed: {
    column(name: ComputedColumn): GrowingColumn | undefined;
  };
}

/** Which rows, which of their columns, and how much of their texts. */
export interface RowsWanted {
  readonly ids: readonly number[];
  readonly columns: readonly ShownColumn[];
  /** Characters of a text that come at least, where it has them. */
  readonly longest: number;
}

/** Rows in the order of `ids`, texts cut at `longest` characters. */
export function tableRows(
  parts: ShownRowsParts,
  spec: TableSpec,
  ids: readonly number[],
  longest: number,
): TableRow[] {
  const wanted = { ids, columns: spec.columns, longest: longest + 1 };
  const rows = wholeRows(parts.ledger, spec, wanted);
  for (const { name, computed } of spec.columns) {
    if (computed === undefined) continue;
    const values = parts.computed.column(computed);
    for (const row of rows)
      row[name] = values?.valueOf(Number(row["id"])) ?? null;
  }
  return rows.map((row) => tableRow(spec, row, longest));
}

/** Rows as they are stored, with the joined columns among those wanted. */
export function wholeRows(
  ledger: StoredTables,
  spec: TableSpec,
  { ids, columns, longest }: RowsWanted,
): Record<string, SqlValue>[] {
  const joined = columns.filter((column) => column.joined !== undefined);
  const ways = new Set(joined.map((column) => column.joined?.via));
  const stored = spec.columns.filter(
    (column) => columns.includes(column) || ways.has(column.name),
  );
  const rows = ledger
    .rows(spec.base, ids, {
      columns: stored.flatMap((column) => column.stored ?? []),
      longest,
    })
    .map((row): Record<string, SqlValue> => ({ ...row }));
  for (const column of joined) joinTexts(ledger, rows, column, longest);
  return rows;
}

/** Lays the text of the row that each row points to beside it. */
function joinTexts(
  ledger: StoredTables,
  rows: readonly Record<string, SqlValue>[],
  { name, joined }: ShownColumn,
  longest: number,
): void {
  if (joined === undefined) return;
  const { via, table, column } = joined;
  const ids = [...new Set(rows.map((row) => Number(row[via])))];
  const texts = new Map(
    ledger
      .rows(table, ids, { columns: [{ name: column, kind: "text" }], longest })
      .map((row: SqlRow) => [row["id"], row[column] ?? null]),
  );
  for (const row of rows) row[name] = texts.get(row[via] ?? null) ?? null;
}
