/**
 * @file The nursery's base model with the record of how it was made beside it.
 *
 * `pretraining.json` says command, settings, seed, time, tokens, final loss, machine
 * and versions. A folder whose record names the same settings is finished and is left
 * alone; a half-finished one goes on where it stopped.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Device } from "../../engine/runtime/device.js";
import { canonicalJson } from "../../foundation/hash.js";
import { writeFileAtomic } from "../../foundation/storage.js";
import type { RunEnvironment } from "../../ledger/run-record.js";
import { withOutputLock } from "../../ledger/writer-lock.js";
import {
  pretrain,
  type PretrainingSettings,
} from "../../nursery/pretraining.js";
import type { StepMetrics } from "../../training/trainer.js";
import { versionsOf } from "../run/environment.js";
import { otherResult, requireReplaceableFolder } from "../run/output-path.js";

/** Losses of single steps jump; the mean of this many last ones is the final loss. */
const FINAL_STEPS = 100;

export interface PretrainingRecord {
  /** The command line that makes this model again. */
  readonly command: string;
  readonly settings: PretrainingSettings;
  /** Of the process that finished it; an earlier, stopped one is not counted. */
  readonly seconds: number;
  readonly tokens: number;
  /** Mean loss over the last steps; verdict words count `settings.verdictWeight` times. */
  readonly finalLoss: number;
  readonly machine: string;
  readonly versions: ReturnType<typeof versionsOf>;
}

export interface PretrainBaseOptions {
  readonly output: string;
  readonly settings: PretrainingSettings;
  /** Replace a model that was made with other settings. */
  readonly overwrite: boolean;
  readonly command: string;
  readonly device: Device;
  readonly environment: RunEnvironment;
  readonly signal: AbortSignal;
  /** Seconds since some fixed moment. */
  readonly now: () => number;
  readonly onStep: (metrics: StepMetrics, totalSteps: number) => void;
}

/**
 * Trains the base model, unless it is there already.
 * @returns its record, and whether it was there
 * @throws STORAGE; the signal's reason when stopped, with the state saved
 */
export async function pretrainBase(
  options: PretrainBaseOptions,
): Promise<{ readonly record: PretrainingRecord; readonly reused: boolean }> {
  const { output, settings, environment, signal, now } = options;
  const path = join(output, "pretraining.json");
  const earlier = await readRecord(path);
  if (
    earlier !== null &&
    canonicalJson(earlier.settings) === canonicalJson(settings)
  )
    return { record: earlier, reused: true };
  await requireReplaceableFolder(output, "pretraining.json");
  if (earlier !== null && !options.overwrite) throw otherResult(output);
  const started = now();
  const losses: number[] = [];
  let tokens = 0;
  const finished = await withOutputLock(output, () =>
    pretrain({
      settings,
      output,
      device: options.device,
      signal,
      onStep: (metrics, totalSteps) => {
        losses.push(metrics.loss);
        if (losses.length > FINAL_STEPS) losses.shift();
        tokens = metrics.num_tokens;
        options.onStep(metrics, totalSteps);
      },
    }),
  );
  if (!finished) signal.throwIfAborted();
  const record: PretrainingRecord = {
    command: options.command,
    settings,
    seconds: now() - started,
    tokens,
    finalLoss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
    machine: environment.machine,
    versions: versionsOf(environment),
  };
  await writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`);
  return { record, reused: false };
}

/** Null where there is none that can be read: then the model is made. */
async function readRecord(path: string): Promise<PretrainingRecord | null> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as PretrainingRecord;
  } catch {
    return null;
  }
}
