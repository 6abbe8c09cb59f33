/**
 * @file Log-probabilities of the reference model, computed once for a job.
 *
 * Kept beside the training state under the job's hash, which covers weights and data:
 * a resumed run reads them back, since its own weights have already moved. What is
 * computed of them is kept on the way too.
 */
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import {
  openSafetensors,
  readTensor,
  writeSafetensors,
} from "../checkpoints/weights/safetensors.js";
import { makeFolder } from "../foundation/storage.js";
import { microBatches } from "./data-order.js";
import { packSequences } from "../models/packing.js";
import { stopWithinStep, type TrainingSession } from "./session.js";
import {
  pairGroups,
  pairTokens,
  sides,
  type EncodedPair,
} from "./preference-pair.js";
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

/** Between two savings of sums that are not complete, unless the work stops. */
const SAVE_MS = 60_000;

async function computeSums(
  session: TrainingSession,
  pairs: readonly EncodedPair[],
  options: { readonly path: string; readonly batchSize: number },
): Promise<Float32Array> {
  const { model, job, state } = session;
  const { path, batchSize } = options;
  await makeFolder(state.folder);
  const partial = `${path}.part`;
  const begun = existsSync(partial)
    ? await readTensor(await openSafetensors(partial), "reference")
    : new Float32Array(2 * pairs.length).fill(Number.NaN);
  let saved = performance.now();
  const sums = await pairSums(model, pairs, batchSize, {
    sums: begun,
    between: async (done) => {
      job.onPreparation?.({
        doing: "weighing the reference",
        done,
        total: pairs.length,
      });
      const stopped = job.signal?.aborted === true;
      if (!stopped && performance.now() - saved < SAVE_MS) return;
      await writeSums(partial, begun);
      saved = performance.now();
      await stopWithinStep(session);
    },
  });
  await writeSums(path, sums);
  await rm(partial, { force: true });
  return sums;
}

function writeSums(path: string, sums: Float32Array): Promise<void> {
  return writeSafetensors({
    path,
    tensors: [{ name: "reference", shape: [sums.length] }],
    format: "f32",
    read: () => sums,
  });
}

/**
 * Summed log-probability of each completion, [chosen…, rejected…].
 * @param begun sums of an earlier process, not a number where there are none, which are
 *   filled in; `between` is called before each micro-batch, with the pairs done, and may throw
 */
export async function pairSums(
  model: TrainingModel,
  pairs: readonly EncodedPair[],
  batchSize: number,
  begun: {
    readonly sums: Float32Array;
    readonly between?: (done: number) => Promise<void>;
  } = { sums: new Float32Array(2 * pairs.length).fill(Number.NaN) },
): Promise<Float32Array> {
  const { sums, between } = begun;
  // Alike lengths together: fewer blank cells. The sums do not depend on the grouping.
  const order = pairs
    .map((pair, index) => ({ index, size: pairTokens(pair) }))
    .sort((a, b) => a.size - b.size || a.index - b.index);
  const limit = {
    tokensOf: (pair: { readonly size: number }) => pair.size,
    most: model.callTokens,
  };
  let done = 0;
  for (const part of microBatches(order, batchSize, limit)) {
    const before = done;
    done += part.length;
    if (part.every(({ index }) => !Number.isNaN(sums[index]))) continue;
    await between?.(before);
    const members = part.map(({ index }) => pairs[index] as EncodedPair);
    const batch = packSequences(sides(members), 0, pairGroups(members));
    const logProbabilities = await model.logProbabilities(batch);
    const total = new Float64Array(2 * part.length);
    for (let slot = 0; slot < batch.targetCount; slot++) {
      const owner = batch.targetOwners[slot] ?? 0;
      total[owner] = (total[owner] ?? 0) + (logProbabilities[slot] ?? 0);
    }
    part.forEach(({ index }, i) => {
      sums[index] = total[i] ?? 0;
      sums[pairs.length + index] = total[part.length + i] ?? 0;
    });
  }
  return sums;
}
