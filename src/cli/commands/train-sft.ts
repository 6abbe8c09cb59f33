/**
 * @file `autodidact train sft`: supervised fine-tuning on a data file.
 */
import { trainSftOnFile } from "../../pipelines/stages/train.js";
import { defineCommand } from "../command.js";
import {
  AFTER_INTERRUPT,
  optimizationOf,
  runTraining,
  TRAINING_OPTIONS,
} from "../training-options.js";
import { number } from "../options.js";

export const trainSftCommand = defineCommand({
  name: "train sft",
  summary: "Fine-tune a model on completions",
  description:
    "Rows are {prompt, completion}, each text or a list of messages, where the loss falls on the completion only; or {messages}, where it falls on the whole conversation. The result is an ordinary Hugging Face checkpoint. Run the same command again to continue a training that was stopped.",
  options: {
    ...TRAINING_OPTIONS,
    lr: number("F", "Highest learning rate", { min: 0, default: 2e-5 }),
  },
  examples: {
    "autodidact train sft --model nursery/m0 --data sft.jsonl --out tuned --lr 1e-3 --metrics steps.jsonl":
      "Trains three epochs and records every step",
  },
  afterInterrupt: AFTER_INTERRUPT,
  run: (values, io) =>
    runTraining(values, io, (order) =>
      trainSftOnFile(order, optimizationOf(values, values.lr)),
    ),
});
