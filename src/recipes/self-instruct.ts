/**
 * @file The recipe of a Self-Instruct run with a model at its end: seed tasks → the
 * model's own instructions → fine-tuning of the base on them → what it is worth.
 *
 * Everything under `instruct` is as in the recipe of `autodidact instruct`. Defaults
 * of the method are the paper's (arXiv 2212.10560); optimization keys are those of the
 * self-rewarding recipe.
 */
import { z } from "zod";
import { engine, evaluation } from "./loop-keys.js";
import { recipeModel, recipeName, recipePath } from "./schema-keys.js";
import { optimization } from "./training-keys.js";
import { instructSettingsSchema } from "./instruct.js";
import { atLeastOne, fromZero, positive } from "./numbers.js";

const { epochs: _epochs, ...perStep } = optimization;

/**
 * Teaching M0 the form of the prompts on the seed tasks alone: one model that writes
 * tasks and sorts them, one that writes instances.
 */
const author = z.strictObject({
  tasks: z
    .strictObject({
      ...optimization,
      lists: fromZero
        .default(350)
        .describe("Prompts for new instructions, each with other examples."),
      written: atLeastOne
        .default(7)
        .describe("Instructions in the answer to one of them."),
      sortingWeight: positive
        .default(1)
        .describe(
          "Loss weight of the one word that says whether a task is a classification task.",
        ),
    })
    .describe("The model that writes tasks and sorts them."),
  instances: z
    .strictObject({ ...optimization })
    .describe("The model that writes instances."),
});

/** Models beside M1, trained for as many steps, that show what its data are worth. */
export const CONTROLS = ["seeds", "unfiltered"] as const;

export const selfInstructTrainingSchema = z
  .strictObject({
    kind: z
      .literal("self-instruct")
      .describe("Tells this recipe from one of the loop."),
    name: recipeName().describe("Names the run's folder."),
    seed: fromZero.default(1).describe("Fixes everything that is drawn."),
    base: recipeModel().describe(
      "A checkpoint folder or a Hub id, whose tokenizer has a chat template.",
    ),
    verifier: z
      .enum(["nursery", "none"])
      .default("none")
      .describe(
        "Who knows the truth: the nursery's verifier, or nobody. It only measures.",
      ),
    heldOut: recipePath().describe("Rows {prompt, …} that nothing trains on."),
    instruct: instructSettingsSchema
      .omit({ name: true, seed: true, endpoint: true })
      .describe("The data to write, with the keys of an instruct recipe."),
    engine: engine.prefault({}),
    author: author
      .nullable()
      .default(null)
      .describe("Null asks the base as it is."),
    training: z
      .strictObject({
        ...perStep,
        steps: atLeastOne.describe(
          "Optimizer steps, the same for M1 and the controls.",
        ),
        seedRepeats: atLeastOne
          .default(1)
          .describe(
            "How often each seed task stands among the rows of M1 and of `unfiltered`.",
          ),
      })
      .describe("Fine-tuning of M1 and its controls."),
    controls: z
      .array(z.enum(CONTROLS))
      .default(["seeds"])
      .describe(
        "Models beside M1, trained for as many steps, that show what its data are worth.",
      ),
    evaluation: evaluation.prefault({}).describe("How M0 and M1 are measured."),
    seeds: z
      .array(fromZero)
      .default([])
      .describe(
        "Several runs side by side, one for each seed; `seed` alone when empty.",
      ),
  })
  .refine(
    ({ engine: { generate } }) =>
      generate?.kind !== "vllm" || generate.lora !== "adapter",
    {
      path: ["engine", "generate", "lora"],
      message:
        "No adapters are trained in this kind of run: take this key out.",
    },
  );

export type SelfInstructTrainingRecipe = z.infer<
  typeof selfInstructTrainingSchema
>;
export type Control = (typeof CONTROLS)[number];
