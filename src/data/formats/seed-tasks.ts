/**
 * @file The seed task format of the Self-Instruct release, JSON Lines.
 */
import { z } from "zod";
import { writeJsonLines } from "../../foundation/json-lines.js";
import {
  checkRow,
  rowError,
  type FormatDescription,
  type RowPlace,
} from "./field-errors.js";
import type { SeedTask } from "./instruction-records.js";
import { readRows, type PlacedRow } from "./rows.js";

export const SEED_FORMAT: FormatDescription = {
  name: "the seed task format",
  example:
    '{"id": "seed_1", "name": "antonyms", "instruction": "…", "instances": [{"input": "", "output": "…"}], "is_classification": false}',
};

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

/**
 * Reads seed tasks in file order.
 * @throws BAD_INPUT naming file, line, field and remedy: a bad row, two tasks with
 *   one id or one instruction, no tasks at all
 */
export async function readSeedTasks(
  path: string,
): Promise<readonly SeedTask[]> {
  return distinctSeeds(await readRows<SeedTask>(path, seedTask, SEED_FORMAT));
}

/** One already parsed value as a seed task. @throws BAD_INPUT */
export function checkSeedTask(value: unknown, place: RowPlace): SeedTask {
  return checkRow<SeedTask>(value, seedTask, { ...place, format: SEED_FORMAT });
}

/** @throws BAD_INPUT when two tasks share an id or an instruction */
export function distinctSeeds(
  rows: readonly PlacedRow<SeedTask>[],
): readonly SeedTask[] {
  const seen = {
    id: new Map<string, number>(),
    instruction: new Map<string, number>(),
  };
  for (const { path, line, row } of rows) {
    for (const field of ["id", "instruction"] as const) {
      const value = row[field].trim();
      const earlier = seen[field].get(value);
      if (earlier !== undefined) {
        throw rowError(
          { path, line },
          `the ${field} “${value}” was already used on line ${earlier}`,
          "Remove one of the two tasks, or change it.",
          field,
        );
      }
      seen[field].set(value, line);
    }
  }
  return rows.map(({ row }) => row);
}

/** Writes seed tasks, all or nothing. @throws STORAGE */
export async function writeSeedTasks(
  path: string,
  tasks: Iterable<SeedTask> | AsyncIterable<SeedTask>,
): Promise<void> {
  await writeJsonLines(path, tasks);
}
