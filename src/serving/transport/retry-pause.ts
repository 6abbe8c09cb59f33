/**
 * @file The Retry-After header (RFC 9110, section 10.2.3): seconds or a date.
 */

/**
 * Milliseconds to stay away; undefined without a header or with nonsense in it.
 * A date in the past is 0. Decimal seconds, which some servers send, are accepted.
 * @param now milliseconds since 1970
 */
export function parseRetryAfter(
  header: string | undefined,
  now: number,
): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  // Every date format of the RFC begins with the name of a weekday.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

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
