/**
 * @file `autodidact nursery pretrain`: M0, the nursery's base model.
 */
import { workingDevice } from "../../engine/runtime/working-device.js";
import { PRETRAINING_DEFAULTS } from "../../nursery/pretraining.js";
import { pretrainBase } from "../../pipelines/nursery/pretrain-base.js";
import { defineCommand } from "../command.js";
import { DEVICE } from "../common-options.js";
import { formatDuration } from "../../text/durations.js";
import { describeEnvironment } from "../../pipelines/run/environment.js";
import { flagOption, integerOption, number, textOption } from "../options.js";

export const nurseryPretrainCommand = defineCommand({
  name: "nursery pretrain",
  summary: "Pre-train the nursery's base model on raw text of its world",
  description:
    "Trains M0 from nothing on seeded, endless raw text without a single instruction, and writes pretraining.json beside the weights: how to make them again, and what it took. The defaults make the model that the package brings along. Run the same command again to continue a training that was stopped.",
  options: {
    out: textOption("DIR", "Folder of the model", { required: true }),
    steps: integerOption("N", "Optimizer steps", {
      min: 1,
      default: PRETRAINING_DEFAULTS.steps,
    }),
    rows: integerOption(
      "N",
      `Rows of ${PRETRAINING_DEFAULTS.rowLength} tokens in a step`,
      { min: 1, default: PRETRAINING_DEFAULTS.rows },
    ),
    learningRate: number("F", "Highest learning rate", {
      min: 0,
      default: PRETRAINING_DEFAULTS.learningRate,
    }),
    seed: integerOption("N", "Seed of the first weights and of the text", {
      min: 0,
      default: PRETRAINING_DEFAULTS.seed,
    }),
    overwrite: flagOption("Replace a model made with other settings in --out"),
    device: DEVICE,
  },
  examples: {
    "autodidact nursery pretrain --out nursery/m0":
      "Makes the base model anew, in about twenty minutes on two cores",
  },
  afterInterrupt: "Run the same command again to go on where it stopped.",
  run: async ({ out, device, ...given }, io) => {
    const { steps, rows, learningRate, seed, overwrite } = given;
    const stage = "pretrain";
    const title = "The base model reads";
    io.onEvent({ type: "stage-start", stage, title });
    const { record, reused } = await pretrainBase({
      output: out,
      overwrite,
      settings: { ...PRETRAINING_DEFAULTS, steps, rows, learningRate, seed },
      command: `autodidact nursery pretrain --out ${out} --steps ${steps} --rows ${rows} --learning-rate ${learningRate} --seed ${seed}`,
      device: await workingDevice(device),
      environment: describeEnvironment(),
      signal: io.signal,
      now: () => performance.now() / 1000,
      onStep: (metrics, totalSteps) => {
        const told = { stage, totalSteps, metrics, recorded: false };
        io.onEvent({ type: "training-step", ...told });
      },
    });
    io.onEvent({
      type: "stage-end",
      stage,
      title,
      seconds: reused ? 0 : record.seconds,
    });
    io.print(
      `${reused ? "Already made" : "Made"} in ${formatDuration(record.seconds)}: ${steps} steps, ${record.tokens} tokens, final loss ${record.finalLoss.toFixed(4)}: ${out}`,
    );
    io.printJson({ out, reused, ...record });
  },
});
