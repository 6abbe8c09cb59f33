/**
 * @file The tokenizers a novelty filter can be asked for, by name.
 *
 * The name is stored with a serialized pool: token lists of different tokenizers
 * must never meet in one index.
 */
import { unicodeTokens } from "../text/unicode-tokens.js";
import { wordTokens } from "../text/word-tokens.js";

export const NOVELTY_TOKENIZERS = {
  /** As Google's rouge_score: ASCII words. */
  rouge: wordTokens,
  /** Any script; those without spaces by character. */
  unicode: unicodeTokens,
} as const satisfies Record<string, (text: string) => string[]>;

export type NoveltyTokenizer = keyof typeof NOVELTY_TOKENIZERS;
