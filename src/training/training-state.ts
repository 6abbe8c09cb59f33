/**
 * @file What a half-finished training leaves on disk, and how it is taken up again.
 *
 * Beside the output folder lies `<output>.training/` with the trainable weights, both
 * Adam moments, the step counters and the metrics so far, written all or nothing.
 * Mismatch policy: another job hash (base weights, rows, settings) means the state
 * belongs to another job, and it is an error rather than a silent restart.
 */
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  openSafetensors,
  readTensor,
  writeSafetensors,
} from "../checkpoints/weights/safetensors.js";
import type { AdamWState } from "../engine/optimizers/adamw.js";
import { crashPoint } from "../foundation/crash-point.js";
import { AutodidactError } from "../foundation/error.js";
import {
  makeFolder,
  storageError,
  writeFileAtomic,
} from "../foundation/storage.js";
import type { ParameterSet } from "../models/parameters.js";
import type { StepMetrics } from "./trainer.js";

export interface TrainingProgress {
  /** Optimizer steps done. */
  step: number;
  readonly metrics: StepMetrics[];
}

interface StateHeader {
  readonly jobHash: string;
  readonly step: number;
  readonly optimizerStep: number;
  readonly metrics: readonly StepMetrics[];
  /** Which of the two weight files belongs to this header. */
  readonly file: string;
}

export interface TrainingStateLocation {
  readonly folder: string;
  readonly jobHash: string;
}

export function trainingStateOf(
  output: string,
  jobHash: string,
): TrainingStateLocation {
  return { folder: `${output}.training`, jobHash };
}

/** Writes weights first, then the header that names them: a crash keeps the older pair. */
export async function saveTrainingState(
  location: TrainingStateLocation,
  state: {
    readonly parameters: ParameterSet;
    readonly optimizer: AdamWState;
    readonly progress: TrainingProgress;
  },
): Promise<void> {
  const { folder, jobHash } = location;
  const { parameters, optimizer, progress } = state;
  await makeFolder(folder);
  const previous = await readHeader(folder);
  const file = `state-${progress.step}.safetensors`;
  const arrays: Readonly<Record<string, Float32Array>> = {
    parameters: parameters.values,
    mean: optimizer.mean,
    variance: optimizer.variance,
  };
  await writeSafetensors({
    path: join(folder, file),
    tensors: Object.entries(arrays).map(([name, { length }]) => ({
      name,
      shape: [length],
    })),
    format: "f32",
    read: (name) => arrays[name] ?? new Float32Array(),
  });
  crashPoint("training-checkpoint");
  const header: StateHeader = {
    jobHash,
    step: progress.step,
    optimizerStep: optimizer.step,
    metrics: progress.metrics,
    file,
  };
  await writeFileAtomic(join(folder, "state.json"), JSON.stringify(header));
  if (previous !== null && previous.file !== file) {
    await rm(join(folder, previous.file), { force: true });
  }
}

/**
 * Restores a saved state in place.
 * @returns the progress, or null when there is none
 * @throws LEDGER when the state belongs to another job
 */
export async function restoreTrainingState(
  location: TrainingStateLocation,
  state: { readonly parameters: ParameterSet; readonly optimizer: AdamWState },
): Promise<TrainingProgress | null> {
  const header = await readHeader(location.folder);
  if (header === null) return null;
  if (header.jobHash !== location.jobHash) {
    throw new AutodidactError(
      "LEDGER",
      `${location.folder} holds a half-finished training with other weights, data or settings. Finish it with the same command as before, or delete that folder to start anew.`,
      {
        path: location.folder,
        expected: location.jobHash,
        found: header.jobHash,
      },
    );
  }
  const file = await openSafetensors(join(location.folder, header.file));
  state.parameters.values.set(await readTensor(file, "parameters"));
  state.optimizer.mean.set(await readTensor(file, "mean"));
  state.optimizer.variance.set(await readTensor(file, "variance"));
  state.optimizer.step = header.optimizerStep;
  return { step: header.step, metrics: [...header.metrics] };
}

export async function removeTrainingState({
  folder,
}: TrainingStateLocation): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch (cause) {
    throw storageError(folder, cause);
  }
}

async function readHeader(folder: string): Promise<StateHeader | null> {
  const path = join(folder, "state.json");
  if (!existsSync(path)) return null;
  return JSON.parse(await readFile(path, "utf8")) as StateHeader;
}
