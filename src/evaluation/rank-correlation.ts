/**
 * @file Correlations between two orders of the same things.
 *
 * A correlation with a constant side has no value; it is null here, never NaN,
 * so that a report can say "unknown" and no average is silently poisoned.
 */
import { assertPaired } from "./interval.js";
import { mean } from "../foundation/statistics.js";

/**
 * Ranks from 1 in rising order; equal values share the mean of the ranks they
 * occupy (10, 20, 20 → 1, 2.5, 2.5).
 */
export function averageRanks(values: readonly number[]): number[] {
  const order = values
    .map((value, index) => ({ value, index }))
    .sort((a, b) => a.value - b.value);
  const ranks = new Array<number>(values.length);
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && order[end]?.value === order[start]?.value)
      end++;
    // Positions start..end−1 hold ranks start+1..end, whose mean is (start+1+end)/2.
    for (const { index } of order.slice(start, end))
      ranks[index] = (start + 1 + end) / 2;
    start = end;
  }
  return ranks;
}

/** Product-moment correlation; null for fewer than two values or a constant side. */
export function pearson(
  left: readonly number[],
  right: readonly number[],
): number | null {
  assertPaired(left, right);
  const leftMean = mean(left);
  const rightMean = mean(right);
  if (leftMean === null || rightMean === null || left.length < 2) return null;
  if (isConstant(left) || isConstant(right)) return null;
  let covariance = 0;
  let leftVariance = 0;
  let rightVariance = 0;
  for (const [index, value] of left.entries()) {
    const a = value - leftMean;
    const b = (right[index] as number) - rightMean;
    covariance += a * b;
    leftVariance += a * a;
    rightVariance += b * b;
  }
  return clampToUnit(covariance / Math.sqrt(leftVariance * rightVariance));
}

/** Spearman's ρ: product-moment correlation of average ranks; null as `pearson`. */
export function spearman(
  left: readonly number[],
  right: readonly number[],
): number | null {
  return pearson(averageRanks(left), averageRanks(right));
}

/**
 * Kendall's τ-b = (C − D) / √((C + D + Tl)(C + D + Tr)), with C concordant and D
 * discordant pairs, Tl pairs tied on the left only and Tr on the right only.
 * Quadratic in the number of values. Null as `pearson`.
 */
export function kendallTauB(
  left: readonly number[],
  right: readonly number[],
): number | null {
  assertPaired(left, right);
  let concordant = 0;
  let discordant = 0;
  let leftTies = 0;
  let rightTies = 0;
  for (let i = 0; i < left.length; i++) {
    for (let j = i + 1; j < left.length; j++) {
      const a = Math.sign((left[i] as number) - (left[j] as number));
      const b = Math.sign((right[i] as number) - (right[j] as number));
      if (a === 0 && b === 0) continue;
      if (a === 0) leftTies++;
      else if (b === 0) rightTies++;
      else if (a === b) concordant++;
      else discordant++;
    }
  }
  const ordered = concordant + discordant;
  const scale = Math.sqrt((ordered + leftTies) * (ordered + rightTies));
  return scale === 0 ? null : (concordant - discordant) / scale;
}

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

/** Rounding can carry a perfect correlation past 1 by one bit. */
function clampToUnit(value: number): number {
  return Math.max(-1, Math.min(1, value));
}
