/**
 * @file `autodidact train dpo`: direct preference optimization on a data file.
 */
import { trainDpoOnFile } from "../../pipelines/stages/train.js";
import { defineCommand } from "../command.js";
import {
  AFTER_INTERRUPT,
  optimizationOf,
  runTraining,
  TRAINING_OPTIONS,
} from "../training-options.js";
import { choice, flagOption, number } from "../options.js";

export const trainDpoCommand = defineCommand({
  name: "train dpo",
  summary: "Train a model on preference pairs",
  description:
    "Rows are {prompt, chosen, rejected}, all text or all lists of messages. The reference is the model as it comes in; its log-probabilities are computed once. The first loss must be ln 2, or the training stops. Run the same command again to continue a training that was stopped.",
  options: {
    ...TRAINING_OPTIONS,
    lr: number("F", "Highest learning rate", { min: 0, default: 1e-6 }),
    beta: number("F", "How closely the model keeps to the reference", {
      min: 1e-6,
      default: 0.1,
    }),
    loss: choice(["sigmoid", "ipo"], "Form of the preference loss", {
      default: "sigmoid",
    }),
    labelSmoothing: number(
      "F",
      "Probability that a label is wrong, from 0 to 0.5",
      { min: 0, max: 0.5, default: 0 },
    ),
    nllWeight: number(
      "F",
      "Weight of the added negative log-likelihood of the chosen side",
      { min: 0, default: 0 },
    ),
    lengthNormalized: flagOption("Divide each side's log-ratio by its length"),
  },
  examples: {
    "autodidact train dpo --model tuned --data pairs.jsonl --out preferred --lr 1e-5 --beta 0.1":
      "Trains three epochs on the pairs",
  },
  afterInterrupt: AFTER_INTERRUPT,
  run: (values, io) => {
    const { beta, loss, labelSmoothing, nllWeight, lengthNormalized } = values;
    return runTraining(values, io, (order) =>
      trainDpoOnFile(order, {
        ...optimizationOf(values, values.lr),
        beta,
        loss,
        labelSmoothing,
        nllWeight,
        lengthNormalized,
        rehearsalEvery: 0,
        rehearsalBatchSize: 0,
      }),
    );
  },
});
