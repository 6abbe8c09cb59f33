/**
 * @file eˣ for x ≤ 0, several times as fast as `Math.exp` and as exact as a sum of
 * thousands of them can show: a sampled token costs one for each word of the vocabulary.
 *
 * With n = round(64·x/ln 2) and r = x − n·ln 2/64: eˣ = 2^⌊n/64⌋ · 2^((n mod 64)/64) · eʳ,
 * the powers from tables, eʳ by its series up to r⁵ (|r| < 0.0055, so what is left out
 * is below 4·10⁻¹⁷).
 */

const STEPS = 64;
const STEPS_PER_UNIT = STEPS / Math.LN2;
/** ln 2 − Math.LN2 */
const REST_OF_LN2 = 2.3190468138462996e-17;
/** ln 2 / 64 as a sum, whose first part times n is exact. */
const STEP_HIGH = Math.fround(Math.LN2 / STEPS);
const STEP_LOW = Math.LN2 / STEPS - STEP_HIGH + REST_OF_LN2 / STEPS;
/** Smaller results are 0: they change no sum that holds a 1. */
const LOWEST = -700;
/** Adding and taking it off rounds to an integer. */
const ROUNDER = 1.5 * 2 ** 52;

const FRACTIONS = Float64Array.from(
  { length: STEPS },
  (_, j) => 2 ** (j / STEPS),
);
/** 2^−k at k. */
const POWERS = Float64Array.from({ length: 1023 }, (_, k) => 2 ** -k);

/** eˣ for x ≤ 0, relative error below 10⁻¹⁵; 0 below −700. */
export function expNonPositive(x: number): number {
  if (x < LOWEST) return 0;
  const rounded = x * STEPS_PER_UNIT + ROUNDER - ROUNDER;
  const n = rounded | 0;
  const r = x - rounded * STEP_HIGH - rounded * STEP_LOW;
  const series =
    1 + r * (1 + r * (1 / 2 + r * (1 / 6 + r * (1 / 24 + r * (1 / 120)))));
  return (POWERS[-(n >> 6)] as number) * (FRACTIONS[n & 63] as number) * series;
}
