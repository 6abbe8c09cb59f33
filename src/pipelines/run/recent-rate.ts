/**
 * @file How fast something went during the last minute.
 */
import type { Clock } from "../../foundation/clock.js";

const WINDOW_MS = 60_000;
/** Readings closer than this are one. */
const APART_MS = 500;

interface Reading {
  readonly at: number;
  readonly done: number;
}

export class RecentRate {
  readonly #clock: Clock;
  #readings: Reading[] = [];
  /** What was counted by calls that are over. */
  #before = 0;
  #call = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What is done so far was not done in this time: rates count from here. */
  restart(): void {
    this.#readings = this.#readings.slice(-1);
  }

  /** So much is done. */
  reached(done: number): void {
    const at = this.#clock.monotonic();
    const last = this.#readings.at(-1);
    // Where readings are rarer than the window, the one before is still needed.
    const kept = this.#readings.filter(
      (each) => each === last || at - each.at <= WINDOW_MS,
    );
    if (kept.length > 1 && last !== undefined && at - last.at < APART_MS)
      kept.pop();
    this.#readings = [...kept, { at, done }];
  }

  /** So much is done of the present call; less than before: of the next one. */
  counted(done: number): void {
    if (done < this.#call) this.#before += this.#call;
    this.#call = done;
    this.reached(this.#before + done);
  }

  /** Null before it is known. */
  perSecond(): number | null {
    const [first] = this.#readings;
    const last = this.#readings.at(-1);
    if (first === undefined || last === undefined) return null;
    const seconds = (last.at - first.at) / 1000;
    const done = last.done - first.done;
    return seconds > 0 && done > 0 ? done / seconds : null;
  }
}
