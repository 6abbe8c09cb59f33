/**
 * @file Counting things by name, for every part of the report.
 */
import type { Count } from "./report-schema.js";

/** Counts in falling order, names in order of the alphabet where counts are equal. */
export function countNames(names: Iterable<string>): readonly Count[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts]
    .map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1));
}

/** Shannon entropy of the counts, in bits; 0 for none. */
export function entropy(counts: readonly Count[]): number {
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  return counts.reduce(
    (sum, { count }) => sum - (count / total) * Math.log2(count / total),
    0,
  );
}
