/**
 * @file Stanford Alpaca's format: one JSON array of {instruction, input, output}.
 * JSON Lines of the same rows are read too.
 */
import { z } from "zod";
import { writeFileAtomic } from "../../foundation/storage.js";
import {
  checkRow,
  emptyFileError,
  type FormatDescription,
} from "./field-errors.js";
import type { AlpacaRow } from "./instruction-records.js";
import { readJsonArray } from "./json-array.js";
import { readRows, type PlacedRow } from "./rows.js";

export const ALPACA_FORMAT: FormatDescription = {
  name: "the Alpaca format",
  example: '{"instruction": "…", "input": "", "output": "…"}',
};

const text = z.string("it must be text");

const alpacaRow = z.object({
  instruction: text.refine(
    (value) => value.trim() !== "",
    "it must not be blank",
  ),
  // Many Alpaca files leave the input out where it is empty.
  input: text.default(""),
  output: text,
});

/**
 * Reads Alpaca rows with the line of each, in order, from a JSON array or, when
 * `path` ends in `.jsonl`, from JSON Lines.
 * @throws BAD_INPUT naming file, line and field
 */
export async function readPlacedAlpaca(
  path: string,
): Promise<readonly PlacedRow<AlpacaRow>[]> {
  if (path.endsWith(".jsonl")) {
    return readRows<AlpacaRow>(path, alpacaRow, ALPACA_FORMAT);
  }
  const rows = (await readJsonArray(path)).map(({ line, value }) => ({
    path,
    line,
    row: checkRow<AlpacaRow>(value, alpacaRow, {
      path,
      line,
      format: ALPACA_FORMAT,
    }),
  }));
  if (rows.length === 0) throw emptyFileError(path, ALPACA_FORMAT);
  return rows;
}

/** Writes one JSON array, a row a line, all or nothing. @throws STORAGE */
export async function writeAlpaca(
  path: string,
  rows: Iterable<AlpacaRow> | AsyncIterable<AlpacaRow>,
): Promise<void> {
  await writeFileAtomic(path, arrayText(rows));
}

async function* arrayText(
  rows: Iterable<AlpacaRow> | AsyncIterable<AlpacaRow>,
): AsyncGenerator<string> {
  let separator = "[\n";
  for await (const { instruction, input, output } of rows) {
    yield `${separator}${JSON.stringify({ instruction, input, output })}`;
    separator = ",\n";
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}
