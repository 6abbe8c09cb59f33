/**
 * @file Lets requests through to an endpoint as `Admission` allows, first come,
 * first served, but for the request that finds out whether it answers at all.
 *
 * Every method of the returned pass ends the request's stay and lets the next one
 * in. The gate waits (timers); what the limit is, `Admission` decides.
 */
import type { Clock } from "../../foundation/clock.js";
import type { Admission, Ticket } from "./admission.js";

/** Requests that can be cancelled together. */
export interface Cancellable {
  /** Why its requests are no longer let in; absent while they are. */
  cancelled?: Error;
}

interface Waiter {
  readonly group: Cancellable;
  readonly admit: (ticket: Ticket) => void;
  readonly refuse: (reason: Error) => void;
}

export class AdmissionGate {
  readonly #admission: Admission;
  readonly #clock: Clock;
  #waiting: Waiter[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(admission: Admission, clock: Clock) {
    this.#admission = admission;
    this.#clock = clock;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves when the request may be sent; rejects with the group's reason if it is cancelled first. @param ahead of all who wait */
  enter(group: Cancellable, ahead = false): Promise<Ticket> {
    if (group.cancelled !== undefined) return Promise.reject(group.cancelled);
    return new Promise((admit, refuse) => {
      this.#waiting[ahead ? "unshift" : "push"]({ group, admit, refuse });
      this.#pump();
    });
  }

  /** Cancels a group; its requests in flight are not touched. */
  cancel(group: Cancellable, reason: Error): void {
    group.cancelled ??= reason;
    const leaving = this.#waiting.filter((waiter) => waiter.group === group);
    this.#waiting = this.#waiting.filter((waiter) => waiter.group !== group);
    for (const waiter of leaving) waiter.refuse(reason);
    this.#pump();
  }

  /** @param tokens length of the answer */
  answered(ticket: Ticket, tokens: number): void {
    this.#admission.answered(ticket, this.#clock.monotonic(), tokens);
    this.#pump();
  }

  overloaded(ticket: Ticket, retryAfterMs?: number): void {
    this.#admission.overloaded(ticket, this.#clock.monotonic(), retryAfterMs);
    this.#pump();
  }

  unreachable(ticket: Ticket): void {
    this.#admission.unreachable(ticket, this.#clock.monotonic());
    this.#pump();
  }

  failed(): void {
    this.#admission.failed(this.#clock.monotonic());
    this.#pump();
  }

  withdrawn(): void {
    this.#admission.withdrawn(this.#clock.monotonic());
    this.#pump();
  }

  #pump(): void {
    const now = this.#clock.monotonic();
    let next = 0;
    while (next < this.#waiting.length) {
      const ticket = this.#admission.start(now);
      if (ticket === undefined) break;
      this.#waiting[next++]?.admit(ticket);
    }
    if (next > 0) this.#waiting.splice(0, next);
    this.#wakeLater(now);
  }

  /** A closed endpoint with requests waiting opens by itself. */
  #wakeLater(now: number): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const opensAt = this.#admission.opensAt(now);
    if (opensAt === undefined || this.#waiting.length === 0) return;
    this.#timer = setTimeout(
      () => {
        this.#pump();
      },
      Math.ceil(opensAt - now),
    );
  }
}
