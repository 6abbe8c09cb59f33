/**
 * @file Texts that say the same but for case, ASCII punctuation and white space.
 */
const ASCII_PUNCTUATION = /[!-/:-@[-`{-~]/gu;

export function normalizedText(text: string): string {
  return text
    .toLowerCase()
    .replace(ASCII_PUNCTUATION, "")
    .split(/\s+/u)
    .filter((word) => word !== "")
    .join(" ");
}
