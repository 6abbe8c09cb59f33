import fc from "fast-check";
import { expect, test } from "vitest";
import { hashOf } from "../foundation/hash.js";
import { describeDifference, formatDifferences } from "./difference.js";

test("names each differing leaf with both values, and nothing else", () => {
  const left = {
    seed: 1,
    round: { prompts: 40, arms: ["self", "frozen"] },
    same: [1],
  };
  const right = {
    seed: 1,
    round: { prompts: 32, arms: ["self", "random", "x"] },
    same: [1],
  };
  expect(describeDifference(left, right)).toEqual([
    { key: "round.arms[1]", left: "frozen", right: "random" },
    { key: "round.arms[2]", left: undefined, right: "x" },
    { key: "round.prompts", left: 40, right: 32 },
  ]);
});

test("tells an absent key from null, and an array from an object", () => {
  expect(describeDifference({ a: null, b: [] }, { b: [] })).toEqual([
    { key: "a", left: null, right: undefined },
  ]);
  expect(describeDifference({ b: ["x"] }, { b: { 0: "x" } })).toEqual([
    { key: "b", left: ["x"], right: { 0: "x" } },
  ]);
});

test("is written as one line that a person can act on", () => {
  const differences = describeDifference(
    { beta: 0.1, loss: "ipo" },
    { beta: 0.2 },
  );
  expect(formatDifferences(differences)).toBe(
    'beta: 0.1 recorded, 0.2 asked for; loss: "ipo" recorded, nothing asked for',
  );
});

test("finds a difference exactly when the hashes differ", () => {
  const value = fc.jsonValue({ maxDepth: 3 });
  fc.assert(
    fc.property(value, value, (left, right) => {
      expect(describeDifference(left, right).length > 0).toBe(
        hashOf(left) !== hashOf(right),
      );
      expect(describeDifference(left, structuredClone(left))).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
