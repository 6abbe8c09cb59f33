/**
 * @file Prompts that a recipe brings along (`prompts.file`): rows with what the verifier
 * reads of them. Each round takes others of them, in an order that the seed makes.
 */
import { z } from "zod";
import { rowError } from "../../data/formats/field-errors.js";
import { rowReader } from "../../data/formats/rows.js";
import { promptField } from "../../evaluation/evaluation-sets.js";
import type {
  VerifiedPrompt,
  Verifier,
} from "../../evaluation/verifiers/verifier.js";
import { verifierNamed } from "../../evaluation/verifiers/verifiers.js";
import { AutodidactError } from "../../foundation/error.js";
import { randomStream } from "../../foundation/random.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";

const readRows = rowReader({
  name: "a file of prompts",
  example: '{"prompt": "…"}',
  row: z.looseObject({ prompt: promptField }),
});

type PromptFileKeys = Pick<
  SelfRewardingRecipe,
  "prompts" | "rounds" | "verifier"
>;

/**
 * Null where the recipe has none.
 * @throws BAD_INPUT for a bad row, a prompt that is there twice or that the verifier
 *   cannot read, and for fewer rows than the rounds take
 */
export async function readPromptFile({
  prompts: { file, count },
  rounds,
  verifier: name,
}: PromptFileKeys): Promise<readonly VerifiedPrompt[] | null> {
  if (file === undefined) return null;
  const verifier = verifierNamed(name);
  const placed = await readRows(file);
  const lines = new Map<string, number>();
  for (const { row, ...place } of placed) {
    const earlier = lines.get(row.prompt);
    if (earlier !== undefined)
      throw rowError(
        place,
        `the prompt is already on line ${earlier}`,
        "Remove one of the two: an answer must belong to one row.",
        "prompt",
      );
    lines.set(row.prompt, place.line);
    if (verifier !== null && verifier.familyOf(row) === null)
      throw rowError(
        place,
        `the verifier “${name}” finds nothing to check in the row`,
        "Give it the fields that docs/verifiers.md names, or remove it.",
      );
  }
  if (placed.length < count * rounds)
    throw new AutodidactError(
      "BAD_INPUT",
      `${file} has ${placed.length} prompts, and ${rounds} rounds of ${count} take ${count * rounds}. Lower prompts.count, or add prompts.`,
      { path: file, prompts: placed.length, wanted: count * rounds },
    );
  return placed.map(({ row }) => row);
}

/** The rows of a round, from 1. */
export function promptsOfRound(
  rows: readonly VerifiedPrompt[],
  { seed, prompts: { count } }: Pick<SelfRewardingRecipe, "seed" | "prompts">,
  round: number,
): readonly VerifiedPrompt[] {
  return randomStream(seed, "prompt-file")
    .shuffle(rows)
    .slice((round - 1) * count, round * count);
}

/** The verifier as it is, or one that finds the row of a prompt of the file. */
export function verifierOfRows(
  verifier: Verifier | null,
  rows: readonly VerifiedPrompt[],
): Verifier | null {
  if (verifier === null || rows.length === 0) return verifier;
  const known = new Map(rows.map((row) => [row.prompt, row]));
  const whole = (row: VerifiedPrompt): VerifiedPrompt =>
    known.get(row.prompt) ?? row;
  return {
    verify: (row, response, finished) =>
      verifier.verify(whole(row), response, finished),
    familyOf: (row) => verifier.familyOf(whole(row)),
  };
}
