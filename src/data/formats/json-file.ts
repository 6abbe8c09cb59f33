/**
 * @file A file that is one JSON document, checked against its form.
 */
import type { z } from "zod";
import { AutodidactError } from "../../foundation/error.js";
import {
  parseRow,
  readChunks,
  rowProblem,
} from "../../foundation/json-lines.js";
import { checkRow, type FormatDescription } from "./field-errors.js";
import { wholeText } from "./json-array.js";

/** @throws BAD_INPUT naming file and field; its line is that of the document, 1 */
export async function readJsonFile<T>(
  path: string,
  schema: z.ZodType<T>,
  format: FormatDescription,
): Promise<T> {
  const text = await wholeText(path, readChunks(path));
  let value: unknown;
  try {
    value = parseRow(text);
  } catch (cause) {
    throw new AutodidactError(
      "BAD_INPUT",
      `${path} ${rowProblem(cause)}. Give ${format.name}, such as ${format.example}.`,
      { path },
      { cause },
    );
  }
  return checkRow(value, schema, { path, line: 1, format });
}
