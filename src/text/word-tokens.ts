/**
 * @file The "rouge" tokenizer: the words Google's `rouge_score` sees.
 *
 * Invariant: for every string, the result equals
 * `rouge_score.tokenize.tokenize(text, None)` of rouge_score 0.1.2: lower-case by
 * Unicode, then the maximal runs of ASCII `[a-z0-9]`. Anything else separates.
 * Two letters outside ASCII fold into it: U+212A KELVIN SIGN becomes "k", and
 * U+0130 (capital I with dot) becomes "i" followed by a separator. Python's and
 * JavaScript's case mappings agree on both.
 *
 * It sees nothing in a Chinese sentence; `unicode-tokens.ts` does.
 */

/** Lower-case ASCII words of `text`, in order; empty for text without any. */
export function wordTokens(text: string): string[] {
  return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
}
