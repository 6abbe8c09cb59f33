import { expect, test } from "vitest";
import { seedInterval } from "./seed-interval.js";

test("agrees with scipy's t interval over five seeds", () => {
  // scipy.stats.t.interval(0.95, 4, loc=mean, scale=sem) of these values:
  // (0.0988777400578148, 0.1547222599421852)
  const interval = seedInterval([0.112, 0.129, 0.155, 0.098, 0.14]);
  expect(interval?.mean).toBeCloseTo(0.1268, 12);
  expect(interval?.low).toBeCloseTo(0.0988777400578148, 5);
  expect(interval?.high).toBeCloseTo(0.1547222599421852, 5);
});

test("is much wider than the spread of two seeds", () => {
  // ±12.706 · s/√2 with s = √2/2 · 2 = √2: ±12.706.
  expect(seedInterval([1, 3])?.high).toBeCloseTo(2 + 12.706, 10);
});

test("says nothing of one seed or none", () => {
  expect(seedInterval([0.5])).toBeNull();
  expect(seedInterval([])).toBeNull();
});
