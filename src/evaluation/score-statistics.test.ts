import { expect, test } from "vitest";
import { scoreHistogram, topShare } from "./score-statistics.js";

test("a histogram has six bins, and a score falls into the nearest", () => {
  // 0.4 → 0; 0.5 and 1.49 → 1; 4.5 and 5 → 5.
  expect(scoreHistogram([0.4, 0.5, 1.49, 4.5, 5])).toEqual([1, 2, 0, 0, 0, 2]);
  expect(scoreHistogram([])).toEqual([0, 0, 0, 0, 0, 0]);
});

test("the top share is the fullest bin's", () => {
  expect(topShare([1, 0, 0, 0, 3, 0])).toBe(0.75);
  expect(topShare([0, 0])).toBeNull();
});
