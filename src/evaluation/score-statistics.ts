/**
 * @file What a set of scores, lengths and texts looks like from outside: the
 * signatures by which a self-rewarding run is known to go wrong (one score for
 * everything, score that follows length, prompts that repeat).
 */
import { mean } from "./interval.js";
import { pearson } from "./rank-correlation.js";

/** Highest score of the five-point rubric. */
export const TOP_SCORE = 5;

/** How many scores round to 0, 1, … 5: always six counts. */
export function scoreHistogram(scores: readonly number[]): number[] {
  const counts = new Array<number>(TOP_SCORE + 1).fill(0);
  for (const score of scores) {
    const bin = Math.max(0, Math.min(TOP_SCORE, Math.round(score)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/**
 * Entropy of a histogram over its largest possible value, log(bins): 0 when all
 * mass is in one bin, 1 when it is even. Null for an empty histogram.
 */
export function normalizedEntropy(counts: readonly number[]): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0 || counts.length < 2) return null;
  let entropy = 0;
  for (const count of counts) {
    if (count > 0) entropy -= (count / total) * Math.log(count / total);
  }
  return entropy / Math.log(counts.length);
}

/** Share of the fullest bin, 0..1; null for an empty histogram. */
export function topShare(counts: readonly number[]): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total === 0 ? null : Math.max(...counts) / total;
}

/** Distinct texts over all texts, compared exactly; null for none. */
export function distinctShare(texts: readonly string[]): number | null {
  return texts.length === 0 ? null : new Set(texts).size / texts.length;
}

/** One answer with the judge's score (null: none) and its length in tokens. */
export interface ScoredLength {
  readonly score: number | null;
  readonly length: number;
}

/**
 * Correlation of a judge's scores with answer length: near 1 means the judge
 * rewards words. Null for fewer than two scored answers or a constant side.
 */
export function scoreLengthCorrelation(
  answers: readonly ScoredLength[],
): number | null {
  const scored = answers.flatMap(({ score, length }) =>
    score === null ? [] : [{ score, length }],
  );
  return pearson(
    scored.map(({ score }) => score),
    scored.map(({ length }) => length),
  );
}

/**
 * The gap by which a model flatters itself: mean of (own score − true score) over
 * the answers it could score. Positive is flattery. Null when it scored none.
 * @param answers own score (null: none) and true score, both in 0..5
 */
export function selfRewardGap(
  answers: readonly {
    readonly judge: number | null;
    readonly truth: number;
  }[],
): number | null {
  return mean(
    answers.flatMap(({ judge, truth }) =>
      judge === null ? [] : [judge - truth],
    ),
  );
}
