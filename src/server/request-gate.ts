/**
 * @file How many prompts may be under way at once: beyond that a request is turned away
 * at once and told when to come again, rather than left to wait for hours.
 */
import { ApiError } from "./api-error.js";

/** Seconds after which a request that was turned away may come again. */
const RETRY_AFTER = 2;

export class RequestGate {
  readonly #limit: number;
  #prompts = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Lets a request in; a server with nothing to do takes any.
   * @returns what is called when it is over
   * @throws ApiError 429
   */
  enter(prompts: number): () => void {
    if (this.#prompts > 0 && this.#prompts + prompts > this.#limit)
      throw new ApiError(
        429,
        `This server has ${this.#prompts} prompts under way, and takes ${this.#limit} at once. Try again after ${RETRY_AFTER} seconds.`,
        {
          kind: "rate_limit_error",
          code: "rate_limit_exceeded",
          retryAfter: RETRY_AFTER,
        },
      );
    this.#prompts += prompts;
    return () => {
      this.#prompts -= prompts;
    };
  }
}
