/**
 * @file How often each kind of constraint was met in answers that were graded, and the
 * kinds among them from which a model can learn: met sometimes, not always.
 */
import { z } from "zod";
import { rowReader } from "../data/formats/rows.js";
import { rowError } from "../data/formats/field-errors.js";

const gradedRow = z.looseObject({
  instruction_id_list: z.array(
    z.string("it must be text"),
    "it must be a list",
  ),
  follow_list_strict: z.array(
    z.boolean("it must be true or false"),
    "it must be a list",
  ),
});

const readGradedRows = rowReader({
  name: "a file of graded answers, as evaluate --suite ifeval writes it",
  example:
    '{"instruction_id_list": ["punctuation:no_comma"], "follow_list_strict": [true]}',
  row: gradedRow,
});

export interface KindDifficulty {
  readonly kind: string;
  /** Constraints of the kind that were graded. */
  readonly graded: number;
  /** How many of them were followed strictly. */
  readonly met: number;
}

/** By kind, in the order of their first appearance. @throws BAD_INPUT naming file and line */
export async function readDifficulty(
  path: string,
): Promise<readonly KindDifficulty[]> {
  const counts = new Map<string, { graded: number; met: number }>();
  for (const { row, ...place } of await readGradedRows(path)) {
    const { instruction_id_list: ids, follow_list_strict: followed } = row;
    if (ids.length !== followed.length)
      throw rowError(
        place,
        `there are ${ids.length} constraints in “instruction_id_list” and ${followed.length} verdicts in “follow_list_strict”`,
        "Grade the answers again with evaluate --suite ifeval.",
        "follow_list_strict",
      );
    ids.forEach((kind, i) => {
      const count = counts.get(kind) ?? { graded: 0, met: 0 };
      counts.set(kind, {
        graded: count.graded + 1,
        met: count.met + Number(followed[i]),
      });
    });
  }
  return [...counts].map(([kind, count]) => ({ kind, ...count }));
}

/** The kinds met at least the share `low` of the time and at most `high`. */
export function kindsWithin(
  difficulties: readonly KindDifficulty[],
  [low, high]: readonly [low: number, high: number],
): string[] {
  return difficulties
    .filter(({ graded, met }) => met >= low * graded && met <= high * graded)
    .map(({ kind }) => kind);
}
