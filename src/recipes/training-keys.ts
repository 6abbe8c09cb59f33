/**
 * @file Keys of a recipe that say how models are trained, each with its default and what
 * it means; docs/recipes.md is written from them.
 */
import { z } from "zod";
import {
  fromZero,
  notNegative,
  positive,
  positiveInt,
  share,
} from "./numbers.js";

/** Keys of every training, with the defaults of the self-rewarding recipe. */
export const optimization = {
  learningRate: positive.describe("Peak step size of AdamW."),
  epochs: positive.default(1).describe("Passes over the rows."),
  batchSize: positiveInt
    .default(16)
    .describe("Rows in one forward and backward pass."),
  gradientAccumulation: positiveInt
    .default(1)
    .describe("Batches whose gradients make one optimizer step."),
  schedule: z
    .enum(["linear", "cosine", "constant"])
    .default("cosine")
    .describe("How the learning rate falls after the warm-up."),
  warmupRatio: share
    .default(0)
    .describe("Share of the steps in which the learning rate rises from 0."),
  minLearningRateRatio: share
    .default(0.2)
    .describe("Where the schedule ends, as a share of the peak."),
  weightDecay: notNegative
    .default(0)
    .describe("AdamW's decoupled weight decay."),
  beta1: share.default(0.9).describe("AdamW's decay of the mean gradient."),
  beta2: share
    .default(0.999)
    .describe("AdamW's decay of the mean squared gradient."),
  epsilon: positive
    .default(1e-8)
    .describe("AdamW's term against division by zero."),
  maxGradNorm: notNegative
    .default(1)
    .describe("Gradients are scaled down to this norm; 0 leaves them."),
  maxLength: positiveInt
    .default(1024)
    .describe("Most tokens of a row; longer rows are cut."),
  gradientCheckpointing: z
    .boolean()
    .default(false)
    .describe(
      "Keep less for the way back and compute it again: far less memory, a third more time, the same numbers.",
    ),
};

const lora = z
  .strictObject({
    rank: positiveInt.default(16).describe("Rank of the update."),
    alpha: positive
      .default(32)
      .describe("The update is scaled by alpha / rank."),
    targets: z
      .array(z.string().min(1))
      .nullable()
      .default(null)
      .describe(
        "Last names of the adapted layers; null for every linear layer but the head.",
      ),
    keepAdapter: z
      .boolean()
      .default(false)
      .describe(
        "Beside the merged checkpoint, leave the adapter too, as M2-adapter.",
      ),
    base: z
      .enum(["float32", "int8"])
      .default("float32")
      .describe(
        "How the frozen weights are kept while training; int8 takes a quarter and rounds.",
      ),
  })
  .nullable()
  .default(null)
  .describe(
    "Low-rank adaptation instead of training all weights, with TRL's defaults; null trains all.",
  );

/** How M1 is taught. */
export const teaching = z.strictObject({
  ...optimization,
  lora,
  learningRate: positive.default(5.5e-6).describe("Peak step size of AdamW."),
  epochs: positive.default(2).describe("Passes over the rows."),
  judgeWeight: positive
    .default(1)
    .describe("Loss weight of an EFT row's tokens against an IFT row's."),
  promptWritingRows: fromZero
    .default(0)
    .describe("Rows that teach to write new prompts from examples."),
});

/** How each later model is trained. */
export const preference = z.strictObject({
  ...optimization,
  lora,
  learningRate: positive.default(1e-6).describe("Peak step size of AdamW."),
  minLearningRateRatio: share
    .default(0.1)
    .describe("Where the schedule ends, as a share of the peak."),
  mode: z
    .enum(["dpo", "sft-best"])
    .default("dpo")
    .describe(
      "`sft-best` trains on the best candidate alone (the paper's ablation).",
    ),
  beta: positive
    .default(0.1)
    .describe("DPO's beta: how much a step away from the reference costs."),
  loss: z
    .enum(["sigmoid", "ipo"])
    .default("sigmoid")
    .describe("The loss of a pair: DPO's, or IPO's squared distance."),
  labelSmoothing: notNegative
    .max(0.5)
    .default(0)
    .describe(
      "Probability that a pair is taken to point the wrong way (cDPO).",
    ),
  nllWeight: notNegative
    .default(0)
    .describe("Weight of the chosen answer's own negative log-likelihood."),
  lengthNormalized: z
    .boolean()
    .default(false)
    .describe("Log-probabilities are averaged over tokens instead of summed."),
  rehearsalEvery: fromZero
    .default(0)
    .describe(
      "A batch of rehearsal rows after every this many steps; 0 for none.",
    ),
  rehearsalBatchSize: fromZero
    .default(0)
    .describe("Rows in a rehearsal batch."),
  rehearse: z
    .array(z.enum(["ift", "eft", "promptWriting"]))
    .default(["eft"])
    .describe("What is rehearsed."),
});

/** How a reward model is made of M1. */
export const rewardTraining = z.strictObject({
  ...optimization,
  lora,
  learningRate: positive.default(1e-5).describe("Peak step size of AdamW."),
  centerRewards: notNegative
    .default(0)
    .describe(
      "Weight of the squared sum of a pair's rewards, which keeps them around zero.",
    ),
});

export type RewardTrainingKeys = z.infer<typeof rewardTraining>;
