import { describe, expect, test } from "vitest";
import { at, linearScale } from "./chart-scale.js";

describe("linearScale", () => {
  test.each([
    // Span 1 in about 5: step 0.2.
    [[0, 1], 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    // Span 30 in about 4: 7.5, so step 10.
    [[-10, 20], 4, [-10, 0, 10, 20]],
    // Span 0.9 in about 5: 0.18, so step 0.2 and the domain grows to [3.2, 4.2].
    [[3.25, 4.15], 5, [3.2, 3.4, 3.6, 3.8, 4, 4.2]],
  ])("covers %j in about %d round steps", (values, tickCount, expected) => {
    const { ticks } = linearScale({
      values,
      range: [0, 100],
      leastSpan: 0.1,
      tickCount,
    });
    expect(ticks).toHaveLength(expected.length);
    for (const [index, tick] of ticks.entries()) {
      expect(tick).toBeCloseTo(expected[index] as number, 12);
    }
  });

  test("puts low values low on a screen, where y grows downward", () => {
    const scale = linearScale({
      values: [0, 10],
      range: [200, 0],
      leastSpan: 1,
    });
    expect(scale.at(0)).toBe(200);
    expect(scale.at(10)).toBe(0);
    expect(scale.at(5)).toBe(100);
  });

  test("does not blow a small difference up to a cliff", () => {
    // 0.70 and 0.71 with a least span of 0.2: the domain is [0.6, 0.82], cut to
    // ticks; a difference of 0.01 stays below a tenth of the height.
    const scale = linearScale({
      values: [0.7, 0.71],
      range: [0, 100],
      leastSpan: 0.2,
    });
    expect(scale.at(0.71) - scale.at(0.7)).toBeLessThan(10);
  });

  test("keeps a share within 0 and 1", () => {
    const scale = linearScale({
      values: [0.99],
      range: [0, 100],
      leastSpan: 0.2,
      bounds: [0, 1],
    });
    expect(Math.max(...scale.ticks)).toBe(1);
    expect(scale.at(1)).toBe(100);
  });

  test("has a domain even without values", () => {
    const scale = linearScale({ values: [], range: [0, 100], leastSpan: 1 });
    expect(scale.at(0)).toBe(0);
    expect(scale.at(1)).toBe(100);
  });

  test("gives the digits that tell its ticks apart", () => {
    const digits = (values: readonly number[]) =>
      linearScale({ values, range: [0, 1], leastSpan: 0.001 }).digits;
    expect(digits([0, 100])).toBe(0);
    expect(digits([0, 1])).toBe(1);
    expect(digits([0.4, 0.5])).toBe(2);
  });
});

test("positions are rounded to a tenth", () => {
  expect([1 / 3, 2, -0.04].map(at)).toEqual(["0.3", "2", "0"]);
});
