/**
 * @file What a half-finished training leaves on disk, and how it is taken up again.
 *
 * Beside the output folder lies `<output>.training/` with the trainable weights, both
 * Adam moments, the step counters and the metrics so far, written all or nothing.
 * Mismatch policy: another job hash (base weights, rows, settings) means the state
 * belongs to another job, and it is an error rather than a silent restart.
 *
 * Whoever asked to stop does not wait for the disk: that state is written beside the
 * last flushed one with a checksum, and counts if it is whole when it is read.
 */
import { createReadStream, existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import {
  openSafetensors,
  readTensor,
  sortedByName,
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
  /** The weight file that belongs to this header. */
  readonly file: string;
  /** CRC-32 of the numbers in it, where the disk was not waited for. */
  readonly checksum?: number;
}

/** The header of what is on the disk for certain. */
const FLUSHED = "state.json";
/** … and of what the system may still have been writing when the program ended. */
const UNFLUSHED = "stopped.json";

/** Part of a file that is read at once for its checksum, in bytes. */
const READ_BYTES = 4 * 1024 * 1024;

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

/** Whether a training of the embedded trainer was left in this folder. */
export function holdsTrainingState(folder: string): boolean {
  return [FLUSHED, UNFLUSHED].some((name) => existsSync(join(folder, name)));
}

/**
 * Writes weights first, then the header that names them: a crash keeps the older pair.
 * @param options.flush wait until the disk has it, which is when the older state goes;
 *   without it a system that loses power at once takes up the older state
 */
export async function saveTrainingState(
  location: TrainingStateLocation,
  state: {
    readonly parameters: ParameterSet;
    readonly optimizer: AdamWState;
    readonly progress: TrainingProgress;
  },
  { flush = true }: { readonly flush?: boolean } = {},
): Promise<void> {
  const { folder, jobHash } = location;
  const { parameters, optimizer, progress } = state;
  await makeFolder(folder);
  const file = `state-${progress.step}.safetensors`;
  const arrays: Readonly<Record<string, Float32Array>> = {
    parameters: parameters.values,
    mean: optimizer.mean,
    variance: optimizer.variance,
  };
  const tensors = Object.entries(arrays).map(([name, { length }]) => ({
    name,
    shape: [length],
  }));
  await writeSafetensors({
    path: join(folder, file),
    tensors,
    format: "f32",
    read: (name) => arrays[name] ?? new Float32Array(),
    flush,
  });
  crashPoint("training-checkpoint");
  const header: StateHeader = {
    jobHash,
    step: progress.step,
    optimizerStep: optimizer.step,
    metrics: progress.metrics,
    file,
    ...(flush
      ? {}
      : {
          checksum: sortedByName(tensors).reduce(
            (sum, { name }) => crc32(arrays[name] ?? "", sum),
            0,
          ),
        }),
  };
  await writeHeader(folder, header);
}

/** Names a state, and removes what it stands for: all others, or unflushed ones only. */
async function writeHeader(folder: string, header: StateHeader): Promise<void> {
  const flush = header.checksum === undefined;
  const older = await Promise.all([
    flush ? readHeader(folder, FLUSHED) : null,
    readHeader(folder, UNFLUSHED),
  ]);
  await writeFileAtomic(
    join(folder, flush ? FLUSHED : UNFLUSHED),
    JSON.stringify(header),
    { flush },
  );
  if (flush) await rm(join(folder, UNFLUSHED), { force: true });
  for (const state of older)
    if (state !== null && state.file !== header.file)
      await rm(join(folder, state.file), { force: true });
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
  const header = await latestHeader(location.folder);
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

/** The state that a training was stopped with if all of it came to the disk, or else the last flushed one. */
async function latestHeader(folder: string): Promise<StateHeader | null> {
  const [flushed, stopped] = await Promise.all([
    readHeader(folder, FLUSHED),
    readHeader(folder, UNFLUSHED),
  ]);
  if (stopped === null || stopped.step <= (flushed?.step ?? -1)) return flushed;
  const whole =
    (await checksumOf(join(folder, stopped.file))) === stopped.checksum;
  return whole ? stopped : flushed;
}

/** CRC-32 of the numbers of a file, streamed; null for one that is cut. */
async function checksumOf(path: string): Promise<number | null> {
  const file = await openSafetensors(path).catch(() => null);
  if (file === null) return null;
  const start = Math.min(...[...file.tensors.values()].map((t) => t.begin));
  let checksum = 0;
  for await (const part of createReadStream(path, {
    start,
    highWaterMark: READ_BYTES,
  }))
    checksum = crc32(part as Buffer, checksum);
  return checksum;
}

/** Null without one; an unflushed one may be anything after a loss of power, and then is none. */
async function readHeader(
  folder: string,
  name: typeof FLUSHED | typeof UNFLUSHED,
): Promise<StateHeader | null> {
  const path = join(folder, name);
  if (!existsSync(path)) return null;
  const text = await readFile(path, "utf8");
  try {
    return JSON.parse(text) as StateHeader;
  } catch (cause) {
    if (name === UNFLUSHED) return null;
    throw cause;
  }
}
