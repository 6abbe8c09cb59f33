/**
 * @file Log-probabilities of the tokens of texts that come one by one; those that wait at
 * the same time are computed together.
 */
import type { PackedScorer } from "../models/packed-scorer.js";
import { packSequences } from "../models/packing.js";
import type { TokenChoice } from "./sampling.js";

/** A token that was given. */
export interface ScoredToken {
  /** Natural log, given the tokens before it. */
  readonly logprob: number;
  /** The likeliest tokens of this place, likeliest first. */
  readonly alternatives: readonly TokenChoice[];
}

interface Ticket {
  readonly ids: readonly number[];
  readonly signal: AbortSignal;
  readonly resolve: (tokens: ScoredToken[]) => void;
  readonly reject: (reason: unknown) => void;
}

export class OpenScorer {
  readonly #scorer: PackedScorer;
  readonly #callTokens: number;
  readonly #waiting: Ticket[] = [];
  #works = false;

  /** @param callTokens of one call, about */
  constructor(scorer: PackedScorer, callTokens: number) {
    this.#scorer = scorer;
    this.#callTokens = callTokens;
  }

  /**
   * Each token but the first.
   * @param ids at least one
   * @throws the signal's reason, where it came before the turn of these
   */
  score(ids: readonly number[], signal: AbortSignal): Promise<ScoredToken[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ids, signal, resolve, reject });
      if (!this.#works) void this.#work();
    });
  }

  async #work(): Promise<void> {
    this.#works = true;
    for (;;) {
      // What comes in one turn of the event loop is computed together.
      await new Promise(setImmediate);
      const group = this.#takeCall();
      if (group.length === 0) break;
      try {
        const scored = await this.#scoreAll(group.map(({ ids }) => ids));
        group.forEach(({ resolve }, i) => {
          resolve(scored[i] ?? []);
        });
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#works = false;
  }

  /** The first that wait, as many as go into a call, at least one. */
  #takeCall(): Ticket[] {
    const group: Ticket[] = [];
    let tokens = 0;
    while (tokens < this.#callTokens) {
      const ticket = this.#waiting.shift();
      if (ticket === undefined) break;
      if (ticket.signal.aborted) {
        ticket.reject(ticket.signal.reason);
        continue;
      }
      group.push(ticket);
      tokens += ticket.ids.length;
    }
    return group;
  }

  async #scoreAll(
    texts: readonly (readonly number[])[],
  ): Promise<ScoredToken[][]> {
    const batch = packSequences(
      texts.map((ids) => ({ ids, completionStart: 1 })),
    );
    const { logProbabilities, likeliest } = await this.#scorer.scores(batch);
    const count = likeliest.tokens.length / batch.targetSlots;
    const scored: ScoredToken[][] = texts.map(() => []);
    for (let slot = 0; slot < batch.targetCount; slot++) {
      scored[batch.targetOwners[slot] ?? 0]?.push({
        logprob: logProbabilities[slot] ?? Number.NaN,
        alternatives: Array.from({ length: count }, (_, i) => ({
          token: likeliest.tokens[slot * count + i] ?? 0,
          logprob: likeliest.logProbabilities[slot * count + i] ?? Number.NaN,
        })),
      });
    }
    return scored;
  }
}
