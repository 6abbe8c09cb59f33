/**
 * @file What Python's `str` methods and `re` classes mean, in characters. Reference
 * graders are written in Python, and a verdict must not turn on a character that two
 * languages class differently.
 */

/** `str.isspace` and `\s` of Python's `re`, for a character class. */
export const SPACE =
  "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

/** `\w` of Python's `re`: letters, numbers of any kind, underscore. */
export const WORD = "\\p{L}\\p{N}_";

/** `\w` of Unicode (UTS 18, annex C), which PyPI's `regex` has: marks, but no fractions. */
export const UNICODE_WORD =
  "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}";

const ONE_SPACE = new RegExp(`^[${SPACE}]$`, "u");
const SPACES = new RegExp(`[${SPACE}]+`, "gu");

export type Side = "left" | "right" | "both";

/**
 * `str.strip`, or with a side `lstrip` and `rstrip`.
 * @param characters what is taken away, in any order; null for white space
 */
export function strip(
  text: string,
  characters: string | null = null,
  side: Side = "both",
): string {
  const given = new Set(characters);
  const unwanted = (point = ""): boolean =>
    characters === null ? ONE_SPACE.test(point) : given.has(point);
  const points = [...text];
  let [start, end] = [0, points.length];
  if (side !== "right") while (start < end && unwanted(points[start])) start++;
  if (side !== "left") while (end > start && unwanted(points[end - 1])) end--;
  return points.slice(start, end).join("");
}

/** `str.split()`: words between white space. */
export function splitWords(text: string): string[] {
  return text.split(SPACES).filter((word) => word !== "");
}

/** `str.isupper`: something in capitals, nothing in small or title case. */
export function isUpper(text: string): boolean {
  return /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
}

/** `str.islower`: something in small letters, nothing in capitals or title case. */
export function isLower(text: string): boolean {
  return /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);
}
