/**
 * @file Buys each sample once: first the store is asked, then the endpoint.
 *
 * Requests with the same key go one after the other, so the second finds what the
 * first bought instead of buying it again. An answer is kept before anybody sees
 * it. In replay nothing is bought: what the store lacks is an error that names the
 * request. It knows keys and stores, nothing of HTTP.
 */
import { AutodidactError } from "../foundation/error.js";
import { finishedKey, truncatedKey, unreadKey } from "./answer-key.js";
import type { AnswerStore, StoredAnswer } from "./answer-store.js";
import { settledAll } from "./settled-all.js";

/** One purchase and what can be read in it. */
export interface Purchase<Sample> {
  readonly call: StoredAnswer;
  /** At least one, in order. */
  readonly samples: readonly Sample[];
}

export interface SampleRequest<Sample extends { readonly finished: boolean }> {
  /** From `requestKey`. */
  readonly key: string;
  readonly samples: number;
  readonly maxTokens: number;
  /** For people: model and beginning of the prompt. */
  readonly describe: () => string;
  /** Samples of a kept purchase. */
  readonly read: (call: StoredAnswer) => readonly Sample[];
  /** The same of a purchase that could not be read when it was kept, or why it still cannot. */
  readonly readAnew: (
    call: StoredAnswer,
  ) => readonly Sample[] | AutodidactError;
  /** Most samples to ask for at once. */
  readonly together: () => number;
  /** Asks the endpoint for `count` samples from index `first` on; may get fewer, at least one. */
  readonly buy: (first: number, count: number) => Promise<Purchase<Sample>>;
}

export interface SampleMemoryOptions {
  /** Without one nothing is kept. */
  readonly store?: AnswerStore;
  /** Where a replay comes from, for its error message; absent when buying is allowed. */
  readonly replayOf?: string;
}

export class SampleMemory {
  readonly #store: AnswerStore | undefined;
  readonly #replayOf: string | undefined;
  readonly #turns = new Map<string, Promise<void>>();
  #reused = 0;

  constructor(options: SampleMemoryOptions) {
    this.#store = options.store;
    this.#replayOf = options.replayOf;
  }

  /** Purchases found in the store instead of being bought. */
  get reused(): number {
    return this.#reused;
  }

  /** Samples 0 … n−1 of an order, from the store where it has them. */
  async obtain<Sample extends { readonly finished: boolean }>(
    order: SampleRequest<Sample>,
  ): Promise<readonly Sample[]> {
    const leave = await this.#takeTurn(order.key);
    try {
      const samples = Array.from(
        { length: order.samples },
        (): Sample | undefined => undefined,
      );
      await this.#recall(order, samples);
      while (samples.includes(undefined)) {
        this.#refuseInReplay(order, samples.indexOf(undefined));
        await this.#buyMissing(order, samples);
      }
      return samples as readonly Sample[];
    } finally {
      leave();
    }
  }

  /** Waits until nobody else is busy with the key. */
  async #takeTurn(key: string): Promise<() => void> {
    const before = this.#turns.get(key);
    let leave = (): void => undefined;
    const turn = new Promise<void>((resolve) => {
      leave = () => {
        if (this.#turns.get(key) === turn) this.#turns.delete(key);
        resolve();
      };
    });
    this.#turns.set(key, turn);
    await before;
    return leave;
  }

  async #recall<Sample extends { readonly finished: boolean }>(
    order: SampleRequest<Sample>,
    samples: (Sample | undefined)[],
  ): Promise<void> {
    if (this.#store === undefined) return;
    for (let sample = 0; sample < samples.length; sample++) {
      if (samples[sample] !== undefined) continue;
      const found =
        (await this.#find(this.#store, order, sample)) ??
        (await this.#findUnread(this.#store, order, sample));
      if (found === undefined) continue;
      this.#reused++;
      place(found, samples, sample);
    }
  }

  async #find<Sample extends { readonly finished: boolean }>(
    store: AnswerStore,
    order: SampleRequest<Sample>,
    sample: number,
  ): Promise<readonly Sample[] | undefined> {
    const finished = await store.get(finishedKey(order.key, sample));
    const call =
      finished !== undefined && fits(finished, order.maxTokens)
        ? finished
        : await store.get(truncatedKey(order.key, sample, order.maxTokens));
    return call && order.read(call);
  }

  /**
   * What an earlier reader could not read. Where that is still so, the server is asked
   * again, which may have been mended since; a replay ends as the recorded run did.
   */
  async #findUnread<Sample extends { readonly finished: boolean }>(
    store: AnswerStore,
    order: SampleRequest<Sample>,
    sample: number,
  ): Promise<readonly Sample[] | undefined> {
    const call = await store.get(unreadKey(finishedKey(order.key, sample)));
    const found = call && order.readAnew(call);
    if (!(found instanceof AutodidactError)) return found;
    if (this.#replayOf !== undefined) throw found;
    return undefined;
  }

  /** Keeps what was bought in the place of the samples that `finished` is the key of. */
  async keepUnread(finished: string, call: StoredAnswer): Promise<void> {
    await this.#store?.put(unreadKey(finished), call);
  }

  async #buyMissing<Sample extends { readonly finished: boolean }>(
    order: SampleRequest<Sample>,
    samples: (Sample | undefined)[],
  ): Promise<void> {
    const runs = missingRuns(samples, Math.max(1, order.together()));
    await settledAll(
      runs.map(async ({ first, count }) => {
        const purchase = await order.buy(first, count);
        await this.#keep(order, first, purchase);
        place(purchase.samples.slice(0, count), samples, first);
      }),
    );
  }

  async #keep<Sample extends { readonly finished: boolean }>(
    order: SampleRequest<Sample>,
    first: number,
    purchase: Purchase<Sample>,
  ): Promise<void> {
    const store = this.#store;
    if (store === undefined) return;
    const { call, samples } = purchase;
    const key = finishedKey(order.key, first);
    const whole = samples.every((sample) => sample.finished);
    const taken = whole && (await store.get(key)) !== undefined;
    await store.put(
      whole && !taken ? key : truncatedKey(order.key, first, order.maxTokens),
      call,
    );
  }

  #refuseInReplay<Sample extends { readonly finished: boolean }>(
    order: SampleRequest<Sample>,
    sample: number,
  ): void {
    if (this.#replayOf === undefined) return;
    throw new AutodidactError(
      "BAD_INPUT",
      `${this.#replayOf} has no answer for sample ${sample} of ${order.describe()}. A replay only knows the requests of the recorded run: use the same recipe, seed and endpoint name, or record again.`,
      { source: this.#replayOf, key: finishedKey(order.key, sample), sample },
    );
  }
}

/** A finished answer serves every maximum that would not have cut it. */
function fits(call: StoredAnswer, maxTokens: number): boolean {
  const { max_tokens, max_completion_tokens } = call.request.body;
  const asked = max_tokens ?? max_completion_tokens;
  return (
    (typeof asked === "number" && asked <= maxTokens) ||
    call.usage.completionTokens <= maxTokens
  );
}

function place<Sample>(
  found: readonly Sample[],
  samples: (Sample | undefined)[],
  first: number,
): void {
  found.forEach((sample, offset) => {
    const index = first + offset;
    if (index < samples.length) samples[index] ??= sample;
  });
}

/** Neighbouring samples that are missing, cut into runs of at most `longest`. */
function missingRuns(
  samples: readonly unknown[],
  longest: number,
): readonly { readonly first: number; readonly count: number }[] {
  const runs: { first: number; count: number }[] = [];
  for (let index = 0; index < samples.length; index++) {
    if (samples[index] !== undefined) continue;
    const last = runs.at(-1);
    if (
      last !== undefined &&
      last.first + last.count === index &&
      last.count < longest
    )
      last.count++;
    else runs.push({ first: index, count: 1 });
  }
  return runs;
}
