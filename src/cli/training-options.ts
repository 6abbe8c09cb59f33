/**
 * @file The options that the commands `train …` share, and how they show their work. Defaults are TRL's where it has them.
 */
import { counted } from "../text/number-words.js";
import { AutodidactError } from "../foundation/error.js";
import type {
  TrainingOrder,
  TrainingResult,
} from "../pipelines/stages/train.js";
import type {
  OptimizationSettings,
  RewardTrainer,
  Trainer,
} from "../training/trainer.js";
import type { CommandValues, OptionTable } from "./command.js";
import { DEVICE, MODEL } from "./common-options.js";
import { ENGINE_OPTIONS, openTrainer } from "./engines/train-engines.js";
import type { CommandIo } from "./io.js";
import {
  choice,
  flagOption,
  integerOption,
  number,
  textOption,
} from "./options.js";

export const TRAINING_OPTIONS = {
  model: MODEL,
  data: textOption(
    "FILE",
    `JSON Lines of training rows, in TRL's formats; "-" is standard input`,
    {
      required: true,
    },
  ),
  out: textOption("DIR", "Folder of the trained checkpoint", {
    required: true,
  }),
  epochs: number("N", "Passes over the data; a fraction ends within one", {
    min: 0.01,
    default: 3,
  }),
  batchSize: integerOption("N", "Rows computed at once", {
    min: 1,
    default: 8,
  }),
  gradientAccumulation: integerOption(
    "N",
    "Batches that make one optimizer step",
    {
      min: 1,
      default: 1,
    },
  ),
  maxLength: integerOption(
    "N",
    "Longest sequence in tokens, at most what the model has room for; longer rows keep their start",
    { min: 2, default: 1024 },
  ),
  schedule: choice(
    ["linear", "cosine", "constant"],
    "How the learning rate falls",
    { default: "linear" },
  ),
  warmupRatio: number(
    "F",
    "Share of the steps on which the learning rate rises",
    { min: 0, max: 1, default: 0 },
  ),
  weightDecay: number("F", "AdamW's weight decay", { min: 0, default: 0 }),
  seed: integerOption("N", "Seed of the order of the rows", {
    min: 0,
    default: 42,
  }),
  shuffle: flagOption("Take the rows in the order of the file", {
    default: true,
  }),
  metrics: textOption(
    "FILE",
    "Write step, loss, grad_norm, learning_rate and more here, one JSON row a step",
  ),
  saveEvery: integerOption(
    "N",
    "Steps between saved states, from which a killed training goes on",
    { min: 1, default: 500 },
  ),
  gradientCheckpointing: flagOption(
    "Keep less for the way back and compute it again: far less memory, a third more time, the same numbers",
  ),
  overwrite: flagOption("Replace what another training left in --out"),
  loraRank: integerOption(
    "R",
    "Train a low-rank adapter of this rank and leave the weights as they are; all weights learn when absent",
    { min: 1 },
  ),
  loraAlpha: number("F", "The adapter's part is scaled by this over the rank", {
    min: 0.001,
    default: 32,
  }),
  loraTargets: textOption(
    "NAMES",
    "Layers that are adapted, by comma, such as q_proj,v_proj; every linear layer but the head when absent",
  ),
  loraOutput: choice(
    ["merged", "adapter"],
    "Write the whole model with the adapter merged into it, or the adapter alone in PEFT's format",
    { default: "merged" },
  ),
  loraBase: choice(
    ["float32", "int8"],
    "How the weights under the adapter are kept while training: int8 takes a quarter of the memory and rounds",
    { default: "float32" },
  ),
  ...ENGINE_OPTIONS,
  device: DEVICE,
} as const satisfies OptionTable;

export type TrainingValues = CommandValues<
  Record<never, never>,
  typeof TRAINING_OPTIONS
>;

export const AFTER_INTERRUPT =
  "Run the same command again to go on where it stopped.";

export function optimizationOf(
  values: TrainingValues,
  learningRate: number,
): OptimizationSettings {
  const { epochs, batchSize, gradientAccumulation, schedule, seed } = values;
  const { warmupRatio, weightDecay, maxLength, shuffle } = values;
  return {
    ...{ learningRate, epochs, batchSize, gradientAccumulation, schedule },
    ...{ warmupRatio, weightDecay, maxLength, shuffle, seed },
    minLearningRateRatio: 0,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-8,
    maxGradNorm: 1,
    gradientCheckpointing: values.gradientCheckpointing,
    ...loraOf(values),
  };
}

/** @throws USAGE for layers without a rank */
function loraOf({
  loraRank,
  loraAlpha,
  loraTargets,
  loraOutput,
  loraBase,
}: TrainingValues): Pick<OptimizationSettings, "lora"> {
  if (loraRank === undefined) {
    const plain = loraOutput === "merged" && loraBase === "float32";
    if (loraTargets === undefined && plain) return {};
    throw new AutodidactError(
      "USAGE",
      "--lora-targets, --lora-output and --lora-base need --lora-rank R: without a rank no adapter is trained.",
    );
  }
  const targets =
    loraTargets === undefined
      ? null
      : loraTargets
          .split(",")
          .map((name) => name.trim())
          .filter((name) => name !== "");
  return {
    lora: {
      rank: loraRank,
      alpha: loraAlpha,
      targets,
      output: loraOutput,
      ...(loraBase === "float32" ? {} : { base: loraBase }),
    },
  };
}

/** Trains with progress and prints what came of it. */
export async function runTraining(
  values: TrainingValues,
  io: CommandIo,
  train: (
    order: TrainingOrder<Trainer & RewardTrainer>,
  ) => Promise<TrainingResult>,
): Promise<void> {
  const { model, data, out, metrics, saveEvery, overwrite } = values;
  const started = performance.now();
  const stage = "train";
  const title = `${model} learns from ${data}`;
  io.onEvent({ type: "stage-start", stage, title });
  const result = await train({
    model,
    data,
    out,
    metrics,
    saveEvery,
    overwrite,
    trainer: await openTrainer(values),
    signal: io.signal,
    onPreparation: (preparation) => {
      io.onEvent({ type: "preparation", stage, ...preparation });
    },
    onSetback: (message) => {
      io.onEvent({ type: "warning", code: "training-lost", message });
    },
    onStep: (step, totalSteps, recorded) => {
      const told = { stage, totalSteps, metrics: step, recorded };
      io.onEvent({ type: "training-step", ...told });
    },
  });
  const seconds = (performance.now() - started) / 1000;
  io.onEvent({ type: "stage-end", stage, title, seconds });
  const { rows, shortened, leftOut, maxLength, reused, last } = result;
  if (leftOut > 0) {
    io.remark(
      `${leftOut} of ${rows} rows have a side longer than ${maxLength} tokens and were left out.`,
    );
  }
  if (shortened > 0) {
    io.remark(
      `${shortened} of ${rows} rows are longer than ${maxLength} tokens; only their start was used.`,
    );
  }
  io.print(
    reused || last === null
      ? `Already trained on these rows with these settings: ${out}`
      : `${counted(rows, "row")}, ${counted(last.step, "step")}, ${counted(last.num_tokens, "token")}, last loss ${last.loss.toPrecision(5)}: ${out}`,
  );
  io.printJson({ model, out, ...result, seconds });
}
