import { describe, expect, test } from "vitest";
import type { JudgedPrompt } from "./judge-metrics.js";
import { judgeMetrics } from "./judge-metrics.js";

/** [judge, truth] pairs, for short. */
function prompt(
  ...candidates: readonly (readonly [number | null, number])[]
): JudgedPrompt {
  return candidates.map(([judge, truth]) => ({ judge, truth }));
}

describe("judgeMetrics", () => {
  test("counts pairs over all prompts, leaving out ties in truth", () => {
    // Prompt A, truth 5 3 1, judge 4 4.5 1: pairs 5>3 wrong, 5>1 right, 3>1 right.
    // Prompt B, truth 2 2 0, judge 1 3 2: 2=2 left out, 2>0 (1<2) wrong, 2>0 (3>2) right.
    const metrics = judgeMetrics([
      prompt([4, 5], [4.4, 3], [1, 1]),
      prompt([1, 2], [3, 2], [2, 0]),
    ]);
    expect(metrics.pairs).toBe(5);
    expect(metrics.pairwiseAccuracy).toBeCloseTo(3 / 5, 12);
    expect(metrics.exactMatch).toBe(0);
  });

  test("counts a tie of the judge as wrong and reports it", () => {
    // Truth 5 > 3 > 1; the judge ties the first two: 2 of 3 right, 1 of 3 tied.
    const metrics = judgeMetrics([prompt([4, 5], [4, 3], [1, 1])]);
    expect(metrics.pairwiseAccuracy).toBeCloseTo(2 / 3, 12);
    expect(metrics.judgeTies).toBeCloseTo(1 / 3, 12);
    expect(metrics.exactMatch).toBe(0);
  });

  test("calls a prompt an exact match when every ordered pair is right", () => {
    // The tie in truth (3, 3) allows either order.
    const metrics = judgeMetrics([
      prompt([5, 5], [3, 3], [2, 3], [0, 1]),
      prompt([1, 5], [2, 0]),
    ]);
    expect(metrics.exactMatch).toBe(1 / 2);
  });

  test("asks of full marks that they go to the best of the prompt", () => {
    // Full marks: A's first (best: yes) and third (no), B's second (shared best: yes).
    // 4.4 does not round to 5.
    const metrics = judgeMetrics([
      prompt([5, 4], [4.4, 4], [4.6, 2]),
      prompt([1, 3], [5, 3]),
    ]);
    expect(metrics.fiveBest).toBeCloseTo(2 / 3, 12);
  });

  test("holds full marks against an unjudged better response", () => {
    const metrics = judgeMetrics([prompt([5, 3], [null, 5])]);
    expect(metrics.fiveBest).toBe(0);
    expect(metrics.pairwiseAccuracy).toBeNull();
  });

  test("averages rank correlations over prompts", () => {
    // Same order: ρ = τ = 1. scipy: spearmanr([5,5,3],[4,2,1]) = 0.8660254037844387,
    // kendalltau of the same = 0.816496580927726.
    const metrics = judgeMetrics([
      prompt([1, 1], [2, 2], [3, 3]),
      prompt([5, 4], [5, 2], [3, 1]),
    ]);
    expect(metrics.spearman).toBeCloseTo((1 + 0.8660254037844387) / 2, 12);
    expect(metrics.kendall).toBeCloseTo((1 + 0.816496580927726) / 2, 12);
  });

  test("gives a judge that says the same of everything no credit", () => {
    const metrics = judgeMetrics([
      prompt([4, 5], [4, 1]),
      prompt([1, 0], [3, 5]),
    ]);
    // First prompt: correlation 0, its pair wrong; second prompt: 1 and right.
    expect(metrics.spearman).toBe(0.5);
    expect(metrics.kendall).toBe(0.5);
    expect(metrics.pairwiseAccuracy).toBe(0.5);
    expect(metrics.judgeTies).toBe(0.5);
  });

  test("leaves prompts with constant truth out of the order metrics", () => {
    const metrics = judgeMetrics([prompt([1, 2], [4, 2]), prompt([3, 5])]);
    expect(metrics).toEqual({
      pairwiseAccuracy: null,
      fiveBest: null,
      exactMatch: null,
      spearman: null,
      kendall: null,
      judgeTies: null,
      pairs: 0,
      prompts: 2,
      unjudged: 0,
      // (1 + 4 + 3) / 3
      meanScore: 8 / 3,
    });
  });

  test("leaves a missing judgement out and counts it", () => {
    // 5 > 1 remains, rightly ordered; read as 0 the missing one would add an error.
    const metrics = judgeMetrics([prompt([5, 5], [null, 3], [1, 1])]);
    expect(metrics.pairs).toBe(1);
    expect(metrics.pairwiseAccuracy).toBe(1);
    expect(metrics.unjudged).toBe(1);
    expect(metrics.meanScore).toBe(3);
  });

  test("has nothing but nulls and zeros for no prompts", () => {
    expect(Object.values(judgeMetrics([])).every((value) => !value)).toBe(true);
  });
});
