/**
 * @file Numbers as fractions of whole numbers, so that two are equal or not, without a
 * tolerance.
 */

export interface Fraction {
  readonly over: bigint;
  /** Above 0. */
  readonly under: bigint;
}

/** @param text digits with at most one point and a minus sign before them */
export function decimalFraction(text: string): Fraction {
  const [whole = "", rest = ""] = text.split(".");
  return { over: BigInt(`${whole}${rest}`), under: 10n ** BigInt(rest.length) };
}

/** Null where `under` is 0. */
export function ratio(over: Fraction, under: Fraction): Fraction | null {
  if (under.over === 0n) return null;
  const sign = under.over < 0n ? -1n : 1n;
  return {
    over: sign * over.over * under.under,
    under: sign * over.under * under.over,
  };
}

export function sum(left: Fraction, right: Fraction): Fraction {
  return {
    over: left.over * right.under + right.over * left.under,
    under: left.under * right.under,
  };
}

export function times({ over, under }: Fraction, factor: bigint): Fraction {
  return { over: over * factor, under };
}

export function equal(left: Fraction, right: Fraction): boolean {
  return left.over * right.under === right.over * left.under;
}
