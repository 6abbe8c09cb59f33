import { expect, test } from "vitest";
import { thinned } from "./section-training.js";

test("a curve in stretches of one step is drawn as it is", () => {
  const points = [
    { x: 1, y: 5 },
    { x: 2, y: 3 },
  ];
  expect(thinned(points, 1)).toEqual(points);
  expect(thinned([], 4)).toEqual([]);
});

test("a long curve keeps its first step and becomes means", () => {
  const points = [0, 1, 2, 3, 4, 5].map((x) => ({ x, y: x * x }));
  // Alone: 0. Then (1, 2): 1.5, (1 + 4)/2; (3, 4): 3.5, (9 + 16)/2; and 5 is left.
  expect(thinned(points, 2)).toEqual([
    { x: 0, y: 0 },
    { x: 1.5, y: 2.5 },
    { x: 3.5, y: 12.5 },
    { x: 5, y: 25 },
  ]);
});
