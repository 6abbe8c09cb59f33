/**
 * @file Stanford Alpaca's format: one JSON array of {instruction, input, output}.
 * JSON Lines of the same rows are read too.
 */
import { z } from "zod";
import { rowText } from "../../foundation/json-lines.js";
import { writeFileAtomic } from "../../foundation/storage.js";
import type { AlpacaRow } from "./instruction-records.js";
import { rowReader } from "./rows.js";

const text = z.string("it must be text");

const alpacaRow: z.ZodType<AlpacaRow> = z.object({
  instruction: text.refine(
    (value) => value.trim() !== "",
    "it must not be blank",
  ),
  // Many Alpaca files leave the input out, or write null, where it is empty.
  input: text.nullish().transform((value) => value ?? ""),
  output: text,
});

export const readPlacedAlpaca = rowReader({
  name: "the Alpaca format",
  example: '{"instruction": "…", "input": "", "output": "…"}',
  row: alpacaRow,
});

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
  for await (const { instruction, input, output, ...rest } of rows) {
    yield `${separator}${rowText({ instruction, input, output, ...rest })}`;
    separator = ",\n";
  }
  yield separator === "[\n" ? "[]\n" : "\n]\n";
}
