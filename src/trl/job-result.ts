/**
 * @file From what a finished job left to a checkpoint as the embedded trainer leaves it.
 *
 * `done.json` hashes the files of weights: what a shared file system shows late or cut off
 * is not taken. Configuration, tokenizer and template are the base's, byte for byte.
 */
import { join, resolve } from "node:path";
import { z } from "zod";
import {
  mergeAdapter,
  openAdapter,
  saveAdapter,
  type Adapter,
} from "../checkpoints/adapter.js";
import { saveCheckpoint, type Checkpoint } from "../checkpoints/checkpoint.js";
import { openWeightFiles } from "../checkpoints/weights/weight-files.js";
import { AutodidactError } from "../foundation/error.js";
import { hashFile } from "../foundation/hash.js";
import type { OptimizationSettings, TrainingJob } from "../training/trainer.js";

const doneFile = z.object({
  job: z.string(),
  /** SHA-256 of each file in `result`. */
  weights: z.record(z.string().regex(/^[\w.-]+$/), z.string()),
  scores: z.array(z.number().nullable()),
});

export type TrainingDone = z.infer<typeof doneFile>;

/** @throws JOB for a done file of another form */
export function trainingDone(value: unknown, folder: string): TrainingDone {
  const done = doneFile.safeParse(value);
  if (done.success) return done.data;
  throw new AutodidactError(
    "JOB",
    `${join(folder, "done.json")} is not what the trainer of this version writes. Delete ${folder} and run the same command again.`,
    { path: folder },
  );
}

/** Writes `job.output`, and the adapter where it is wanted. @throws JOB, BAD_CHECKPOINT, STORAGE */
export async function takeResult(
  folder: string,
  done: TrainingDone,
  target: {
    readonly checkpoint: Checkpoint;
    readonly job: TrainingJob;
    readonly lora: OptimizationSettings["lora"];
  },
): Promise<void> {
  const { checkpoint, job, lora } = target;
  const result = join(folder, "result");
  for (const [name, hash] of Object.entries(done.weights)) {
    if ((await hashFile(join(result, name))) === hash) continue;
    throw new AutodidactError(
      "JOB",
      `${join(result, name)} is not the file that the trainer wrote. Where the folder is shared, its file system may be late: run the same command again.`,
      { path: result, file: name },
    );
  }
  if (lora === undefined) {
    const weights = await openWeightFiles(result);
    return save(job.output, checkpoint, (name) => weights.read(name));
  }
  const adapter = await openAdapter(result);
  const base = resolve(job.checkpoint);
  if (lora.output === "adapter") return copyAdapter(job.output, base, adapter);
  if (job.adapterOutput !== undefined)
    await copyAdapter(job.adapterOutput, base, adapter);
  const merged = mergeAdapter(checkpoint, adapter);
  return save(job.output, checkpoint, (name) => merged.readParameter(name));

  function copyAdapter(
    to: string,
    baseModel: string,
    { layers, read }: Adapter,
  ): Promise<void> {
    const { rank, alpha } = lora as NonNullable<typeof lora>;
    const targets = [
      ...new Set(layers.map(({ layer }) => layer.split(".").at(-1) ?? "")),
    ];
    return saveAdapter({
      ...{ folder: to, baseModel, rank, alpha, targets, layers },
      read: async (layer, half) => {
        const { a, b } = await read(layer);
        return half === "A" ? a : b;
      },
    });
  }
}

function save(
  folder: string,
  checkpoint: Checkpoint,
  readParameter: (name: string) => Promise<Float32Array>,
): Promise<void> {
  return saveCheckpoint({
    folder,
    config: checkpoint.config,
    tokenizerFrom: checkpoint.folder,
    readParameter,
  });
}
