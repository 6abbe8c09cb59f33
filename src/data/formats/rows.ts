/**
 * @file Reading every row of a JSON Lines file, of one JSON array, or of objects that
 * are printed over several lines, in one format.
 *
 * The content tells which it is, never the name of the file: no format has lists for
 * rows, so a leading “[” opens an array; an object that the first line does not end
 * goes on over further lines. A file is read once. All rows are
 * checked before any is handed out, so a bad line k never leaves a caller with k − 1
 * rows half processed.
 */
import type { z } from "zod";
import {
  MAX_LINE_BYTES,
  readChunks,
  readJsonLines,
  type JsonLine,
} from "../../foundation/json-lines.js";
import {
  checkRow,
  emptyFileError,
  type FormatDescription,
  type RowPlace,
} from "./field-errors.js";
import { isUnfinished, readJsonDocument } from "./json-array.js";

/** A row and the line it came from. */
export interface PlacedRow<T> extends RowPlace {
  readonly row: T;
}

/** A format as messages name it, with what checks its rows. */
export interface RowFormat<T> extends FormatDescription {
  /** The schema of every row, or what gives it for a row. */
  readonly row: z.ZodType<T> | ((value: unknown) => z.ZodType<T>);
}

/** What a file holds, before it is known in which format. */
export interface RowFile {
  readonly path: string;
  readonly values: readonly JsonLine[];
}

/** @throws BAD_INPUT for an unreadable file or a bad line */
export async function readRowFile(path: string): Promise<RowFile> {
  const values: JsonLine[] = [];
  for await (const value of placedValues(path)) values.push(value);
  return { path, values };
}

/**
 * What reads the rows of a file, or of what was read of one, with the line of each.
 * @throws BAD_INPUT for an unreadable file, a bad line, a bad field, or no rows at all
 */
export function rowReader<T>(format: RowFormat<T>) {
  return async (source: string | RowFile): Promise<readonly PlacedRow<T>[]> => {
    const { path, values } =
      typeof source === "string" ? await readRowFile(source) : source;
    if (values.length === 0) throw emptyFileError(path, format);
    return values.map(({ line, value }) => {
      const schema =
        typeof format.row === "function" ? format.row(value) : format.row;
      const where = { path, line, format };
      return { path, line, row: checkRow(value, schema, where) };
    });
  };
}

/**
 * The values in `path` with their lines.
 * @param chunks its bytes, where they are not those of the file
 * @throws BAD_INPUT while they are read
 */
export async function* placedValues(
  path: string,
  chunks: AsyncGenerator<Buffer> = readChunks(path),
): AsyncGenerator<JsonLine> {
  try {
    const head: Buffer[] = [];
    let line = "";
    let bytes = 0;
    for (let ended = false; !ended && bytes <= MAX_LINE_BYTES;) {
      const next = await chunks.next();
      if (next.done === true) break;
      head.push(next.value);
      bytes += next.value.length;
      const text = next.value.toString("utf8");
      // A mark of byte order counts as white space.
      const more: string = line === "" ? text.trimStart() : text;
      const end = more.indexOf("\n");
      ended = end >= 0 || (line || more).startsWith("[");
      line += end < 0 ? more : more.slice(0, end);
    }
    const all = (async function* () {
      yield* head;
      yield* chunks;
    })();
    const isDocument = line.startsWith("[") || isUnfinished(line);
    const read = isDocument ? readJsonDocument : readJsonLines;
    yield* read(path, all);
  } finally {
    // Whoever stops at a bad row of the head has not come to the chunks.
    await chunks.return(undefined);
  }
}
