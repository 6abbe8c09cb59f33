/**
 * @file Time as an argument, so that tests decide what time it is.
 *
 * Times are for people and rates; no result of a run may depend on one.
 */

export interface Clock {
  /** Milliseconds since 1970-01-01 UTC; may jump when the machine's clock is set. */
  now(): number;
  /** Milliseconds from an arbitrary start; never goes back. */
  monotonic(): number;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
};

export interface ManualClock extends Clock {
  /** Lets `milliseconds` pass. */
  advance(milliseconds: number): void;
}

/** A clock that stands still at `start` until it is told otherwise. */
export function manualClock(start = 0): ManualClock {
  let elapsed = 0;
  return {
    now: () => start + elapsed,
    monotonic: () => elapsed,
    advance: (milliseconds) => {
      elapsed += milliseconds;
    },
  };
}

/** The time as `2026-01-31T12:00:00.000Z`. */
export function timestamp(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}
