/**
 * @file What M1 learns from: IFT rows (to answer), EFT rows (to judge), and rows that
 * teach to write a new prompt from examples.
 */
import type { PromptCompletionRow } from "../../data/records.js";
import { randomStream } from "../../foundation/random.js";
import type { EftRow } from "../../rewarding/agreeing-judgements.js";
import { fillSlots } from "../../rewarding/rubric.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import type { PromptForm } from "./prompt-form.js";
import type { LoopData } from "./loop-data.js";
import type { RunContext } from "./run-context.js";

/** A training row and what it was made from. */
export interface TeachingRow {
  readonly row: PromptCompletionRow;
  /** Key of a row in the ledger's seed tasks, or a judged answer of the run's judge data. */
  readonly source:
    { readonly seedKey: string } | { readonly candidateId: number };
}

/** An EFT row made of a judged answer of the run. */
export interface MadeEftRow extends EftRow {
  readonly candidateId: number;
}

export interface TeachingRows {
  readonly ift: readonly TeachingRow[];
  readonly eft: readonly TeachingRow[];
  readonly promptWriting: readonly TeachingRow[];
}

/** Ledger keys of the seed rows. */
export const seedKey = {
  ift: (index: number): string => `ift-${index}`,
  eft: (index: number): string => `eft-${index}`,
};

/**
 * Builds the rows; the same recipe and seed give the same rows.
 * @param made the run's own judge data, beside the EFT rows of the recipe
 */
export function teachingRows(
  { data, recipe, form }: Pick<RunContext, "data" | "recipe" | "form">,
  seed: number,
  made: readonly MadeEftRow[] = [],
): TeachingRows {
  const { judge, teaching } = recipe;
  const exchange = exchangeIn(form);
  return {
    ift: data.ift.map(({ prompt, output }, i) => ({
      row: exchange(prompt, output),
      source: { seedKey: seedKey.ift(i) },
    })),
    eft: [
      ...data.eft.map((row, i) => ({
        ...row,
        source: { seedKey: seedKey.eft(i) },
      })),
      ...made.map(({ candidateId, ...row }) => ({
        ...row,
        source: { candidateId },
      })),
    ].map(({ prompt, response, score, rationale = "", source }) => ({
      row: {
        ...exchange(
          fillSlots(judge.template, { prompt, response }),
          fillSlots(judge.answer, { rationale, score: String(score) }).trim(),
        ),
        weight: teaching.judgeWeight,
      },
      source,
    })),
    promptWriting: promptWritingRows({ data, recipe, form }, seed),
  };
}

function promptWritingRows(
  { data, recipe, form }: Pick<RunContext, "data" | "recipe" | "form">,
  seed: number,
): TeachingRow[] {
  const { prompts, teaching } = recipe;
  const exchange = exchangeIn(form);
  const known = [...seedPromptKeys(data)];
  if (known.length === 0) return [];
  const shown = prompts.seedExamples + prompts.ownExamples;
  return Array.from({ length: teaching.promptWritingRows }, (_, row) => {
    const random = randomStream(seed, "prompt-writing-rows", row);
    const [target, ...examples] = random.sample(known, shown + 1);
    const [text, key] = target as readonly [string, string];
    const request = promptRequest(
      examples.map(([example]) => example),
      prompts,
    );
    return { row: exchange(request, text), source: { seedKey: key } };
  });
}

/** Distinct prompts of the seed data in file order, with the key of the first row that has each. */
export function seedPromptKeys(data: LoopData): Map<string, string> {
  const keys = new Map<string, string>();
  const note = (prompt: string, key: string): void => {
    if (!keys.has(prompt)) keys.set(prompt, key);
  };
  data.ift.forEach(({ prompt }, i) => note(prompt, seedKey.ift(i)));
  data.eft.forEach(({ prompt }, i) => note(prompt, seedKey.eft(i)));
  return keys;
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

function exchangeIn({
  ask,
  answer,
}: PromptForm): (prompt: string, completion: string) => PromptCompletionRow {
  return (prompt, completion) => ({
    prompt: ask(prompt),
    completion: answer(completion),
  });
}
