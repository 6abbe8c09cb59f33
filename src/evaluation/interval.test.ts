import { describe, expect, test } from "vitest";
import { randomStream } from "../foundation/random.js";
import { mean, quantile } from "../foundation/statistics.js";
import {
  assertPaired,
  bootstrapMean,
  bootstrapPairedDifference,
} from "./interval.js";

describe("quantile", () => {
  test("interpolates between order statistics as NumPy does by default", () => {
    // numpy.quantile([1, 2, 3, 4, 10], [.025, .5, .975]) → [1.1, 3.0, 9.4]
    const sorted = [1, 2, 3, 4, 10];
    expect(quantile(sorted, 0.025)).toBeCloseTo(1.1, 12);
    expect(quantile(sorted, 0.5)).toBe(3);
    expect(quantile(sorted, 0.975)).toBeCloseTo(9.4, 12);
  });
});

describe("bootstrapMean", () => {
  // 70 right of 100. scipy.stats.bootstrap(…, np.mean, n_resamples=20000,
  // method="percentile") gives [0.61, 0.79] (scipy 1.17).
  const seventyOfHundred = Array.from({ length: 100 }, (_, i) =>
    i % 10 < 7 ? 1 : 0,
  );

  test("agrees with scipy's percentile bootstrap", () => {
    const interval = bootstrapMean(seventyOfHundred, {
      random: randomStream(1, "bootstrap"),
      resamples: 20_000,
    });
    expect(interval?.mean).toBeCloseTo(0.7, 12);
    expect(interval?.low).toBeCloseTo(0.61, 2);
    expect(interval?.high).toBeCloseTo(0.79, 2);
  });

  test("gives the same interval for the same seed and another for another", () => {
    const draw = (seed: number) =>
      bootstrapMean([0.1, 0.5, 0.7, 0.2, 0.95, 0.33, 0.48], {
        random: randomStream(seed, "bootstrap"),
      });
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });

  test("is wider at a higher level", () => {
    const widthAt = (level: number): number => {
      const interval = bootstrapMean(seventyOfHundred, {
        random: randomStream(3),
        level,
      });
      return (interval?.high ?? 0) - (interval?.low ?? 0);
    };
    expect(widthAt(0.99)).toBeGreaterThan(widthAt(0.8));
  });

  test("has no width for one value and no value for none", () => {
    const random = randomStream(1);
    expect(bootstrapMean([0.4], { random })).toEqual({
      mean: 0.4,
      low: 0.4,
      high: 0.4,
    });
    expect(bootstrapMean([], { random })).toBeNull();
    expect(mean([])).toBeNull();
  });
});

describe("bootstrapPairedDifference", () => {
  test("cancels what makes a prompt hard for both sides", () => {
    // Every prompt differs by exactly 0.25, whatever its own difficulty: the
    // paired interval has no width although each side varies widely.
    const right = [0, 0.75, 0.25, 0.5, 0];
    const left = right.map((score) => score + 0.25);
    expect(
      bootstrapPairedDifference(left, right, { random: randomStream(2) }),
    ).toEqual({ mean: 0.25, low: 0.25, high: 0.25 });
  });

  test("refuses sides of different length", () => {
    expect(() => {
      assertPaired([1, 2], [1]);
    }).toThrow("have 2 and 1 results");
  });
});
