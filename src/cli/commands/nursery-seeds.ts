/**
 * @file `autodidact nursery seeds`: the files that a nursery run begins from.
 */
import { workingDevice } from "../../engine/runtime/working-device.js";
import { embeddedModelHost } from "../../generation/embedded-model-host.js";
import { openCheckpoint } from "../../checkpoints/checkpoint.js";
import { writeSeedFiles } from "../../pipelines/nursery/seed-files.js";
import { requireWritableFile } from "../../pipelines/run/output-path.js";
import { embeddedTrainer } from "../../training/embedded-trainer.js";
import { join } from "node:path";
import { defineCommand } from "../command.js";
import { DEVICE, SEED } from "../common-options.js";
import { textOption } from "../options.js";

export const nurserySeedsCommand = defineCommand({
  name: "nursery seeds",
  summary: "Write the nursery's seed, held-out and judge files",
  description:
    "Writes seed-tasks.jsonl (175 right tasks for Self-Instruct), ift.jsonl (instructions of mixed quality), eft.jsonl (judge examples labelled by the verifier), held-out.jsonl, judge-fixed.jsonl and judge-test.jsonl. The answers to be judged come from the base model after a short lesson on the instructions. With the shipped model and seed 1 these are the files that the package brings along.",
  options: {
    model: textOption("DIR", "The nursery's base model", { required: true }),
    out: textOption("DIR", "Folder of the files", { required: true }),
    seed: { ...SEED, description: "Seed of every draw" },
    device: DEVICE,
  },
  examples: {
    "autodidact nursery seeds --model nursery/m0 --out seeds --seed 2":
      "Makes other seed files of the same kinds",
  },
  run: async ({ model, out, seed, device }, io) => {
    await openCheckpoint(model);
    await requireWritableFile(join(out, "ift.jsonl"));
    const opened = await workingDevice(device);
    await writeSeedFiles({
      base: model,
      folder: out,
      seed,
      trainer: embeddedTrainer(opened),
      host: embeddedModelHost(opened),
      onStage: (title) => {
        io.remark(`${title[0]?.toUpperCase() ?? ""}${title.slice(1)}`);
      },
    });
    io.print(`The nursery's seed files: ${out}`);
    io.printJson({ out, seed });
  },
});
