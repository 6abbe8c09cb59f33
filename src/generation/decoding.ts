/**
 * @file Batched decoding: many requests, several samples each, over a fixed number of
 * cache slots.
 *
 * What prompts share is prefilled once, and a prompt once for all its samples.
 */
import { decodingWork } from "./decoding-work.js";
import {
  DecodingBatch,
  type DecodedSample,
  type DecodingModel,
  type DecodingRequest,
} from "./decoding-batch.js";
import type { CallProgress } from "./language-model.js";
import { Prefill } from "./prefill.js";
import type { SharingLimits } from "./prefix-tree.js";

/** Most sequences generated at once. */
const SLOTS = 128;
/** Prefill starts when this share of the slots is free. */
const REFILL_SHARE = 0.25;

/** Generates every sample of every request; result [request][sample]. */
export async function decode(
  model: DecodingModel,
  requests: readonly DecodingRequest[],
  options: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number) => void;
    readonly onTokens?: ((progress: CallProgress) => void) | undefined;
    /** Told a request's samples when the last of them is there. */
    readonly onDecoded?: (
      request: number,
      samples: readonly DecodedSample[],
    ) => void;
    /** Which beginnings of prompts are shared; results do not depend on it. */
    readonly sharing?: SharingLimits;
  } = {},
): Promise<DecodedSample[][]> {
  const results = requests.map(({ n }) => new Array<DecodedSample>(n));
  const missing = requests.map(({ n }) => n);
  const samples = requests.reduce((sum, { n }) => sum + n, 0);
  const positions = requests.reduce(
    (most, { promptIds, maxTokens }) =>
      Math.max(most, promptIds.length + maxTokens),
    1,
  );
  const slots = Math.max(
    Math.min(SLOTS, samples),
    ...requests.map(({ n }) => n),
  );
  const batch = new DecodingBatch(model, slots, positions);
  const prefill = new Prefill(
    model,
    requests.map(({ promptIds }) => promptIds),
    options.sharing,
  );
  const work = decodingWork(requests, prefill.tokens, options.onTokens);
  let done = 0;
  const ending =
    (index: number) =>
    (sample: number, decoded: DecodedSample): void => {
      (results[index] as DecodedSample[])[sample] = decoded;
      work.ended(requests[index] as DecodingRequest, decoded.ids.length);
      missing[index] = (missing[index] ?? 0) - 1;
      if (missing[index] !== 0) return;
      options.onDecoded?.(index, results[index] as DecodedSample[]);
      options.onProgress?.(++done);
    };
  let cursor = 0;
  while (cursor < requests.length || batch.size > 0) {
    options.signal?.throwIfAborted();
    const free = slots - batch.size;
    const next = requests[prefill.order[cursor] ?? -1];
    const refills =
      next !== undefined &&
      (batch.size === 0 || free >= slots * REFILL_SHARE) &&
      next.n <= free;
    if (refills) {
      const taken = takeFitting(requests, prefill.order.slice(cursor), free);
      cursor += taken.length;
      batch.makeRoom(
        Math.max(
          ...taken.map((index) => requests[index]?.promptIds.length ?? 0),
        ),
      );
      await prefill.compute(
        taken,
        (index, prompt) => {
          batch.join(requests[index] as DecodingRequest, prompt, ending(index));
        },
        { signal: options.signal, onTokens: work.read },
      );
    } else {
      await batch.step();
      work.wrote(batch.size);
    }
    await batch.settle();
  }
  return results;
}

/** The first of the requests in this order whose samples fit into the free slots. */
function takeFitting(
  requests: readonly DecodingRequest[],
  order: readonly number[],
  free: number,
): number[] {
  let used = 0;
  const end = order.findIndex((index) => {
    used += requests[index]?.n ?? 0;
    return used > free;
  });
  return order.slice(0, end < 0 ? order.length : end);
}
