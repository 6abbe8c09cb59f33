/**
 * @file Batched decoding: many requests, several samples each, over a fixed number of
 * cache slots.
 *
 * Each request is prefilled once and its cache copied to its further samples. Active
 * sequences fill the first slots; when one ends, the last one moves into its place.
 * A sequence's tokens depend on its own prompt, settings and random stream only.
 */
import type { DecoderConfig } from "../checkpoints/decoder-config.js";
import type { Executable } from "../engine/runtime/executable.js";
import {
  int32Tensor,
  int64Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";
import { ShapeError } from "../engine/tensor/tensor-type.js";
import { randomStream, type RandomStream } from "../foundation/random.js";
import { KeyValueCache } from "../models/key-value-cache.js";
import {
  chooseToken,
  type ChoiceSettings,
  type TokenChoice,
} from "./sampling.js";

export interface DecodingRequest extends ChoiceSettings {
  readonly promptIds: readonly number[];
  readonly n: number;
  readonly seed: number;
  readonly maxTokens: number;
  /** Tells after each token whether the text so far ends the generation. */
  readonly ended: (ids: readonly number[]) => boolean;
}

export interface DecodedSample {
  /** Generated tokens, an end-of-sequence token included. */
  readonly ids: readonly number[];
  readonly logprobs: readonly number[];
  readonly finishReason: "stop" | "length";
}

export interface DecodingModel {
  readonly config: DecoderConfig;
  readonly executable: Executable;
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
const CAPACITY_STEP = 32;
/** Prefill starts when this share of the slots is free. */
const REFILL_SHARE = 0.25;
/** Prompts shorter than this share of the longest are prefilled apart from it. */
const ALIKE_SHARE = 0.75;
/** Fewer prompts than this do not get a prefill of their own for their lengths' sake. */
const SMALLEST_PREFILL = 8;

/** Generates every sample of every request; result [request][sample]. */
export async function decode(
  model: DecodingModel,
  requests: readonly DecodingRequest[],
  options: {
    readonly signal?: AbortSignal;
    readonly onProgress?: (done: number) => void;
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
    Math.ceil(capacity / CAPACITY_STEP) * CAPACITY_STEP,
  );
  // Longest prompts first: neighbours in a prefill have like lengths. Results do not depend on it.
  const pending = requests
    .map((request, index) => ({ request, index }))
    .sort(
      (a, b) =>
        b.request.promptIds.length - a.request.promptIds.length ||
        a.index - b.index,
    );
  const active: Sequence[] = [];
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
    missing[index] = (missing[index] ?? 0) - 1;
    if (missing[index] === 0) options.onProgress?.(++done);
  };
  let cursor = 0;
  while (cursor < pending.length || active.length > 0) {
    options.signal?.throwIfAborted();
    const free = cache.slots - active.length;
    const next = pending[cursor];
    if (
      next !== undefined &&
      (active.length === 0 || free >= cache.slots * REFILL_SHARE) &&
      next.request.n <= free
    ) {
      const taken = takeFitting(pending, cursor, free);
      cursor += taken.length;
      const { sequences, choices } = await prefill({
        model,
        cache,
        taken,
        first: active.length,
      });
      active.push(...sequences);
      settle({
        model,
        cache,
        active,
        from: active.length - sequences.length,
        choices,
        finish,
      });
      continue;
    }
    const choices = await step(model, cache, active);
    settle({ model, cache, active, from: 0, choices, finish });
  }
  return results;
}

type Pending = readonly {
  readonly request: DecodingRequest;
  readonly index: number;
}[];

function takeFitting(pending: Pending, cursor: number, free: number): Pending {
  let used = 0;
  let end = cursor;
  for (; end < pending.length; end++) {
    used += pending[end]?.request.n ?? 0;
    if (used > free) break;
  }
  return pending.slice(cursor, end);
}

/** Prefills one slot a request in place, then spreads each to its samples. */
async function prefill(step: {
  readonly model: DecodingModel;
  readonly cache: KeyValueCache;
  readonly taken: Pending;
  readonly first: number;
}): Promise<{ sequences: Sequence[]; choices: TokenChoice[] }> {
  const { model, cache, taken, first } = step;
  const logits: Float32Array[] = [];
  for (const group of alikeLengths(taken)) {
    const slot = first + logits.length;
    logits.push(...(await prefillGroup({ model, cache, group, slot })));
  }
  const sequences: Sequence[] = [];
  const rows: number[] = [];
  for (let sample = 0; ; sample++) {
    const before = sequences.length;
    taken.forEach(({ request, index }, row) => {
      if (sample >= request.n) return;
      const length = request.promptIds.length;
      cache.copy(first + row, first + sequences.length, length);
      sequences.push({
        request,
        index,
        sample,
        random: randomStream(request.seed, "sample", sample),
        ids: [],
        logprobs: [],
        length,
      });
      rows.push(row);
    });
    if (sequences.length === before) break;
  }
  const choices = sequences.map((sequence, i) =>
    choose(sequence, logits[rows[i] ?? 0] as Float32Array),
  );
  return { sequences, choices };
}

/** Neighbours whose prompts differ little, or too few to be worth a call of their own. */
function alikeLengths(taken: Pending): Pending[] {
  const groups: Pending[number][][] = [];
  for (const entry of taken) {
    const group = groups.at(-1);
    const longest = group?.[0]?.request.promptIds.length ?? 0;
    const fits =
      group !== undefined &&
      (group.length < SMALLEST_PREFILL ||
        entry.request.promptIds.length >= longest * ALIKE_SHARE);
    if (fits) group.push(entry);
    else groups.push([entry]);
  }
  return groups;
}

/** Fills the slots from `slot` on; logits after the last token of each prompt. */
async function prefillGroup(step: {
  readonly model: DecodingModel;
  readonly cache: KeyValueCache;
  readonly group: Pending;
  readonly slot: number;
}): Promise<Float32Array[]> {
  const { model, cache, group, slot } = step;
  const lengths = group.map(({ request }) => request.promptIds.length);
  const width = Math.max(...lengths);
  const ids = new Int32Array(group.length * width);
  const positions = new Int32Array(group.length * width);
  group.forEach(({ request }, row) => {
    ids.set(request.promptIds, row * width);
    for (let t = 0; t < width; t++) positions[row * width + t] = t;
  });
  const logits = await run({
    model,
    cache,
    first: slot,
    ids: int64Tensor(ids, [group.length, width]),
    positions: int64Tensor(positions, [group.length, width]),
    lastToken: lengths.map((length) => length - 1),
    lengths,
    longest: width,
  });
  return group.map((_, row) => rowOf(model, logits, row));
}

/** One token for every active sequence. */
async function step(
  model: DecodingModel,
  cache: KeyValueCache,
  active: readonly Sequence[],
): Promise<TokenChoice[]> {
  const count = active.length;
  const lengths = active.map(({ length }) => length + 1);
  const logits = await run({
    model,
    cache,
    first: 0,
    ids: int64Tensor(
      active.map(({ ids }) => ids.at(-1) ?? 0),
      [count, 1],
    ),
    positions: int64Tensor(
      active.map(({ length }) => length),
      [count, 1],
    ),
    lastToken: new Array<number>(count).fill(0),
    lengths,
    longest: Math.max(...lengths),
  });
  for (const sequence of active) sequence.length++;
  return active.map((sequence, row) =>
    choose(sequence, rowOf(model, logits, row)),
  );
}

async function run(call: {
  readonly model: DecodingModel;
  readonly cache: KeyValueCache;
  readonly first: number;
  readonly ids: HostTensor;
  readonly positions: HostTensor;
  readonly lastToken: readonly number[];
  readonly lengths: readonly number[];
  readonly longest: number;
}): Promise<Float32Array> {
  const count = call.lengths.length;
  const results = await call.model.executable.run({
    ...call.cache.view(call.first, count),
    ids: call.ids,
    positions: call.positions,
    lastToken: int64Tensor(call.lastToken, [count]),
    lastPosition: int32Tensor(
      Int32Array.from(call.lengths, (length) => length - 1),
      [count],
    ),
    longest: int32Tensor(Int32Array.of(call.longest), [1]),
  });
  call.cache.append(
    results,
    call.lengths.map((end, row) => ({
      slot: call.first + row,
      start: end - 1 - (call.lastToken[row] ?? 0),
      end,
    })),
  );
  const { logits } = results;
  if (logits?.elementType !== "float32")
    throw new ShapeError("the graph gave no logits");
  return logits.data;
}

function rowOf(
  model: DecodingModel,
  logits: Float32Array,
  row: number,
): Float32Array {
  const start = row * model.config.vocabSize;
  return logits.subarray(start, start + model.vocabulary);
}

function choose(sequence: Sequence, logits: Float32Array): TokenChoice {
  const { request, random, ids } = sequence;
  const coin = request.temperature === 0 ? 0 : random.next();
  return chooseToken(logits, request, coin, ids);
}

/** Appends the chosen tokens; finished sequences leave, the last ones take their slots. */
function settle(step: {
  readonly model: DecodingModel;
  readonly cache: KeyValueCache;
  readonly active: Sequence[];
  readonly from: number;
  readonly choices: readonly TokenChoice[];
  readonly finish: (sequence: Sequence, reason: "stop" | "length") => void;
}): void {
  const { model, cache, active, from, choices, finish } = step;
  const reasons = choices.map((choice, i) => {
    const sequence = active[from + i] as Sequence;
    sequence.ids.push(choice.token);
    sequence.logprobs.push(choice.logprob);
    if (
      model.eosTokenIds.has(choice.token) ||
      sequence.request.ended(sequence.ids)
    )
      return "stop";
    return sequence.ids.length >= sequence.request.maxTokens ? "length" : null;
  });
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
