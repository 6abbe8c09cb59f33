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

function isSpace(character: string): boolean {
  return ONE_SPACE.test(character);
}

/** `str.strip()`, or `str.strip(characters)`. */
export function trimmed(text: string, characters?: string): string {
  return trimmedEnd(trimmedStart(text, characters), characters);
}

/** `str.lstrip`. */
export function trimmedStart(text: string, characters?: string): string {
  let start = 0;
  while (start < text.length && isOneOf(text.charAt(start), characters))
    start++;
  return text.slice(start);
}

/** `str.rstrip`. */
export function trimmedEnd(text: string, characters?: string): string {
  let end = text.length;
  while (end > 0 && isOneOf(text.charAt(end - 1), characters)) end--;
  return text.slice(0, end);
}

function isOneOf(character: string, characters: string | undefined): boolean {
  return characters === undefined
    ? isSpace(character)
    : characters.includes(character);
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
