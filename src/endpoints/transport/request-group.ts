/**
 * @file Requests that are given up together, in two steps: cancelled, no further one
 * is sent; aborted, those in flight end as well.
 *
 * Attempts are in a set, not listeners of one signal: adding a listener looks through
 * all that are there, which at a thousand in flight costs more than the request.
 */
import { setMaxListeners } from "node:events";
import type { CallUsage } from "../../generation/language-model.js";
import type { Cancellable } from "./admission-gate.js";

export class RequestGroup implements Cancellable {
  cancelled?: Error;
  /** Told what each answer took. */
  readonly onUsage: ((usage: CallUsage) => void) | undefined;
  readonly #whole = new AbortController();
  readonly #attempts = new Set<AbortController>();

  constructor(onUsage?: (usage: CallUsage) => void) {
    this.onUsage = onUsage;
    // In an outage every request pauses.
    setMaxListeners(0, this.#whole.signal);
  }

  /** Aborted with the group; for pauses, of which there are few otherwise. */
  get signal(): AbortSignal {
    return this.#whole.signal;
  }

  /** One trip over the network, aborted with the group or by itself; `end` takes it back. */
  begin(): AbortController {
    const attempt = new AbortController();
    if (this.signal.aborted) attempt.abort();
    else this.#attempts.add(attempt);
    return attempt;
  }

  end(attempt: AbortController): void {
    this.#attempts.delete(attempt);
  }

  abort(): void {
    this.#whole.abort();
    for (const attempt of this.#attempts) attempt.abort();
    this.#attempts.clear();
  }
}
