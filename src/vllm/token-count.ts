/**
 * @file Tokens read and written by the calls of a model that are under way together, of as
 * many as there may be; told at most once a second.
 */
import type { CallProgress, CallUsage } from "../generation/language-model.js";
import type { CompletionBody } from "./completion-request.js";

/** Told how far the calls have come. */
export type TellTokens = (progress: CallProgress) => void;

/** Between two words about tokens. */
const TELL_MS = 1000;

export class TokenCount {
  readonly #told: TellTokens | undefined;
  #calls = 0;
  #expected = 0;
  #done = 0;
  #at = Number.NEGATIVE_INFINITY;

  constructor(told: TellTokens | undefined) {
    this.#told = told;
  }

  /** A call; what earlier ones did counts no longer once none of them is under way. */
  begin(bodies: readonly CompletionBody[]): void {
    if (this.#calls++ === 0) this.#expected = this.#done = 0;
    for (const body of bodies) this.#expected += mostOf(body);
  }

  end(): void {
    this.#calls--;
  }

  add(body: CompletionBody, { tokensIn, tokensOut }: CallUsage): void {
    const used = tokensIn + tokensOut;
    this.#done += used;
    this.#expected += used - mostOf(body);
    const now = performance.now();
    if (now - this.#at < TELL_MS) return;
    this.#at = now;
    this.#told?.({ done: this.#done, expected: this.#expected });
  }
}

function mostOf({ prompt, max_tokens: most, n = 1 }: CompletionBody): number {
  return prompt.length + n * most;
}
