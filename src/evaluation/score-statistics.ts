/**
 * @file How scores spread over the rubric's points: one score for everything is a sign
 * that a self-rewarding run goes wrong.
 */
import { TOP_SCORE } from "../rewarding/judgement.js";

/** How many scores round to 0, 1, … 5: always six counts. */
export function scoreHistogram(scores: readonly number[]): number[] {
  const counts = new Array<number>(TOP_SCORE + 1).fill(0);
  for (const score of scores) {
    const bin = Math.max(0, Math.min(TOP_SCORE, Math.round(score)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** Share of the fullest bin, 0..1; null for an empty histogram. */
export function topShare(counts: readonly number[]): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total === 0 ? null : Math.max(...counts) / total;
}
