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

export const trainDpoCommand = defineCommand({
  name: "train dpo",
  summary: "Train a model on preference pairs",
  description:
    "Rows are {prompt, chosen, rejected}, all text or all lists of messages. The reference is the model as it comes in; its log-probabilities are computed once. The first loss must be ln 2, or the training stops. Run the same command again to continue a training that was stopped.",
  options: {
    ...TRAINING_OPTIONS,
    lr: {
      kind: "number",
      min: 0,
      placeholder: "F",
      description: "Highest learning rate",
      default: 1e-6,
    },
    beta: {
      kind: "number",
      min: 1e-6,
      placeholder: "F",
      description: "How closely the model keeps to the reference",
      default: 0.1,
    },
    loss: {
      kind: "choice",
      choices: ["sigmoid", "ipo"],
      default: "sigmoid",
      description: "Form of the preference loss",
    },
    labelSmoothing: {
      kind: "number",
      min: 0,
      max: 0.5,
      placeholder: "F",
      description: "Probability that a label is wrong, from 0 to 0.5",
      default: 0,
    },
    nllWeight: {
      kind: "number",
      min: 0,
      placeholder: "F",
      description:
        "Weight of the added negative log-likelihood of the chosen side",
      default: 0,
    },
    lengthNormalized: {
      kind: "flag",
      description: "Divide each side's log-ratio by its length",
    },
  },
  examples: [
    {
      line: "autodidact train dpo --model tuned --data pairs.jsonl --out preferred --lr 1e-5 --beta 0.1",
      does: "Trains three epochs on the pairs",
    },
  ],
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
