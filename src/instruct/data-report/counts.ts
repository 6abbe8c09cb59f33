/**
 * @file Counting things by name and summing up numbers, for every part of the
 * report.
 */

/** A name and how often it occurred. */
export interface Count {
  readonly name: string;
  readonly count: number;
}

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

export function mean(values: readonly number[]): number {
  return values.length === 0
    ? 0
    : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** The value below which `share` of the values lie, by linear interpolation; 0 for none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const low = sorted[Math.floor(place)] ?? 0;
  const high = sorted[Math.ceil(place)] ?? low;
  return low + (high - low) * (place - Math.floor(place));
}
