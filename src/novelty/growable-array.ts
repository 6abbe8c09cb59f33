/**
 * @file Flat arrays that grow.
 *
 * `grown` returns its argument while it is long enough, else a copy half as long
 * again: less waste at a million records than doubling. Values beyond the old
 * length are 0.
 */

const GROWTH = 1.5;

/** `array`, or a longer copy, with room for `needed` elements. */
export function grown<T extends Int32Array | Uint8Array | Uint16Array>(
  array: T,
  needed: number,
): T {
  if (needed <= array.length) return array;
  const length = Math.max(needed, Math.ceil(array.length * GROWTH));
  const Constructor = array.constructor as new (length: number) => T;
  const longer = new Constructor(length);
  longer.set(array);
  return longer;
}
