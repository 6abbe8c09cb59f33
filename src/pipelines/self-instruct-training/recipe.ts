/**
 * @file The recipe of a Self-Instruct run with a model at its end: seed tasks → the
 * model's own instructions → fine-tuning of the base on them → what it is worth.
 *
 * Everything under `instruct` is as in the recipe of `autodidact instruct`. Defaults
 * of the method are the paper's (arXiv 2212.10560); optimization keys are those of the
 * self-rewarding recipe.
 */
import { z } from "zod";
import { recipeModel, recipePath } from "../../recipes/schema-keys.js";
import { optimization } from "../../recipes/self-rewarding.js";
import { instructSettingsSchema } from "../self-instruct/settings.js";

const { epochs: _epochs, ...perStep } = optimization;
const count = z.int().min(0);

/**
 * Teaching M0 the form of the prompts on the seed tasks alone: one model that writes
 * tasks and sorts them, one that writes instances.
 */
const author = z.strictObject({
  tasks: z.strictObject({
    ...optimization,
    /** Prompts for new instructions, each with other examples. */
    lists: count.default(350),
    /** Instructions in the answer to one of them. */
    written: z.int().min(1).default(7),
    /** Loss weight of the one word that says whether a task is a classification task. */
    sortingWeight: z.number().positive().default(1),
  }),
  instances: z.strictObject({ ...optimization }),
});

/** Models beside M1, trained for as many steps, that show what its data are worth. */
export const CONTROLS = ["seeds", "unfiltered"] as const;

export const selfInstructTrainingSchema = z.strictObject({
  kind: z.literal("self-instruct"),
  name: z.string().regex(/^[\w-]+$/),
  seed: z.int().min(0).default(1),
  /** A checkpoint folder or a Hub id, whose tokenizer has a chat template. */
  base: recipeModel(),
  /** Who knows the truth: the nursery's verifier, or nobody. It only measures. */
  verifier: z.enum(["nursery", "none"]).default("none"),
  /** Rows {prompt, …} that nothing trains on. */
  heldOut: recipePath(),
  instruct: instructSettingsSchema.omit({ name: true, seed: true }),
  /** Null asks the base as it is. */
  author: author.nullable().default(null),
  training: z.strictObject({
    ...perStep,
    /** Optimizer steps, the same for M1 and the controls. */
    steps: z.int().min(1),
    /** How often each seed task stands among the rows of M1 and of `unfiltered`. */
    seedRepeats: z.int().min(1).default(1),
  }),
  controls: z.array(z.enum(CONTROLS)).default(["seeds"]),
  evaluation: z
    .strictObject({
      temperature: z.number().min(0).default(0.7),
      samplesPerPrompt: count.default(2),
      maxTokens: z.int().min(1).default(512),
      resamples: z.int().min(1).default(2000),
    })
    .prefault({}),
  /** Several runs side by side, one for each seed; `seed` alone when empty. */
  seeds: z.array(z.int().min(0)).default([]),
});

export type SelfInstructTrainingRecipe = z.infer<
  typeof selfInstructTrainingSchema
>;
export type Control = (typeof CONTROLS)[number];
