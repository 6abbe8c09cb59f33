/**
 * @file Seeds for named purposes, so that no consumer of one shifts another.
 */
import { hashOf } from "../../foundation/hash.js";

/** A stable seed for a named purpose, within the range an endpoint accepts. */
export function derivedSeed(
  seed: number,
  ...path: readonly (string | number)[]
): number {
  return Number.parseInt(hashOf([seed, ...path]).slice(0, 7), 16);
}
