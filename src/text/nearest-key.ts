/**
 * @file "Did you mean …?" for keys, options and commands.
 */
import { distance } from "fastest-levenshtein";

/**
 * The candidate with the smallest edit distance to `key` (case ignored; earlier
 * wins a tie), or `undefined` when even the nearest differs in more than 40 % of
 * the longer word: a suggestion that far off only confuses. The same letters in
 * another order always count as near, because swapped letters are the commonest
 * slip and cost two edits.
 */
export function nearestKey(
  key: string,
  candidates: readonly string[],
): string | undefined {
  let best: string | undefined;
  let bestDistance = Infinity;
  for (const candidate of candidates) {
    const edits = distance(key.toLowerCase(), candidate.toLowerCase());
    const limit = Math.max(
      1,
      Math.floor(0.4 * Math.max(key.length, candidate.length)),
    );
    const near = edits <= limit || sameLetters(key, candidate);
    if (near && edits < bestDistance) {
      best = candidate;
      bestDistance = edits;
    }
  }
  return best;
}

function sameLetters(a: string, b: string): boolean {
  const sorted = (word: string): string =>
    [...word.toLowerCase()].sort().join("");
  return sorted(a) === sorted(b);
}
