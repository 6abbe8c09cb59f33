/**
 * @file Reading every row of a JSON Lines file, or of one JSON array, in one format.
 *
 * All rows are checked before any is handed out, so a bad line k never leaves a
 * caller with k − 1 rows half processed.
 */
import type { z } from "zod";
import { readJsonLines, type JsonLine } from "../../foundation/json-lines.js";
import {
  checkRow,
  emptyFileError,
  type FormatDescription,
  type RowPlace,
} from "./field-errors.js";
import { beginsArray, readJsonArray } from "./json-array.js";

/** A row and the line it came from. */
export interface PlacedRow<T> extends RowPlace {
  readonly row: T;
}

/** @throws BAD_INPUT for an unreadable file, a bad line, a bad field, or no rows at all */
export async function readRows<T>(
  path: string,
  schema: z.ZodType<T>,
  format: FormatDescription,
): Promise<readonly PlacedRow<T>[]> {
  const rows: PlacedRow<T>[] = [];
  for await (const { line, value } of await placedValues(path)) {
    rows.push({
      path,
      line,
      row: checkRow(value, schema, { path, line, format }),
    });
  }
  if (rows.length === 0) throw emptyFileError(path, format);
  return rows;
}

/**
 * The values in `path` with their lines, whether it is JSON Lines or one array. No
 * format has lists for rows, so a leading “[” tells.
 * @throws BAD_INPUT, also while they are read
 */
export async function placedValues(
  path: string,
): Promise<Iterable<JsonLine> | AsyncIterable<JsonLine>> {
  return (await beginsArray(path)) ? readJsonArray(path) : readJsonLines(path);
}
