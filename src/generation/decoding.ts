/**
 * @file Batched decoding: many requests, several samples each, over a fixed number of
 * cache slots.
 *
 * What prompts share is prefilled once, and a prompt once for all its samples. Active
 * sequences fill the first slots; when one ends, the last one moves into its place.
 * A sequence's tokens depend on its own prompt, settings and random stream only.
 */
import { randomStream, type RandomStream } from "../foundation/random.js";
import { advance, type InferenceModel } from "../models/inference-calls.js";
import { KeyValueCache, type Segment } from "../models/key-value-cache.js";
import { decodingWork } from "./decoding-work.js";
import type { CallProgress } from "./language-model.js";
import { Prefill, type Prefilled, type PrefillOptions } from "./prefill.js";
import type { SharingLimits } from "./prefix-tree.js";
import {
  chooseToken,
  chooseWeighted,
  hasPenalties,
  type ChoiceSettings,
  type TokenChoice,
} from "./sampling.js";

export interface DecodingRequest extends ChoiceSettings {
  readonly promptIds: readonly number[];
  readonly n: number;
  readonly seed: number;
  readonly maxTokens: number;
  /** Tells after each token whether the text so far ends the generation; null where none does. */
  readonly ended: ((ids: readonly number[]) => Promise<boolean>) | null;
}

export interface DecodedSample {
  /** Generated tokens, an end-of-sequence token included. */
  readonly ids: readonly number[];
  readonly logprobs: readonly number[];
  readonly finishReason: "stop" | "length";
}

export interface DecodingModel extends InferenceModel {
  readonly eosTokenIds: ReadonlySet<number>;
  /** Largest token id that may be generated, plus one; ids beyond are padding of the matrix. */
  readonly vocabulary: number;
}

interface Sequence {
  readonly request: DecodingRequest;
  readonly index: number;
  readonly sample: number;
  readonly random: RandomStream;
  readonly ids: number[];
  readonly logprobs: number[];
  /** Tokens in the cache. */
  length: number;
}

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
    /** Which beginnings of prompts are shared; results do not depend on it. */
    readonly sharing?: SharingLimits;
  } = {},
): Promise<DecodedSample[][]> {
  const results = requests.map(({ n }) => new Array<DecodedSample>(n));
  const missing = requests.map(({ n }) => n);
  const samples = requests.reduce((sum, { n }) => sum + n, 0);
  const capacity = requests.reduce(
    (most, { promptIds, maxTokens }) =>
      Math.max(most, promptIds.length + maxTokens),
    1,
  );
  const cache = new KeyValueCache(
    model.config,
    Math.max(Math.min(SLOTS, samples), ...requests.map(({ n }) => n)),
    capacity,
  );
  const prefill = new Prefill(
    model,
    requests.map(({ promptIds }) => promptIds),
    options.sharing,
  );
  const active: Sequence[] = [];
  const work = decodingWork(requests, prefill.tokens, options.onTokens);
  let done = 0;
  const finish = (
    sequence: Sequence,
    finishReason: "stop" | "length",
  ): void => {
    const { index, sample, ids, logprobs } = sequence;
    (results[index] as DecodedSample[])[sample] = {
      ids,
      logprobs,
      finishReason,
    };
    work.ended(sequence.request, ids.length);
    missing[index] = (missing[index] ?? 0) - 1;
    if (missing[index] === 0) options.onProgress?.(++done);
  };
  let cursor = 0;
  while (cursor < requests.length || active.length > 0) {
    options.signal?.throwIfAborted();
    const free = cache.slots - active.length;
    const next = requests[prefill.order[cursor] ?? -1];
    const from = active.length;
    if (
      next !== undefined &&
      (from === 0 || free >= cache.slots * REFILL_SHARE) &&
      next.n <= free
    ) {
      const taken = takeFitting(requests, prefill.order.slice(cursor), free);
      cursor += taken.length;
      const choices = await begin({
        model,
        cache,
        prefill,
        requests,
        taken,
        active,
        options: { signal: options.signal, onTokens: work.read },
      });
      await settle({ model, cache, active, from, choices, finish });
      continue;
    }
    const choices = await step(model, cache, active);
    work.wrote(active.length);
    await settle({ model, cache, active, from: 0, choices, finish });
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

/** Prefills requests, gives each sample a slot behind the active ones, and chooses first tokens. */
async function begin(step: {
  readonly model: DecodingModel;
  readonly cache: KeyValueCache;
  readonly prefill: Prefill;
  readonly requests: readonly DecodingRequest[];
  readonly taken: readonly number[];
  readonly active: Sequence[];
  readonly options: PrefillOptions;
}): Promise<TokenChoice[]> {
  const { model, cache, prefill, requests, taken, active, options } = step;
  const longest = [...active.map(({ length }) => length)].concat(
    taken.map((index) => requests[index]?.promptIds.length ?? 0),
  );
  cache.fit(Math.max(...longest) + 1, active.length);
  const choices: TokenChoice[] = [];
  const begun = (index: number, prompt: Prefilled): void => {
    const request = requests[index] as DecodingRequest;
    const logits = prompt.logits.subarray(0, model.vocabulary);
    const segments: readonly Segment[] = prompt.segments();
    for (let sample = 0; sample < request.n; sample++) {
      const sequence: Sequence = {
        request,
        index,
        sample,
        random: randomStream(request.seed, "sample", sample),
        ids: [],
        logprobs: [],
        length: request.promptIds.length,
      };
      cache.write(active.length, segments);
      active.push(sequence);
      choices.push(choose(sequence, logits));
    }
  };
  await prefill.compute(taken, begun, options);
  return choices;
}

/** One token for every active sequence. */
async function step(
  model: DecodingModel,
  cache: KeyValueCache,
  active: readonly Sequence[],
): Promise<TokenChoice[]> {
  const lengths = active.map(({ length }) => length);
  cache.fit(Math.max(...lengths) + 1, active.length);
  const next = await advance(model, {
    cache,
    tokens: active.map(({ ids }) => ids.at(-1) ?? 0),
    lengths,
    inverseTemperatures: Float32Array.from(
      active,
      ({ request: { temperature } }) =>
        temperature === 0 ? 1 : 1 / temperature,
    ),
    // Greedy sequences need neither, which spares a copy of the vocabulary for each.
    weights: active.some(({ request }) => request.temperature !== 0),
    logits: active.some(({ request }) => hasPenalties(request)),
  });
  for (const sequence of active) sequence.length++;
  const { vocabulary, config } = model;
  return active.map((sequence, row) => {
    if (next.logits !== null && hasPenalties(sequence.request)) {
      const start = row * config.vocabSize;
      const logits = next.logits.subarray(start, start + vocabulary);
      return choose(sequence, logits);
    }
    const start = row * vocabulary;
    const weighted = {
      weights: next.weights.subarray(start, start + vocabulary),
      peak: next.peaks[row] as number,
      best: next.best[row] as number,
    };
    return chooseWeighted(weighted, sequence.request, coinOf(sequence));
  });
}

function choose(sequence: Sequence, logits: Float32Array): TokenChoice {
  const { request, ids } = sequence;
  return chooseToken(logits, request, coinOf(sequence), ids);
}

/** Greedy choices need none. */
function coinOf({ request, random }: Sequence): number {
  return request.temperature === 0 ? 0 : random.next();
}

/** Appends the chosen tokens; finished sequences leave, the last ones take their slots. */
async function settle(step: {
  readonly model: DecodingModel;
  readonly cache: KeyValueCache;
  readonly active: Sequence[];
  readonly from: number;
  readonly choices: readonly TokenChoice[];
  readonly finish: (sequence: Sequence, reason: "stop" | "length") => void;
}): Promise<void> {
  const { model, cache, active, from, choices, finish } = step;
  const reasons = await Promise.all(
    choices.map(async (choice, i) => {
      const { request, ids, logprobs } = active[from + i] as Sequence;
      ids.push(choice.token);
      logprobs.push(choice.logprob);
      if (model.eosTokenIds.has(choice.token) || (await request.ended?.(ids)))
        return "stop";
      return ids.length >= request.maxTokens ? "length" : null;
    }),
  );
  for (let i = reasons.length - 1; i >= 0; i--) {
    const reason = reasons[i];
    if (reason === null || reason === undefined) continue;
    const slot = from + i;
    finish(active[slot] as Sequence, reason);
    const last = active.pop() as Sequence;
    if (slot === active.length) continue;
    cache.copy(active.length, slot, last.length);
    active[slot] = last;
  }
}
