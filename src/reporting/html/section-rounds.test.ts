import { expect, test } from "vitest";
import { thinned } from "./section-rounds.js";

const line = (length: number) =>
  Array.from({ length }, (_, x) => ({ x, y: 2 * x }));

test("a short curve is drawn as it is", () => {
  expect(thinned(line(160))).toEqual(line(160));
});

test("a long curve keeps its first step and its shape in few points", () => {
  const thin = thinned(line(10_001));
  expect(thin.length).toBeLessThanOrEqual(160);
  expect(thin[0]).toEqual({ x: 0, y: 0 });
  // 10,000 steps in stretches of ⌈10000/159⌉ = 63: the first covers 1..63, mean 32.
  expect(thin[1]).toEqual({ x: 32, y: 64 });
  expect(thin.every(({ x, y }) => Math.abs(y - 2 * x) < 1e-6)).toBe(true);
});
