/**
 * @file Log-probabilities of the reference model, computed once for a job.
 *
 * Kept beside the training state under the job's hash, which covers weights and data:
 * a resumed run reads them back, since its own weights have already moved.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  openSafetensors,
  readTensor,
  writeSafetensors,
} from "../checkpoints/safetensors.js";
import { makeFolder } from "../foundation/storage.js";
import { microBatches } from "./data-order.js";
import { packSequences } from "../models/packing.js";
import type { TrainingSession } from "./session.js";
import type { TokenSequence } from "../models/token-sequence.js";
import type { TrainingModel } from "./training-model.js";

export interface ReferencePair {
  /** Summed log-probability of the chosen completion. */
  readonly chosen: number;
  readonly rejected: number;
}

/** One pair of sums for each row, from the cache or from the model as it is now. */
export async function referenceLogProbabilities(
  session: TrainingSession,
  pairs: readonly {
    readonly chosen: TokenSequence;
    readonly rejected: TokenSequence;
  }[],
  batchSize: number,
): Promise<ReferencePair[]> {
  const path = join(
    session.state.folder,
    `reference-${session.jobHash.slice(0, 16)}.safetensors`,
  );
  const count = pairs.length;
  const sums = existsSync(path)
    ? await readTensor(await openSafetensors(path), "reference")
    : await computeSums(session, pairs, { path, batchSize });
  return pairs.map((_, i) => ({
    chosen: sums[i] ?? Number.NaN,
    rejected: sums[count + i] ?? Number.NaN,
  }));
}

async function computeSums(
  session: TrainingSession,
  pairs: readonly {
    readonly chosen: TokenSequence;
    readonly rejected: TokenSequence;
  }[],
  options: { readonly path: string; readonly batchSize: number },
): Promise<Float32Array> {
  const sequences = [
    ...pairs.map(({ chosen }) => chosen),
    ...pairs.map(({ rejected }) => rejected),
  ];
  const sums = await sequenceSums(
    session.model,
    sequences,
    2 * options.batchSize,
  );
  await makeFolder(session.state.folder);
  await writeSafetensors({
    path: options.path,
    tensors: [{ name: "reference", shape: [sums.length] }],
    format: "f32",
    read: () => sums,
  });
  return sums;
}

/** Summed log-probability of the completion of each sequence, [sequences]. */
export async function sequenceSums(
  model: TrainingModel,
  sequences: readonly TokenSequence[],
  batchSize: number,
): Promise<Float32Array> {
  const sums = new Float64Array(sequences.length);
  // Alike lengths together: less padding. The sums do not depend on the grouping.
  const order = sequences
    .map((_, index) => index)
    .sort(
      (a, b) =>
        (sequences[a]?.ids.length ?? 0) - (sequences[b]?.ids.length ?? 0) ||
        a - b,
    );
  for (const indices of microBatches(order, batchSize)) {
    const batch = packSequences(
      indices.map((i) => sequences[i] as TokenSequence),
    );
    const logProbabilities = await model.logProbabilities(batch);
    for (let slot = 0; slot < batch.targetCount; slot++) {
      const index = indices[batch.targetOwners[slot] ?? 0] ?? 0;
      sums[index] = (sums[index] ?? 0) + (logProbabilities[slot] ?? 0);
    }
  }
  return Float32Array.from(sums);
}
