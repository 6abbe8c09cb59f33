/**
 * @file Classes of text lengths, for bounds that hold for all lengths of a class.
 *
 * Lengths up to 8 are classes of their own; above, a class ends at most a sixth
 * higher than it begins. The last class holds every length from TABLE_LENGTHS on.
 */
import { TABLE_LENGTHS } from "./score-bounds.js";

const SINGLE = 8;
const RATIO = 7 / 6;

const firsts: number[] = [0];
for (let first = 1; first < TABLE_LENGTHS;) {
  firsts.push(first);
  first = first <= SINGLE ? first + 1 : Math.floor(first * RATIO) + 1;
}
firsts.push(TABLE_LENGTHS);

export const CLASS_COUNT = firsts.length;

const classes = new Uint8Array(TABLE_LENGTHS + 1);
for (let length = 0, c = 0; length <= TABLE_LENGTHS; length++) {
  if (firsts[c + 1] === length) c++;
  classes[length] = c;
}

export function classOf(length: number): number {
  return classes[Math.min(length, TABLE_LENGTHS)] as number;
}

/** Smallest length of the class. */
export function classFirst(lengthClass: number): number {
  return firsts[lengthClass] as number;
}

/** Largest length of the class. */
export function classLast(lengthClass: number): number {
  return (firsts[lengthClass + 1] ?? Infinity) - 1;
}
