/**
 * @file Brings the full-text index up to the ledger, in slices of some milliseconds
 * between which the process does other things.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { decodeBeginning } from "../../ledger/codecs.js";
import type { SqlRow } from "../../ledger/database.js";
import type { StoredTables } from "../../ledger/stored-tables.js";
import { stringsIn } from "./json-strings.js";
import { wholeRows } from "./shown-rows.js";
import {
  columnNamed,
  type ShownColumn,
  type TableSpec,
} from "./table-specs.js";
import type { TextIndex } from "./text-index.js";

/** Characters of a text that are searched. */
export const SEARCHED_LENGTH = 100_000;
/** Characters taken in at once; some milliseconds. */
const SLICE = 150_000;
const MOST_ROWS = 1000;

/** Columns that a search looks into; where a table has no index, all that hold text. */
export function searchedColumns({
  columns,
}: TableSpec): readonly ShownColumn[] {
  const searched = columns.filter((column) => column.searched);
  return searched.length > 0
    ? searched
    : columns.filter(
        ({ kind, sortable }) =>
          kind === "json" || (kind === "text" && !sortable),
      );
}

/** The name under which the texts of a table are indexed; null where they are not. */
export function indexName({ name, base, columns }: TableSpec): string | null {
  const searched = columns.filter((column) => column.searched);
  if (searched.length === 0) return null;
  return searched.some(({ joined }) => joined !== undefined) ? name : base;
}

/** Texts of a row in `columns`, as they were before they were stored. */
export function textsOf(
  row: SqlRow,
  columns: readonly ShownColumn[],
): string[] {
  return columns.flatMap(({ name, kind }) => {
    const value = row[name];
    if (typeof value !== "string") return [];
    return [kind === "json" ? stringsIn(value) : decodeBeginning(value)];
  });
}

/** Takes in all rows that are there now. */
export async function indexTexts(
  ledger: StoredTables,
  index: TextIndex,
  spec: TableSpec,
  signal: AbortSignal,
): Promise<void> {
  const name = indexName(spec);
  if (name === null) return;
  const searched = searchedColumns(spec);
  const stage = columnNamed(spec, "stage");
  const columns = stage === undefined ? searched : [...searched, stage];
  const last = ledger.lastId(spec.base);
  let count = 50;
  for (let done = index.last(name); done < last;) {
    signal.throwIfAborted();
    const until = Math.min(last, done + count);
    const ids = Array.from({ length: until - done }, (_, i) => done + 1 + i);
    const rows = wholeRows(ledger, spec, {
      ids,
      columns,
      longest: SEARCHED_LENGTH,
    });
    const texts = rows
      .filter((row) => spec.stage === null || row["stage"] === spec.stage)
      .map((row) => ({
        id: Number(row["id"]),
        text: withoutRepeats(textsOf(row, searched)).join("\n"),
      }));
    index.add(name, texts, until);
    const size = texts.reduce((sum, { text }) => sum + text.length, 1);
    count = Math.max(
      1,
      Math.min(MOST_ROWS, Math.round((ids.length * SLICE) / size)),
    );
    done = until;
    await nextTurn();
  }
}

/** Without those that another holds, as a judgement's words hold its reasons. */
function withoutRepeats(texts: readonly string[]): string[] {
  return texts.filter(
    (text, i) =>
      !texts.some(
        (other, j) =>
          i !== j &&
          other.includes(text) &&
          (other.length > text.length || j < i),
      ),
  );
}
