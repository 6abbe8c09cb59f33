/**
 * @file "Did you mean …?" for keys, options and commands.
 */
import { distance } from "fastest-levenshtein";

/**
 * The candidate with the smallest edit distance to `key` (case ignored; earlier
 * wins a tie), or `undefined` when even the nearest differs in more than 40 % of
 * the longer word: a suggestion that far off only confuses.
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
    if (edits <= limit && edits < bestDistance) {
      best = candidate;
      bestDistance = edits;
    }
  }
  return best;
}
