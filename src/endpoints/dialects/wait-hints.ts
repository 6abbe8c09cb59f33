/**
 * @file How long a server asks to be left alone, wherever it says so: the header of the
 * RFC (9110, section 10.2.3), those of OpenAI, Azure, Anthropic and others, or the body
 * of the refusal.
 */
import type { ErrorBody } from "./error-body.js";

/** Headers that say when a budget of requests or tokens is full again, with what is left of it. */
const RESETS = [
  ["x-ratelimit-reset-requests", "x-ratelimit-remaining-requests"],
  ["x-ratelimit-reset-tokens", "x-ratelimit-remaining-tokens"],
  ["x-ratelimit-reset", "x-ratelimit-remaining"],
  ["ratelimit-reset", "ratelimit-remaining"],
  [
    "anthropic-ratelimit-requests-reset",
    "anthropic-ratelimit-requests-remaining",
  ],
  ["anthropic-ratelimit-tokens-reset", "anthropic-ratelimit-tokens-remaining"],
] as const;

/** Only Retry-After is a promise; what else is said of the future is believed this far. */
const LONGEST_HINT_MS = 60_000;

/**
 * Milliseconds to stay away; undefined where nothing is said.
 * @param now milliseconds since 1970
 */
export function waitHint(
  headers: Readonly<Record<string, string>>,
  body: ErrorBody,
  now: number,
): number | undefined {
  const promised =
    parseWait(headers["retry-after"], now) ??
    milliseconds(headers["retry-after-ms"]);
  if (promised !== undefined) return promised;
  const resets = RESETS.filter(
    ([, remaining]) => Number(headers[remaining] ?? "0") === 0,
  ).flatMap(([reset]) => parseWait(headers[reset], now) ?? []);
  const hint =
    body.retryDelay === undefined
      ? resets.length === 0
        ? undefined
        : Math.max(...resets)
      : parseWait(body.retryDelay, now);
  return hint === undefined ? undefined : Math.min(hint, LONGEST_HINT_MS);
}

function milliseconds(text: string | undefined): number | undefined {
  return /^\s*\d+(\.\d+)?\s*$/.test(text ?? "") ? Number(text) : undefined;
}

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** 2001 in seconds, and in milliseconds: a larger number is a point in time. */
const EPOCH_SECONDS = 1e9;
const EPOCH_MS = 1e12;

/**
 * Milliseconds until then: seconds ("7", "1.5"), a span ("7s", "1m30.5s", "20ms"), a
 * date of HTTP or ISO 8601, or seconds or milliseconds since 1970. A time in the past is
 * 0; undefined for nothing, and for nonsense.
 */
export function parseWait(
  header: string | undefined,
  now: number,
): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) {
    const number = Number(text);
    if (number >= EPOCH_MS) return Math.max(0, number - now);
    if (number >= EPOCH_SECONDS) return Math.max(0, number * 1000 - now);
    return Math.ceil(number * 1000);
  }
  if (/^(\d+(\.\d+)?(ms|s|m|h|d))+$/.test(text)) {
    return Math.ceil(
      [...text.matchAll(/([\d.]+)(ms|s|m|h|d)/g)].reduce(
        (sum, [, number, unit = ""]) =>
          sum + Number(number) * (UNITS[unit] ?? 0),
        0,
      ),
    );
  }
  // Every date of HTTP begins with the name of a weekday, of ISO 8601 with a year.
  if (!/^((Mon|Tue|Wed|Thu|Fri|Sat|Sun)|\d{4}-\d\d-\d\dT)/.test(text))
    return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
