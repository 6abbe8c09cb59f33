/**
 * @file Means with bootstrap confidence intervals.
 *
 * Resampling is over the evaluation's independent unit, the prompt: several
 * samples of one prompt must be averaged before they come here, or the interval
 * is too narrow. Percentile bootstrap (Efron 1979), seeded, so that the same run
 * reports the same interval. It does not correct for small samples: fewer than
 * about twenty values give an interval that is too narrow.
 */
import { AutodidactError } from "../foundation/error.js";
import type { RandomStream } from "../foundation/random.js";
import { mean, quantile } from "../foundation/statistics.js";

/** A mean and the interval around it, in the unit of the values. */
export interface Interval {
  readonly mean: number;
  readonly low: number;
  readonly high: number;
}

export interface BootstrapOptions {
  /** Source of the resamples; the only randomness. */
  readonly random: RandomStream;
  /** How many resamples are drawn; 2000 when absent. */
  readonly resamples?: number;
  /** Coverage in (0, 1); 0.95 when absent. */
  readonly level?: number;
}

const DEFAULT_RESAMPLES = 2000;
const DEFAULT_LEVEL = 0.95;

/**
 * Mean with its percentile bootstrap interval.
 *
 * Odd cases: no values give null; one value, or equal values, give an interval of
 * no width.
 * @param values one finite number a prompt
 */
export function bootstrapMean(
  values: readonly number[],
  options: BootstrapOptions,
): Interval | null {
  const center = mean(values);
  if (center === null) return null;
  const { random } = options;
  const resamples = options.resamples ?? DEFAULT_RESAMPLES;
  const tail = (1 - (options.level ?? DEFAULT_LEVEL)) / 2;
  const means = new Float64Array(resamples);
  for (let resample = 0; resample < resamples; resample++) {
    let sum = 0;
    for (let draw = 0; draw < values.length; draw++) {
      sum += values[random.integer(values.length)] as number;
    }
    means[resample] = sum / values.length;
  }
  means.sort();
  return {
    mean: center,
    low: quantile(means, tail),
    high: quantile(means, 1 - tail),
  };
}

/**
 * Mean of `left − right` over the same prompts, with its interval. Because the
 * prompts are resampled in pairs, what makes a prompt hard for both sides cancels.
 *
 * Odd case: no values give null.
 * @param left one number a prompt
 * @param right the same prompts, in the same order
 * @throws IMBALANCE when the lengths differ
 */
export function bootstrapPairedDifference(
  left: readonly number[],
  right: readonly number[],
  options: BootstrapOptions,
): Interval | null {
  assertPaired(left, right);
  return bootstrapMean(
    left.map((value, index) => value - (right[index] as number)),
    options,
  );
}

/** Quantile of the standard normal distribution for 95 % on both sides. */
const NORMAL_95 = 1.959963984540054;

/**
 * A share with its 95 % score interval (Wilson 1927), which keeps a width at 0 and 1,
 * where a bootstrap has none. Parts of units are taken as they are.
 * @param share in 0 … 1
 * @param count independent units, at least 1
 */
export function wilsonInterval(share: number, count: number): Interval {
  const square = NORMAL_95 ** 2 / count;
  const center = (share + square / 2) / (1 + square);
  const half =
    Math.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square);
  return {
    mean: share,
    low: Math.max(0, center - half),
    high: Math.min(1, center + half),
  };
}

/**
 * Both arrays must speak of the same prompts, one entry each.
 * @throws IMBALANCE when the lengths differ: an evaluation lost rows
 */
export function assertPaired(
  left: readonly unknown[],
  right: readonly unknown[],
): void {
  if (left.length === right.length) return;
  throw new AutodidactError(
    "IMBALANCE",
    `Two evaluations of the same prompts have ${left.length} and ${right.length} results; a comparison needs one of each for every prompt. Evaluate both models on the same set again.`,
    { left: left.length, right: right.length },
  );
}
