/**
 * @file The recipe of a self-rewarding run: every number of the loop as a key.
 *
 * Defaults are the paper's where it states one (Self-Rewarding Language Models,
 * arXiv 2401.10020; docs/paper-index.md says where). Paths are relative to the recipe.
 */
import { z } from "zod";
import {
  candidates,
  data,
  engine,
  evaluation,
  judge,
  judgeData,
  pairKeys,
  prompts,
  stop,
} from "./loop-keys.js";
import { VERIFIER_NAMES } from "../evaluation/verifiers/verifiers.js";
import { overridesOf } from "./overrides.js";
import { recipeModel, recipeName } from "./schema-keys.js";
import { preference, rewardTraining, teaching } from "./training-keys.js";
import { fromZero, positive, positiveInt } from "./numbers.js";

const loop = {
  rounds: fromZero
    .default(2)
    .describe("Preference rounds: 2 gives M2 and M3, as in the paper."),
  base: recipeModel().describe(
    "M0: a checkpoint folder, an adapter folder, or a Hub id.",
  ),
  revision: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe(
      "Branch, tag or commit of a Hub id; a run keeps the commit it began with.",
    ),
  plainPrompt: z
    .string()
    .refine((text) => text.includes("{prompt}"), "it needs the slot {prompt}.")
    .default("{prompt}\n")
    .describe("How a prompt is put to a checkpoint that has no chat template."),
  verifier: z
    .enum(VERIFIER_NAMES)
    .default("none")
    .describe(
      "Who knows the truth: the nursery's verifier, that of `constraints` or of `exact` answers in the rows, or nobody.",
    ),
  data,
  engine: engine.prefault({}),
  saveEvery: positiveInt
    .default(500)
    .describe(
      "Optimizer steps between saved states, from which a killed training goes on.",
    ),
  judgeData: judgeData
    .exactOptional()
    .describe(
      "Judge data made in the run, beside data.eft: a model taught on IFT and data.eft judges answers of known order, and where it follows the order M1 learns from its judgements.",
    ),
  teaching: teaching.prefault({}),
  prompts: prompts.prefault({}),
  candidates: candidates.prefault({}),
  judge: judge.prefault({}),
  pairs: pairKeys.prefault({}),
  preference: preference.prefault({}),
  rewardTraining: rewardTraining
    .optional()
    .describe("With judge.source `reward-model` and no judge.rewardModel."),
  evaluation: evaluation.prefault({}),
  stop: stop.prefault({}),
};

/** One engine computes all arms. */
const { engine: _engine, ...armable } = loop;

/** What an arm of a comparison changes; everything else stays equal. */
const arm = z.strictObject({
  name: recipeName().describe("Names the arm's folder."),
  note: z
    .string()
    .default("")
    .describe("What is different about it, for the report."),
  source: judge.shape.source
    .unwrap()
    .optional()
    .describe(
      "Short for judge.source, preference.mode and preference.learningRate.",
    ),
  mode: preference.shape.mode
    .unwrap()
    .optional()
    .describe("Short for preference.mode."),
  learningRate: positive
    .optional()
    .describe("Short for preference.learningRate."),
  seeds: z
    .array(z.number().int())
    .optional()
    .describe("Seeds of this arm instead of the recipe's."),
  ...overridesOf(armable),
});

const recipe = z.strictObject({
  kind: z
    .literal("self-rewarding")
    .optional()
    .describe("May be said; a recipe that says nothing is of this kind."),
  name: recipeName().describe("Names the run's folder."),
  seed: z.number().int().default(1).describe("Fixes everything that is drawn."),
  ...loop,
  arms: z
    .array(arm)
    .default([])
    .describe(
      "A comparison: each arm runs with each seed; seeds alone are one arm.",
    ),
  seeds: z
    .array(z.number().int())
    .default([])
    .describe("One run for each, side by side; `seed` alone when empty."),
});

/** Ranks of the adapters that a run keeps above one another, together. */
export function stackedRank({
  teaching,
  preference,
  rounds,
}: Pick<z.infer<typeof recipe>, "teaching" | "preference" | "rounds">): number {
  const [taught, preferred] = [teaching, preference].map(({ lora }) =>
    lora?.keepAdapter ? lora.rank : 0,
  ) as [number, number];
  return taught + rounds * preferred;
}

export const selfRewardingSchema = recipe.refine(
  ({ engine: { generate }, preference }) =>
    generate?.kind !== "vllm" ||
    generate.lora !== "adapter" ||
    preference.lora?.keepAdapter === true,
  {
    path: ["engine", "generate", "lora"],
    message:
      "It serves the adapters that rounds leave, and they leave none: set preference.lora with keepAdapter: true, or take this key out.",
  },
);

export type SelfRewardingRecipe = z.infer<typeof selfRewardingSchema>;
