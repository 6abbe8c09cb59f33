/**
 * @file What judge data are made of (`judgeData`): prompts whose answers a verifier knows,
 * or answers that people ranked.
 */
import { z } from "zod";
import { rowError } from "../../data/formats/field-errors.js";
import { rowReader, type PlacedRow } from "../../data/formats/rows.js";
import { promptField, textField } from "../../evaluation/evaluation-sets.js";
import type { VerifiedPrompt } from "../../evaluation/verifiers/verifier.js";
import { verifierNamed } from "../../evaluation/verifiers/verifiers.js";
import { AutodidactError } from "../../foundation/error.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";

const readPrompts = rowReader({
  name: "prompts for judge data",
  example: '{"prompt": "…"}',
  row: z.looseObject({ prompt: promptField }),
});

const readRanked = rowReader({
  name: "ranked answers",
  example: '{"prompt": "…", "response": "…", "rank": 0}',
  row: z.object({
    prompt: promptField,
    response: textField,
    /** Smaller is better. */
    rank: z.number("it must be a number"),
  }),
});

export interface JudgeDataFile {
  /** Distinct. */
  readonly prompts: readonly VerifiedPrompt[];
  /** Of each prompt; null where the run's model answers. */
  readonly answers: readonly (readonly RankedText[])[] | null;
}

export interface RankedText {
  readonly text: string;
  /** Smaller is better. */
  readonly rank: number;
}

type JudgeDataKeys = Pick<SelfRewardingRecipe, "judgeData" | "verifier">;

/**
 * Null where the recipe makes no judge data.
 * @param ift where prompts come from when the recipe names no file
 * @throws BAD_INPUT for a bad row, rankings without a file, a verifier that is missing or
 *   finds nothing to check
 */
export async function readJudgeData(
  { judgeData, verifier }: JudgeDataKeys,
  ift: readonly PlacedRow<VerifiedPrompt>[],
): Promise<JudgeDataFile | null> {
  if (judgeData === undefined) return null;
  const { source, file } = judgeData;
  const first = judgeData.prompts ?? undefined;
  if (source === "verifier") {
    const placed = file === undefined ? ift : await readPrompts(file);
    const rows = checkedRows(placed, verifier);
    const distinct = new Map(rows.map((row) => [row.prompt, row]));
    return { prompts: [...distinct.values()].slice(0, first), answers: null };
  }
  if (file === undefined)
    throw new AutodidactError(
      "BAD_INPUT",
      "judgeData.source is rankings, but judgeData.file is missing. Name a file of rows {prompt, response, rank}, such as answers.jsonl of autodidact rankings.",
    );
  const answers = new Map<string, RankedText[]>();
  for (const { row } of await readRanked(file))
    answers.set(row.prompt, [
      ...(answers.get(row.prompt) ?? []),
      { text: row.response.trim(), rank: row.rank },
    ]);
  const some = [...answers].slice(0, first);
  return {
    prompts: some.map(([prompt]) => ({ prompt })),
    answers: some.map(([, ranked]) => ranked),
  };
}

function checkedRows(
  placed: readonly PlacedRow<VerifiedPrompt>[],
  name: SelfRewardingRecipe["verifier"],
): VerifiedPrompt[] {
  const verifier = verifierNamed(name);
  if (verifier === null || placed.length === 0)
    throw new AutodidactError(
      "BAD_INPUT",
      verifier === null
        ? "judgeData.source is verifier, but the recipe has none. Say with verifier who knows which answers are right, or take rankings of people."
        : "judgeData.source is verifier, but there are no prompts to answer. Give data.ift or judgeData.file.",
    );
  return placed.map(({ row, ...place }) => {
    if (verifier.familyOf(row) !== null) return row;
    throw rowError(
      place,
      `the verifier “${name}” finds nothing to check in the row`,
      "Give it the fields that docs/verifiers.md names, or name prompts for judge data with judgeData.file.",
    );
  });
}
