/**
 * @file The pause before a request is sent again.
 */

/** First pause before a request is sent again. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/**
 * Milliseconds to wait before the next attempt: doubling, half of it random, so
 * that requests which failed together do not return together.
 * @param failures times the request has failed so far, at least 1
 * @param uniform a random number in [0, 1)
 */
export function backoff(failures: number, uniform: number): number {
  const full = Math.min(
    LONGEST_PAUSE_MS,
    FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 20),
  );
  return full * (0.5 + 0.5 * uniform);
}
