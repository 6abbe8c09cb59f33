/**
 * @file A mean over independent seeds with its interval.
 *
 * Seeds are few, so the percentile bootstrap is too narrow; this is Student's t.
 * It covers what changes from seed to seed (data order, sampling, initialisation),
 * not the choice of held-out prompts, which all seeds share.
 */
import type { Interval } from "./interval.js";
import { mean } from "../foundation/statistics.js";

/**
 * Two-sided 95 % quantiles of Student's t for 1, 2, … 30 degrees of freedom
 * (scipy.stats.t.ppf(0.975, df)); beyond 30 the last is used, which is cautious.
 */
const T_QUANTILES = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201,
  2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074,
  2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/**
 * Mean ± t·s/√n at 95 %.
 *
 * Odd case: fewer than two seeds give null, because one seed says nothing of the
 * spread.
 * @param values one number a seed
 */
export function seedInterval(values: readonly number[]): Interval | null {
  const center = mean(values);
  if (center === null || values.length < 2) return null;
  const squares = values.reduce((sum, value) => sum + (value - center) ** 2, 0);
  const freedom = values.length - 1;
  const quantile =
    T_QUANTILES[Math.min(freedom, T_QUANTILES.length) - 1] ?? 2.042;
  const half = quantile * Math.sqrt(squares / freedom / values.length);
  return { mean: center, low: center - half, high: center + half };
}
