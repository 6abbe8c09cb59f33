/**
 * @file How long an answer may take, learned from how long answers take.
 *
 * A fixed time-out is wrong for somebody: too short for a healthy slow model, too
 * long for a hung fast one. The allowance is a multiple of the slowest recent
 * answer, scaled to the number of tokens asked for; queueing at the endpoint is in
 * what was observed. Until the first answers it is generous, for a server that
 * loads its model on the first request.
 */

export interface AnswerTimeOptions {
  /** Allowed before anything was observed, and the most ever allowed. */
  readonly longestMs: number;
  /** Never less than this. */
  readonly shortestMs: number;
}

export const DEFAULT_ANSWER_TIMES: AnswerTimeOptions = {
  longestMs: 900_000,
  shortestMs: 30_000,
};

/** Times the slowest recent answer. */
const MARGIN = 4;
/** Answers observed before the allowance is trusted. */
const ENOUGH = 8;
/** Short answers are mostly waiting: they count as this many tokens. */
const FEWEST_TOKENS = 16;
/** What is left of a peak after one faster answer. */
const FADE = 0.99;

export class AnswerTimes {
  readonly #options: AnswerTimeOptions;
  #observed = 0;
  /** Fading maximum of milliseconds a token. */
  #slowest = 0;
  /** Doubles with each time-out in a row. */
  #patience = 1;

  constructor(options: AnswerTimeOptions = DEFAULT_ANSWER_TIMES) {
    this.#options = options;
  }

  /** Milliseconds allowed for an answer of at most `maxTokens`. */
  allowance(maxTokens: number): number {
    const { longestMs, shortestMs } = this.#options;
    if (this.#observed < ENOUGH) return longestMs;
    const expected = this.#slowest * Math.max(maxTokens, FEWEST_TOKENS);
    const allowed = Math.ceil(this.#patience * MARGIN * expected);
    return Math.min(longestMs, Math.max(shortestMs * this.#patience, allowed));
  }

  answered(milliseconds: number, tokens: number): void {
    const pace = milliseconds / Math.max(tokens, FEWEST_TOKENS);
    this.#slowest = Math.max(pace, FADE * this.#slowest);
    this.#observed++;
    this.#patience = 1;
  }

  timedOut(): void {
    this.#patience = Math.min(2 * this.#patience, 1024);
  }
}
