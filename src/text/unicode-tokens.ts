/**
 * @file The "unicode" tokenizer: units of comparison for any script.
 *
 * Text is brought to NFKC and lower case. Scripts written without spaces (Han,
 * kana, Bopomofo, Yi, Thai, Lao, Khmer, Myanmar, Tibetan) give one token a
 * character together with its combining marks; every other script gives one
 * token for each run of letters, digits and marks. Punctuation, symbols and
 * emoji separate and are dropped, as in the "rouge" tokenizer, so on lower-case
 * ASCII text the two agree.
 *
 * By character and not by `Intl.Segmenter`: the segmenter's dictionary belongs
 * to the ICU inside each Node release, so the same pair could be rejected on one
 * machine and kept on another, and a recorded run could not be replayed. The
 * LCS keeps the order of characters, which is what a word boundary would add.
 *
 * Invariant: tokenizing the tokens joined by spaces gives the same tokens.
 */

/** Scripts whose words are not separated by spaces. */
const UNSPACED = `Han Hira Kana Bopo Yiii Thai Laoo Khmr Mymr Tibt`
  .split(/\s+/)
  // Extensions, so that the prolonged sound mark "ー" counts as kana.
  .map((script) => `\\p{scx=${script}}`)
  .join("");

const TOKEN = new RegExp(
  `(?=[\\p{L}\\p{N}])[${UNSPACED}]\\p{M}*|(?:(?![${UNSPACED}])[\\p{L}\\p{N}]\\p{M}*)+`,
  "gu",
);

/** Words, or characters of unspaced scripts, of `text` in order. */
export function unicodeTokens(text: string): string[] {
  // Lower-casing can leave a pair that has a composed form (J + caron), hence
  // the second normalisation.
  const folded = text.normalize("NFKC").toLowerCase().normalize("NFKC");
  return folded.match(TOKEN) ?? [];
}
