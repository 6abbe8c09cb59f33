/**
 * @file The sequences that are being generated side by side, each in a slot of one cache.
 *
 * Active sequences fill the first slots; when one ends, the last one moves into its
 * place. A sequence's tokens depend on its own prompt, settings and random stream only.
 * Who joins when is the caller's: `decode` for a list of requests, `OpenDecoder` for
 * requests that come one by one. Its calls follow each other, never side by side.
 */
import { randomStream, type RandomStream } from "../foundation/random.js";
import { advance, type InferenceModel } from "../models/inference-calls.js";
import { KeyValueCache } from "../models/key-value-cache.js";
import type { Prefilled } from "./prefill.js";
import {
  chooseToken,
  chooseWeighted,
  hasPenalties,
  likeliest,
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
  /** How many of the likeliest tokens are told for each place; none when absent. */
  readonly alternatives?: number;
  /** Told each token of each sample as it is chosen. */
  readonly onToken?: (sample: number, token: DecodedToken) => void;
}

/** A token that was chosen. */
export interface DecodedToken extends TokenChoice {
  /** The likeliest tokens of this place, likeliest first; empty where none are asked for. */
  readonly alternatives: readonly TokenChoice[];
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

/** Told when a sample of the request has ended. */
export type SampleEnd = (sample: number, decoded: DecodedSample) => void;

interface Sequence {
  readonly request: DecodingRequest;
  readonly sample: number;
  readonly end: SampleEnd;
  readonly random: RandomStream;
  readonly ids: number[];
  readonly logprobs: number[];
  /** Tokens in the cache. */
  length: number;
  /** Chosen, and not yet among `ids`. */
  next: DecodedToken | null;
}

export class DecodingBatch {
  readonly #model: DecodingModel;
  readonly #cache: KeyValueCache;
  readonly #active: Sequence[] = [];

  /** @param positions a slot will need, as far as is known */
  constructor(model: DecodingModel, slots: number, positions: number) {
    this.#model = model;
    this.#cache = new KeyValueCache(model.config, slots, positions);
  }

  /** Sequences that have not ended. */
  get size(): number {
    return this.#active.length;
  }

  /** Before prompts of at most `longest` tokens join. */
  makeRoom(longest: number): void {
    this.#fit(longest);
  }

  /** Gives each sample of a prompt a slot and its first token, which waits for `settle`. */
  join(request: DecodingRequest, prompt: Prefilled, end: SampleEnd): void {
    const logits = prompt.logits.subarray(0, this.#model.vocabulary);
    const segments = prompt.segments();
    for (let sample = 0; sample < request.n; sample++) {
      const sequence: Sequence = {
        request,
        sample,
        end,
        random: randomStream(request.seed, "sample", sample),
        ids: [],
        logprobs: [],
        length: request.promptIds.length,
        next: null,
      };
      this.#cache.write(this.#active.length, segments);
      this.#active.push(sequence);
      const choice = choose(sequence, logits);
      sequence.next = withAlternatives(request, choice, logits);
    }
  }

  /** Chooses one token for every sequence, which waits for `settle`. */
  async step(): Promise<void> {
    const model = this.#model;
    const active = this.#active;
    this.#fit(0);
    const next = await advance(model, {
      cache: this.#cache,
      tokens: active.map(({ ids }) => ids.at(-1) ?? 0),
      lengths: active.map(({ length }) => length),
      inverseTemperatures: Float32Array.from(
        active,
        ({ request: { temperature } }) =>
          temperature === 0 ? 1 : 1 / temperature,
      ),
      // Greedy sequences need neither, which spares a copy of the vocabulary for each.
      weights: active.some(({ request }) => request.temperature !== 0),
      logits: active.some(({ request }) => needsLogits(request)),
    });
    const { vocabulary, config } = model;
    active.forEach((sequence, row) => {
      const { request } = sequence;
      sequence.length++;
      const logits = next.logits?.subarray(
        row * config.vocabSize,
        row * config.vocabSize + vocabulary,
      );
      const start = row * vocabulary;
      const choice =
        logits !== undefined && hasPenalties(request)
          ? choose(sequence, logits)
          : chooseWeighted(
              {
                weights: next.weights.subarray(start, start + vocabulary),
                peak: next.peaks[row] as number,
                best: next.best[row] as number,
              },
              request,
              coinOf(sequence),
            );
      sequence.next = withAlternatives(request, choice, logits);
    });
  }

  /** Appends the chosen tokens; ended sequences leave. */
  async settle(): Promise<void> {
    const { eosTokenIds } = this.#model;
    const reasons = await Promise.all(
      this.#active.map(async (sequence) => {
        const { request, sample, ids, logprobs, next } = sequence;
        if (next === null) return null;
        sequence.next = null;
        ids.push(next.token);
        logprobs.push(next.logprob);
        request.onToken?.(sample, next);
        if (eosTokenIds.has(next.token) || (await request.ended?.(ids)))
          return "stop";
        return ids.length >= request.maxTokens ? "length" : null;
      }),
    );
    for (let slot = reasons.length - 1; slot >= 0; slot--) {
      const finishReason = reasons[slot];
      if (finishReason === null || finishReason === undefined) continue;
      const { ids, logprobs, sample, end } = this.#leave(slot);
      end(sample, { ids, logprobs, finishReason });
    }
  }

  /** Lets the sequences of a request go, wherever they are. */
  drop(request: DecodingRequest): void {
    for (let slot = this.#active.length - 1; slot >= 0; slot--)
      if (this.#active[slot]?.request === request) this.#leave(slot);
  }

  /** The last sequence takes the slot of the one that leaves. */
  #leave(slot: number): Sequence {
    const leaving = this.#active[slot] as Sequence;
    const last = this.#active.pop() as Sequence;
    if (slot !== this.#active.length) {
      this.#cache.copy(this.#active.length, slot, last.length);
      this.#active[slot] = last;
    }
    return leaving;
  }

  /** Room for one token more of every sequence, and of a prompt of so many. */
  #fit(prompt: number): void {
    const longest = this.#active.reduce(
      (most, { length }) => Math.max(most, length),
      prompt,
    );
    this.#cache.fit(longest + 1, this.#active.length);
  }
}

function needsLogits(request: DecodingRequest): boolean {
  return hasPenalties(request) || (request.alternatives ?? 0) > 0;
}

function withAlternatives(
  { alternatives = 0 }: DecodingRequest,
  choice: TokenChoice,
  logits: Float32Array | undefined,
): DecodedToken {
  return {
    ...choice,
    alternatives:
      alternatives === 0 || logits === undefined
        ? []
        : likeliest(logits, alternatives),
  };
}

function choose(sequence: Sequence, logits: Float32Array): TokenChoice {
  const { request, ids } = sequence;
  return chooseToken(logits, request, coinOf(sequence), ids);
}

/** Greedy choices need none. */
function coinOf({ request, random }: Sequence): number {
  return request.temperature === 0 ? 0 : random.next();
}
