/**
 * @file How long instructions, inputs and outputs are, in the language's unit.
 */
import { mean, quantile } from "../../foundation/statistics.js";

export interface Bin {
  /** Values in [from, to). */
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export interface LengthStatistics {
  readonly count: number;
  readonly mean: number;
  readonly median: number;
  /** 5th and 95th percentile. */
  readonly low: number;
  readonly high: number;
  readonly histogram: readonly Bin[];
}

/** Bins that double in width keep both short instructions and long outputs readable. */
const EDGES = [0, 5, 10, 15, 20, 30, 40, 60, 80, 120, 160, 240, 320, 640, 1280];

/** Statistics of `lengths`, whole numbers of at least 0. */
export function lengthStatistics(lengths: readonly number[]): LengthStatistics {
  const sorted = [...lengths].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted.length === 0 ? 0 : quantile(sorted, share);
  return {
    count: lengths.length,
    mean: mean(lengths) ?? 0,
    median: at(0.5),
    low: at(0.05),
    high: at(0.95),
    histogram: histogram(lengths, [...EDGES, Infinity]),
  };
}

/** Counts in [edge, next edge), empty bins at both ends left out. */
export function histogram(
  values: readonly number[],
  edges: readonly number[],
): readonly Bin[] {
  const bins = edges.slice(0, -1).map((from, index) => {
    const to = edges[index + 1] ?? Infinity;
    return {
      from,
      to,
      count: values.filter((value) => value >= from && value < to).length,
    };
  });
  const first = bins.findIndex(({ count }) => count > 0);
  const last = bins.findLastIndex(({ count }) => count > 0);
  return first < 0 ? [] : bins.slice(first, last + 1);
}
