/**
 * @file `autodidact train reward`: a reward model from ranked pairs.
 */
import { trainRewardOnFile } from "../../pipelines/stages/train.js";
import { defineCommand } from "../command.js";
import { number } from "../options.js";
import {
  AFTER_INTERRUPT,
  optimizationOf,
  runTraining,
  TRAINING_OPTIONS,
} from "../training-options.js";

export const trainRewardCommand = defineCommand({
  name: "train reward",
  summary: "Train a reward model on ranked pairs",
  description:
    "Rows are {prompt, chosen, rejected}, all text or all lists of messages; the prompt may be left out where both sides begin with it, and a margin says by how much the chosen reward is to be larger. A model that writes gets a head with one output, drawn from the seed; a reward model is trained further. The loss is that of Bradley and Terry, as in TRL's RewardTrainer; rows with a side above --max-length are left out. The result opens in transformers as AutoModelForSequenceClassification, and judges with judge --reward-model or the recipe key judge.source: reward-model. Run the same command again to continue a training that was stopped.",
  options: {
    ...TRAINING_OPTIONS,
    lr: number("F", "Highest learning rate", { min: 0, default: 1e-4 }),
    centerRewards: number(
      "F",
      "Weight of the squared sum of a pair's rewards, which keeps them around zero; 0.01 is usual",
      { min: 0, default: 0 },
    ),
  },
  examples: {
    "autodidact train reward --model tuned --data pairs.jsonl --out reward-model --epochs 1":
      "Trains one epoch on the pairs",
  },
  afterInterrupt: AFTER_INTERRUPT,
  run: (values, io) =>
    runTraining(values, io, (order) =>
      trainRewardOnFile(order, {
        ...optimizationOf(values, values.lr),
        centerRewardsCoefficient: values.centerRewards,
      }),
    ),
});
