/**
 * @file Scales: from data to positions, with round tick values.
 */

/** A linear map from a data interval to positions in the drawing. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
  /** Digits after the point that tell neighbouring ticks apart. */
  readonly digits: number;
}

/**
 * A scale whose domain is widened outward to round values.
 *
 * Odd cases: no values give [0, 1]; values that are all alike get a domain of at
 * least `leastSpan`, so that noise is not drawn as a cliff.
 */
export function linearScale(options: {
  readonly values: readonly number[];
  /** Positions of the domain's low and high end. */
  readonly range: readonly [number, number];
  readonly leastSpan: number;
  /** The domain never leaves these bounds, e.g. [0, 1] for a share. */
  readonly bounds?: readonly [number, number];
  readonly tickCount?: number;
}): Scale {
  const { values, range, leastSpan } = options;
  const [floor, ceiling] = options.bounds ?? [-Infinity, Infinity];
  const tickCount = options.tickCount ?? 5;
  let low = values.length === 0 ? 0 : Math.min(...values);
  let high = values.length === 0 ? 1 : Math.max(...values);
  if (high - low < leastSpan) {
    const middle = (low + high) / 2;
    low = middle - leastSpan / 2;
    high = middle + leastSpan / 2;
    if (high > ceiling) [low, high] = [ceiling - leastSpan, ceiling];
    if (low < floor) [low, high] = [floor, floor + leastSpan];
  }
  const step = roundStep((high - low) / tickCount);
  low = Math.max(floor, Math.floor(low / step + 1e-9) * step);
  high = Math.min(ceiling, Math.ceil(high / step - 1e-9) * step);
  const [start, end] = range;
  return {
    at: (value) => start + ((value - low) / (high - low)) * (end - start),
    ticks: multiplesBetween(low, high, step),
    digits: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)),
  };
}

/** The multiples of `step` in [low, high]; ends that rounding missed count. */
function multiplesBetween(low: number, high: number, step: number): number[] {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from(
    { length: Math.max(0, last - first + 1) },
    (_, index) => (first + index) * step,
  );
}

/** The next of 1, 2 or 5 × a power of ten. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  // A hair below, so that rounding does not carry 2.0000001 to the next step.
  const lead = (rough / power) * (1 - 1e-9);
  return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
}

/** A position with one decimal: enough for a screen, and stable text. */
export function at(value: number): string {
  return (Math.round(value * 10) / 10).toString();
}
