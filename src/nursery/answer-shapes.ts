/**
 * @file The shapes answers have: letters, capitals, digits, words, labels.
 */
import type { AnswerShape } from "./family.js";
import {
  CAPITALS,
  DIGITS,
  DIGIT_WORDS,
  LETTERS,
  THINGS,
  wordKindOf,
} from "./lexicon.js";
import { defined } from "../foundation/defined.js";

/** Answers made of tokens of one closed set. */
export function closedSet(
  tokens: readonly string[],
  closeness?: AnswerShape["closeness"],
): AnswerShape {
  const members = new Set(tokens);
  return {
    tokens,
    accepts: (token) => members.has(token),
    ...defined({ closeness }),
  };
}

/** 2 for digits one apart, 1 for at most three apart. */
function digitCloseness(right: string, given: string): 0 | 1 | 2 {
  const distance = Math.abs(Number(right) - Number(given));
  return distance <= 1 ? 2 : distance <= 3 ? 1 : 0;
}

export const LETTER_SHAPE = closedSet(LETTERS);
export const CAPITAL_SHAPE = closedSet(CAPITALS);
export const DIGIT_SHAPE = closedSet(DIGITS, digitCloseness);
export const DIGIT_WORD_SHAPE = closedSet(DIGIT_WORDS);

/** Answers made of words: things of the world, or words the prompt itself names. */
export const WORD_SHAPE: AnswerShape = {
  tokens: THINGS,
  accepts: (token, prompt) =>
    wordKindOf(token) !== undefined ||
    (/^[a-z]{2,}$/.test(token) && prompt.split(" ").includes(token)),
};

/** Answers that must be one of the things listed in the prompt. */
export const LISTED_THING_SHAPE: AnswerShape = {
  tokens: THINGS,
  accepts: (token, prompt) =>
    wordKindOf(token) !== undefined && prompt.split(" ").includes(token),
};
