import { describe, expect, test } from "vitest";
import {
  averageRanks,
  kendallTauB,
  pearson,
  spearman,
} from "./rank-correlation.js";

// The first digits of π and of e: ties on both sides.
const PI = [3, 1, 4, 1, 5, 9, 2, 6];
const E = [2, 7, 1, 8, 2, 8, 1, 8];

describe("averageRanks", () => {
  test("gives ties the mean of the ranks they occupy", () => {
    // scipy.stats.rankdata([2, 7, 1, 8, 2, 8, 1, 8])
    expect(averageRanks(E)).toEqual([3.5, 5, 1.5, 7, 3.5, 7, 1.5, 7]);
  });

  test("ranks nothing for nothing", () => {
    expect(averageRanks([])).toEqual([]);
  });
});

describe("correlations", () => {
  test("agree with scipy on values with ties", () => {
    // scipy.stats.spearmanr, kendalltau (variant b), pearsonr; scipy 1.17
    expect(spearman(PI, E)).toBeCloseTo(0.19885368120992467, 12);
    expect(kendallTauB(PI, E)).toBeCloseTo(0.16051447078102563, 12);
    expect(pearson(PI, E)).toBeCloseTo(0.2096553190730121, 12);
  });

  test("agree with the hand-made case of one swapped neighbour", () => {
    // ρ = 1 − 6·Σd²/(n(n²−1)) = 1 − 6·2/60 = 0.8; τ = (5 − 1)/6 = 2/3.
    expect(spearman([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(0.8, 12);
    expect(kendallTauB([1, 2, 3, 4], [1, 3, 2, 4])).toBeCloseTo(2 / 3, 12);
  });

  test("are exactly one for the same order and minus one for the reverse", () => {
    const values = [0.1, 0.7, 0.3, 0.9];
    const reversed = values.map((value) => -value);
    expect(spearman(values, values)).toBe(1);
    expect(kendallTauB(values, values)).toBe(1);
    expect(spearman(values, reversed)).toBe(-1);
    expect(kendallTauB(values, reversed)).toBe(-1);
  });

  test.each([
    ["a constant side", [1, 1, 1], [1, 2, 3]],
    // 0.1 three times: its mean is not exactly 0.1, so a variance would not be 0.
    ["a constant side that rounds badly", [1, 2, 3], [0.1, 0.1, 0.1]],
    ["one value", [1], [1]],
    ["no values", [], []],
  ])("are null for %s", (_, left, right) => {
    expect(pearson(left, right)).toBeNull();
    expect(spearman(left, right)).toBeNull();
    expect(kendallTauB(left, right)).toBeNull();
  });
});
