/**
 * @file How long instructions, inputs and outputs are, in the language's unit.
 */
import { mean, quantile } from "../../foundation/statistics.js";
import type { Bin, LengthStatistics } from "./report-schema.js";

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
    histogram: histogram(lengths, EDGES, null),
  };
}

/**
 * Counts in [edge, next edge), empty bins at both ends left out.
 * @param end of the last bin; null where it has none
 */
export function histogram(
  values: readonly number[],
  edges: readonly number[],
  end: number | null,
): readonly Bin[] {
  const bins = edges.map((from, index) => {
    const to = edges[index + 1] ?? end;
    const inside = (value: number): boolean =>
      value >= from && (to === null || value < to);
    return { from, to, count: values.filter(inside).length };
  });
  const first = bins.findIndex(({ count }) => count > 0);
  const last = bins.findLastIndex(({ count }) => count > 0);
  return first < 0 ? [] : bins.slice(first, last + 1);
}
