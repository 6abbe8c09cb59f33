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
} from "../checkpoints/weights/safetensors.js";
import { makeFolder } from "../foundation/storage.js";
import { microBatches } from "./data-order.js";
import { packSequences } from "../models/packing.js";
import type { TrainingSession } from "./session.js";
import { pairGroups, sides, type EncodedPair } from "./preference-pair.js";
import type { TrainingModel } from "./training-model.js";

export interface ReferencePair {
  /** Summed log-probability of the chosen completion. */
  readonly chosen: number;
  readonly rejected: number;
}

/** One pair of sums for each row, from the cache or from the model as it is now. */
export async function referenceLogProbabilities(
  session: TrainingSession,
  pairs: readonly EncodedPair[],
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
  pairs: readonly EncodedPair[],
  options: { readonly path: string; readonly batchSize: number },
): Promise<Float32Array> {
  const sums = await pairSums(session.model, pairs, options.batchSize);
  await makeFolder(session.state.folder);
  await writeSafetensors({
    path: options.path,
    tensors: [{ name: "reference", shape: [sums.length] }],
    format: "f32",
    read: () => sums,
  });
  return sums;
}

/** Summed log-probability of each completion, [chosen…, rejected…]. */
export async function pairSums(
  model: TrainingModel,
  pairs: readonly EncodedPair[],
  batchSize: number,
): Promise<Float32Array> {
  const sums = new Float64Array(2 * pairs.length);
  const size = ({ chosen, rejected }: EncodedPair): number =>
    chosen.ids.length + rejected.ids.length;
  // Alike lengths together: fewer blank cells. The sums do not depend on the grouping.
  const order = pairs
    .map((pair, index) => ({ index, size: size(pair) }))
    .sort((a, b) => a.size - b.size || a.index - b.index);
  for (const part of microBatches(order, batchSize)) {
    const members = part.map(({ index }) => pairs[index] as EncodedPair);
    const batch = packSequences(sides(members), 0, pairGroups(members));
    const logProbabilities = await model.logProbabilities(batch);
    for (let slot = 0; slot < batch.targetCount; slot++) {
      const owner = batch.targetOwners[slot] ?? 0;
      const pair = part[owner % part.length]?.index ?? 0;
      const at = owner < part.length ? pair : pairs.length + pair;
      sums[at] = (sums[at] ?? 0) + (logProbabilities[slot] ?? 0);
    }
  }
  return Float32Array.from(sums);
}
