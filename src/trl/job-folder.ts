/**
 * @file The folder of a job as the Python side reads it (`python/autodidact_trainer/job.py`):
 * tokens instead of texts, and a plan instead of a schedule, so that both trainers see the
 * same numbers.
 *
 * `job.json` is written last: a folder that has it is whole.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { saveCheckpoint, type Checkpoint } from "../checkpoints/checkpoint.js";
import { AutodidactError } from "../foundation/error.js";
import { makeFolder, writeFileAtomic } from "../foundation/storage.js";
import type { TokenSequence } from "../models/token-sequence.js";
import { beginAdapter, writeAdapter } from "../training/low-rank.js";
import { holdsTrainingState } from "../training/training-state.js";
import type { PlannedUpdate } from "../training/update-plan.js";
import type { DpoSettings, OptimizationSettings } from "../training/trainer.js";
import type { TrlOptions } from "./trl-options.js";

/** A row as the trainer sees it. */
export type EncodedRow =
  | TokenSequence
  | { readonly chosen: TokenSequence; readonly rejected: TokenSequence };

export interface JobContent {
  readonly hash: string;
  readonly kind: "sft" | "dpo";
  readonly settings: OptimizationSettings;
  /** DPO's settings; null for SFT. */
  readonly preference: DpoSettings | null;
  readonly rows: readonly EncodedRow[];
  readonly rehearsal: readonly TokenSequence[];
  readonly plan: Iterable<PlannedUpdate>;
  /** What the trained model scores at its end. */
  readonly proof: readonly TokenSequence[];
  readonly saveEvery: number;
}

/**
 * @returns whether the job is there already
 * @throws LEDGER when the folder holds another job's half-finished training
 */
export async function holdsJob(folder: string, hash: string): Promise<boolean> {
  const found = await recordedHash(folder);
  if (found === hash) return true;
  if (found === null) return false;
  throw new AutodidactError(
    "LEDGER",
    `${folder} holds a half-finished training with other weights, data or settings. Finish it with the same command as before, or delete that folder to start anew.`,
    { path: folder, expected: hash, found },
  );
}

async function recordedHash(folder: string): Promise<string | null> {
  // The embedded trainer's state is another job's in any case.
  if (holdsTrainingState(folder)) return "embedded";
  const path = join(folder, "job.json");
  if (!existsSync(path)) return null;
  const { hash } = JSON.parse(await readFile(path, "utf8")) as {
    readonly hash: string;
  };
  return hash;
}

/** Writes everything that the trainer reads. @throws STORAGE */
export async function writeJobFolder(
  folder: string,
  source: { readonly checkpoint: Checkpoint; readonly path: string },
  content: JobContent,
  options: Pick<TrlOptions, "precision" | "device" | "strategy">,
): Promise<void> {
  await makeFolder(folder);
  const write = (name: string, values: Iterable<unknown>): Promise<void> =>
    writeFileAtomic(join(folder, name), lines(values));
  await write("rows.jsonl", content.rows.map(written));
  await write("rehearsal.jsonl", content.rehearsal.map(written));
  await write("proof.jsonl", content.proof.map(written));
  await write("plan.jsonl", content.plan);
  const { settings, preference, hash, kind, saveEvery } = content;
  const base = await plainBase(folder, source);
  const lora = await begunAdapter(folder, base, source.checkpoint, settings);
  const { precision, device, strategy } = options;
  const job = {
    ...{ hash, kind, base, precision, device, strategy, lora },
    micro_batch: settings.batchSize,
    seed: settings.seed,
    save_every: saveEvery,
    gradient_checkpointing: settings.gradientCheckpointing ?? false,
    optimizer: {
      weight_decay: settings.weightDecay,
      beta1: settings.beta1,
      beta2: settings.beta2,
      epsilon: settings.epsilon,
      max_grad_norm: settings.maxGradNorm,
    },
    preference: preference && {
      beta: preference.beta,
      loss: preference.loss,
      label_smoothing: preference.labelSmoothing,
      nll_weight: preference.nllWeight,
      length_normalized: preference.lengthNormalized,
    },
  };
  await writeFileAtomic(join(folder, "job.json"), JSON.stringify(job));
}

/** An adapter's base with the adapter merged: TRL would make an adapter its reference. */
async function plainBase(
  folder: string,
  {
    checkpoint,
    path,
  }: { readonly checkpoint: Checkpoint; readonly path: string },
): Promise<string> {
  if (!existsSync(join(path, "adapter_config.json")))
    return resolve(checkpoint.folder);
  const merged = join(folder, "base");
  await saveCheckpoint({
    folder: merged,
    config: checkpoint.config,
    tokenizerFrom: checkpoint.folder,
    readParameter: (name) => checkpoint.readParameter(name),
  });
  return merged;
}

/** The same A as the embedded trainer draws. */
async function begunAdapter(
  folder: string,
  base: string,
  checkpoint: Checkpoint,
  { lora, seed }: OptimizationSettings,
): Promise<object | null> {
  if (lora === undefined) return null;
  const adapter = await beginAdapter(checkpoint, lora, seed);
  await writeAdapter(join(folder, "adapter"), base, adapter);
  const { rank, alpha, targets } = adapter.settings;
  return { rank, alpha, targets };
}

function written(row: EncodedRow): object {
  return "chosen" in row
    ? { chosen: sequence(row.chosen), rejected: sequence(row.rejected) }
    : sequence(row);
}

function sequence({ ids, completionStart, weights }: TokenSequence): object {
  return { ids, start: completionStart, weights };
}

function* lines(values: Iterable<unknown>): Generator<string> {
  for (const value of values) yield `${JSON.stringify(value)}\n`;
}
