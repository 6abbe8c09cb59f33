/**
 * @file A stored row as the API's row: texts decoded and cut, JSON as its text, flags as
 * flags. The row's joined and computed cells are laid beside its own.
 */
import { decodeBeginning } from "../../ledger/codecs.js";
import type { SqlRow, SqlValue } from "../../ledger/database.js";
import type { Cell, TableRow } from "../api/api.js";
import type { ShownColumn, TableSpec } from "./table-specs.js";

/** The cell of a stored value, and whether its text was cut. */
function cellOf(
  { kind, stored }: ShownColumn,
  value: SqlValue,
  longest: number,
): { readonly cell: Cell; readonly cut: boolean } {
  if (value === null) return { cell: null, cut: false };
  if (kind === "flag") return { cell: value === 1, cut: false };
  if (typeof value === "number") return { cell: value, cut: false };
  const text = stored?.kind === "json" ? value : decodeBeginning(value);
  if (text.length <= longest) return { cell: text, cut: false };
  const beginning = text.slice(0, longest).replace(/[\ud800-\udbff]$/, "");
  return { cell: beginning, cut: true };
}

/**
 * @param row of the ledger, with the joined and computed columns in it
 * @param longest characters of a text that stay
 */
export function tableRow(
  spec: TableSpec,
  row: SqlRow,
  longest: number,
): TableRow {
  const cells: Record<string, Cell> = {};
  const cut: string[] = [];
  for (const column of spec.columns) {
    const made = cellOf(column, row[column.name] ?? null, longest);
    cells[column.name] = made.cell;
    if (made.cut) cut.push(column.name);
  }
  return { id: Number(row["id"]), cells, cut };
}
