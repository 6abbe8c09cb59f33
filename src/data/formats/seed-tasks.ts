/**
 * @file The seed task format of the Self-Instruct release, JSON Lines.
 */
import { z } from "zod";
import { rowError } from "./field-errors.js";
import type { SeedTask } from "./instruction-records.js";
import {
  rowReader,
  type PlacedRow,
  type RowFile,
  type RowFormat,
} from "./rows.js";

const text = z.string("it must be text");
const visibleText = text.refine(
  (value) => value.trim() !== "",
  "it must not be blank",
);

const seedTask = z.object({
  id: visibleText,
  name: visibleText,
  instruction: visibleText,
  instances: z
    .array(z.object({ input: text, output: visibleText }), "it must be a list")
    .min(1, "at least one instance is needed"),
  is_classification: z.boolean("it must be true or false"),
});

export const SEED_FORMAT: RowFormat<SeedTask> = {
  name: "the seed task format",
  example:
    '{"id": "seed_1", "name": "antonyms", "instruction": "…", "instances": [{"input": "", "output": "…"}], "is_classification": false}',
  row: seedTask,
};
const readRows = rowReader(SEED_FORMAT);

/**
 * Reads seed tasks in file order.
 * @throws BAD_INPUT naming file, line, field and remedy: a bad row, two tasks with
 *   one id or one instruction, no tasks at all
 */
export async function readSeedTasks(
  source: string | RowFile,
): Promise<readonly SeedTask[]> {
  return distinctSeeds(await readRows(source));
}

/** Equal for instructions that differ in case and white space only: one task, written twice. */
export function instructionKey(instruction: string): string {
  return instruction.trim().replace(/\s+/gu, " ").toLowerCase();
}

/** @throws BAD_INPUT when two tasks share an id or, but for case and white space, an instruction */
export function distinctSeeds(
  rows: readonly PlacedRow<SeedTask>[],
): readonly SeedTask[] {
  refuseRepeats(rows, "id", (id) => id.trim());
  refuseRepeats(rows, "instruction", instructionKey);
  return rows.map(({ row }) => row);
}

function refuseRepeats(
  rows: readonly PlacedRow<SeedTask>[],
  field: "id" | "instruction",
  keyOf: (value: string) => string,
): void {
  const seen = new Map<
    string,
    { readonly line: number; readonly value: string }
  >();
  for (const { path, line, row } of rows) {
    const value = row[field].trim();
    const earlier = seen.get(keyOf(value));
    if (earlier !== undefined) {
      throw rowError(
        { path, line },
        `the ${field} “${value}” was already used on line ${earlier.line}${earlier.value === value ? "" : `, where it differs in case or white space only: “${earlier.value}”`}`,
        "Remove one of the two tasks, or change it.",
        field,
      );
    }
    seen.set(keyOf(value), { line, value });
  }
}
