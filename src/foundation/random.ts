/**
 * @file Named, seeded random streams.
 *
 * Randomness is an argument everywhere. A stream is made from a seed and a path
 * of names ("round-1", "candidates", 17), so that no consumer can shift the
 * numbers another one sees, and a resumed run draws what the uninterrupted run
 * would have drawn. Generator: xoshiro128** seeded from SHA-256.
 */
import { createHash } from "node:crypto";
import { hashOf } from "./hash.js";

export interface RandomStream {
  /** Uniform in [0, 1), 32 bits of resolution. */
  next(): number;
  /** Uniform integer in [0, bound); `bound` ≥ 1. */
  integer(bound: number): number;
  /** Standard normal deviate (Box–Muller, one of the pair). */
  normal(): number;
  /** One element; `items` must not be empty. */
  pick<T>(items: readonly T[]): T;
  /** A shuffled copy (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[];
  /** `count` distinct elements in random order; all of them if there are fewer. */
  sample<T>(items: readonly T[], count: number): T[];
}

/** Makes the stream that belongs to `seed` and the `path` of names. */
export function randomStream(
  seed: number,
  ...path: readonly (string | number)[]
): RandomStream {
  const digest = createHash("sha256")
    .update(JSON.stringify([seed, ...path]))
    .digest();
  let a = digest.readUInt32LE(0);
  let b = digest.readUInt32LE(4);
  let c = digest.readUInt32LE(8);
  let d = digest.readUInt32LE(12) | 1;

  const nextWord = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  const next = (): number => nextWord() / 4294967296;
  const integer = (bound: number): number => Math.floor(next() * bound);
  const sample = <T>(items: readonly T[], count: number): T[] => {
    const pool = [...items];
    const size = Math.min(count, pool.length);
    for (let i = 0; i < size; i++) {
      const j = i + integer(pool.length - i);
      [pool[i], pool[j]] = [pool[j] as T, pool[i] as T];
    }
    return pool.slice(0, size);
  };
  return {
    next,
    integer,
    normal: () => {
      const radius = Math.sqrt(-2 * Math.log(1 - next()));
      return radius * Math.cos(2 * Math.PI * next());
    },
    pick: <T>(items: readonly T[]): T => items[integer(items.length)] as T,
    shuffle: (items) => sample(items, items.length),
    sample,
  };
}

/** A stable seed for a named purpose, in [0, 2²⁸). */
export function derivedSeed(
  seed: number,
  ...path: readonly (string | number)[]
): number {
  return Number.parseInt(hashOf([seed, ...path]).slice(0, 7), 16);
}

/**
 * The seed sent for the samples from `sample` on: the request's own for the first,
 * then one for each index. In [0, 2³¹), which every server accepts.
 */
export function sampleSeed(seed: number, sample: number): number {
  if (sample === 0 && Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31)
    return seed;
  return Number.parseInt(hashOf([seed, sample]).slice(0, 8), 16) >>> 1;
}
