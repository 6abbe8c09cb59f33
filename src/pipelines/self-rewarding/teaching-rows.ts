/**
 * @file What M1 learns from: IFT rows (to answer), EFT rows (to judge), and rows that
 * teach to write a new prompt from examples.
 */
import type { PromptCompletionRow } from "../../data/records.js";
import { randomStream } from "../../foundation/random.js";
import { fillSlots } from "../../judging/rubric.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import type { LoopData } from "./loop-data.js";

export interface TeachingRows {
  readonly ift: readonly PromptCompletionRow[];
  readonly eft: readonly PromptCompletionRow[];
  readonly promptWriting: readonly PromptCompletionRow[];
}

/** Builds the rows; the same recipe and seed give the same rows. */
export function teachingRows(
  data: LoopData,
  recipe: SelfRewardingRecipe,
  seed: number,
): TeachingRows {
  const { judge, teaching } = recipe;
  return {
    ift: data.ift.map(({ prompt, output }) => exchange(prompt, output)),
    eft: data.eft.map(({ prompt, response, score, rationale = "" }) => ({
      ...exchange(
        fillSlots(judge.template, { prompt, response }),
        fillSlots(judge.answer, { rationale, score: String(score) }).trim(),
      ),
      weight: teaching.judgeWeight,
    })),
    promptWriting: promptWritingRows(data, recipe, seed),
  };
}

function promptWritingRows(
  data: LoopData,
  { prompts, teaching }: SelfRewardingRecipe,
  seed: number,
): PromptCompletionRow[] {
  const known = seedPrompts(data);
  const shown = prompts.seedExamples + prompts.ownExamples;
  return Array.from({ length: teaching.promptWritingRows }, (_, row) => {
    const drawn = randomStream(seed, "prompt-writing-rows", row).sample(
      known,
      shown + 1,
    );
    const [target = "", ...examples] = drawn;
    return exchange(promptRequest(examples, prompts), target);
  });
}

/** Distinct prompts of the seed data, in file order. */
export function seedPrompts(data: LoopData): string[] {
  return [...new Set([...data.ift, ...data.eft].map(({ prompt }) => prompt))];
}

/** The text that asks for one new prompt. */
export function promptRequest(
  examples: readonly string[],
  settings: Pick<SelfRewardingRecipe["prompts"], "template" | "separator">,
): string {
  return fillSlots(settings.template, {
    tasks: examples.join(settings.separator),
  });
}

function exchange(prompt: string, completion: string): PromptCompletionRow {
  return {
    prompt: [{ role: "user", content: prompt }],
    completion: [{ role: "assistant", content: completion }],
  };
}
