/**
 * @file One cell of a row: a number, a flag, a link to the row it points to, or text.
 */
import type { JSX } from "preact";
import type { Cell, ColumnInfo } from "../../api/api.js";
import { useWords } from "../language/words.js";
import { addressOf } from "../route.js";
import { LongText } from "./long-text.js";

/** JSON with line breaks; what is none (it was cut) as it is. */
function laidOut(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}

/** Whether a cell is read as a paragraph rather than beside others on a line. */
export function isProse(column: ColumnInfo, cell: Cell): boolean {
  if (typeof cell !== "string") return false;
  return (
    column.kind === "json" ||
    (column.kind === "text" && (column.searched || !column.sortable)) ||
    cell.length > 60
  );
}

export function CellView(props: {
  readonly run: string;
  readonly column: ColumnInfo;
  readonly cell: Cell;
  /** In full: with line breaks, JSON laid out. Else on one line. */
  readonly full: boolean;
}): JSX.Element {
  const { m, number } = useWords();
  const { run, column, cell, full } = props;
  if (cell === null || cell === "") return <span class="soft">–</span>;
  if (typeof cell === "boolean") return <>{cell ? m.yes : m.no}</>;
  if (column.kind === "reference" && column.references !== null) {
    return (
      <a href={addressOf(["run", run, "row", column.references, String(cell)])}>
        {`#${String(cell)}`}
      </a>
    );
  }
  if (typeof cell === "number")
    return <>{Number.isInteger(cell) ? String(cell) : number(cell)}</>;
  if (!full) return <>{cell}</>;
  return column.kind === "json" ? (
    <LongText text={laidOut(cell)} code />
  ) : (
    <LongText text={cell} />
  );
}
