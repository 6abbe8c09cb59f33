/**
 * @file A text's tokens as a set of 64 bits, for a bound that touches no token.
 *
 * Each token sets the bit its number hashes to. A bit that is set for x and not
 * for y means a token of x that y lacks, and different bits mean different
 * tokens. So at least |bits(x) \ bits(y)| tokens of x stay outside any common
 * subsequence with y. Two unrelated texts of 16 words differ in about 11 bits,
 * where a match above 0.7 allows 4.
 *
 * A bag is two 32-bit words side by side in an array.
 */

export const BAG_WORDS = 2;

/** Writes the bag of `tokens[start, start + length)`; unknown tokens set no bit. */
export function fillBag(
  tokens: Int32Array,
  span: { readonly start: number; readonly length: number },
  bags: Int32Array,
  offset: number,
): void {
  let low = 0;
  let high = 0;
  for (let i = span.start; i < span.start + span.length; i++) {
    const token = tokens[i] as number;
    if (token < 0) continue;
    const bit = Math.imul(token, 0x9e3779b1) >>> 26;
    if (bit < 32) low |= 1 << bit;
    else high |= 1 << (bit & 31);
  }
  bags[offset] = low;
  bags[offset + 1] = high;
}

/** Number of set bits in two 32-bit words together. */
export function countBits(low: number, high: number): number {
  let a = low - ((low >>> 1) & 0x55555555);
  a = (a & 0x33333333) + ((a >>> 2) & 0x33333333);
  let b = high - ((high >>> 1) & 0x55555555);
  b = (b & 0x33333333) + ((b >>> 2) & 0x33333333);
  // Nibbles of the sum hold at most 8.
  const c = a + b;
  const bytes = (c & 0x0f0f0f0f) + ((c >>> 4) & 0x0f0f0f0f);
  return Math.imul(bytes, 0x01010101) >>> 24;
}
