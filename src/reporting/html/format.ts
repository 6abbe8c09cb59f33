/**
 * @file Numbers as the page shows them: as the sentences do, with a dash for what
 * was not measured and spaces that do not break.
 */
import type { Interval } from "../../evaluation/interval.js";
import { formatDuration } from "../../text/durations.js";
import {
  fixed,
  percent as percentInWords,
  rangeInPoints,
  signed,
} from "../../text/number-words.js";

/** What stands for a number nobody measured. */
export const UNKNOWN = "–";

const NARROW_SPACE = "\u202F";

/** A sentence whose percentages stay on one line. */
export function unbroken(sentence: string): string {
  return sentence.replace(/(\d) %/g, `$1${NARROW_SPACE}%`);
}

/** 0.712 → `71.2 %`. */
export function percentCell(share: number | null, digits = 1): string {
  return share === null
    ? UNKNOWN
    : percentInWords(share, digits).replace(" ", NARROW_SPACE);
}

export function decimal(value: number | null, digits = 2): string {
  return value === null ? UNKNOWN : fixed(value, digits);
}

/** A difference of shares in points with its sign: 0.129 → `+12.9`. */
export function signedPoints(difference: number | null): string {
  return difference === null ? UNKNOWN : signed(difference * 100, 1);
}

/** `71.2 % [67.3, 75.0]`. */
export function percentInterval(interval: Interval | null): string {
  return interval === null
    ? UNKNOWN
    : `${percentCell(interval.mean)} ${rangeInPoints(interval)}`;
}

/** `4.18 [4.05, 4.30]`. */
export function decimalInterval(interval: Interval | null): string {
  return interval === null
    ? UNKNOWN
    : `${fixed(interval.mean)} [${fixed(interval.low)}, ${fixed(interval.high)}]`;
}

/** `+12.9 [10.1, 15.6]`, in points. */
export function pointsInterval(interval: Interval | null): string {
  return interval === null
    ? UNKNOWN
    : `${signedPoints(interval.mean)} ${rangeInPoints(interval)}`;
}

/** Seconds as `48 s`, `7 min 12 s` or `2 h 5 min`. */
export function duration(seconds: number | null): string {
  return seconds === null
    ? UNKNOWN
    : formatDuration(seconds).replaceAll(/(?<=\d) /gu, NARROW_SPACE);
}
