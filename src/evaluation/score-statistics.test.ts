import { expect, test } from "vitest";
import {
  distinctShare,
  normalizedEntropy,
  scoreHistogram,
  scoreLengthCorrelation,
  selfRewardGap,
  topShare,
} from "./score-statistics.js";

test("a histogram has six bins, and a score falls into the nearest", () => {
  // 0.4 → 0; 0.5 and 1.49 → 1; 4.5 and 5 → 5.
  expect(scoreHistogram([0.4, 0.5, 1.49, 4.5, 5])).toEqual([1, 2, 0, 0, 0, 2]);
  expect(scoreHistogram([])).toEqual([0, 0, 0, 0, 0, 0]);
});

test("entropy is 0 for one score, 1 for an even spread, null for no scores", () => {
  expect(normalizedEntropy([0, 0, 0, 9, 0, 0])).toBe(0);
  expect(normalizedEntropy([2, 2, 2, 2, 2, 2])).toBeCloseTo(1, 12);
  expect(normalizedEntropy([0, 0, 0, 0, 0, 0])).toBeNull();
  // scipy.stats.entropy([1, 2, 3, 4, 0, 0]) / log(6)
  expect(normalizedEntropy([1, 2, 3, 4, 0, 0])).toBeCloseTo(
    0.7143002438742897,
    12,
  );
});

test("the top share is the fullest bin's", () => {
  expect(topShare([1, 0, 0, 0, 3, 0])).toBe(0.75);
  expect(topShare([0, 0])).toBeNull();
});

test("texts are distinct when they differ in any character", () => {
  expect(distinctShare(["a", "a", "A", "a "])).toBe(0.75);
  expect(distinctShare([])).toBeNull();
});

test("a judge that pays by the word correlates with length", () => {
  const perWord = [2, 5, 9, 14].map((length) => ({
    score: length / 4,
    length,
  }));
  expect(scoreLengthCorrelation(perWord)).toBeCloseTo(1, 12);
  expect(
    scoreLengthCorrelation([...perWord, { score: null, length: 1 }]),
  ).toBeCloseTo(1, 12);
  expect(scoreLengthCorrelation([{ score: 3, length: 4 }])).toBeNull();
});

test("the self-reward gap is own score minus true score, where there is one", () => {
  // (5 − 4 + 3 − 3) / 2 = 0.5
  expect(
    selfRewardGap([
      { judge: 5, truth: 4 },
      { judge: 3, truth: 3 },
      { judge: null, truth: 0 },
    ]),
  ).toBe(0.5);
  expect(selfRewardGap([{ judge: null, truth: 1 }])).toBeNull();
});
