import { describe, expect, it } from "vitest";
import { compareSides, type Execution } from "./paired-comparison.js";

const SETTINGS = { seed: 1, resamples: 500 };

const execution = (
  name: string,
  values: Readonly<Record<string, number>>,
): Execution =>
  new Map(
    Object.entries(values).map(([prompt, value]) => [
      prompt,
      new Map([[name, value]]),
    ]),
  );

describe("two sides", () => {
  it("are paired by prompt, whatever the order and the strangers", () => {
    const left = execution("score", { a: 1, b: 2, c: 3, alone: 9 });
    const right = execution("score", { c: 3, b: 4, a: 0, other: 9 });
    const [figure] = compareSides([left], [right], SETTINGS);
    expect(figure).toMatchObject({
      name: "score",
      prompts: 3,
      left: 2,
      rightAgainstLeft: { win: 1, tie: 1, lose: 1 },
      repeats: null,
    });
    expect(figure?.difference.mean).toBeCloseTo(1 / 3, 12);
  });

  it("that differ by the same everywhere have an interval of no width", () => {
    const left = execution("score", { a: 1, b: 5, c: 9 });
    const right = execution("score", { a: 1.5, b: 5.5, c: 9.5 });
    expect(compareSides([left], [right], SETTINGS)[0]?.difference).toEqual({
      mean: 0.5,
      low: 0.5,
      high: 0.5,
    });
  });

  it("turn their sign when they change places", () => {
    const left = execution("score", { a: 1, b: 2, c: 7 });
    const right = execution("score", { a: 4, b: 2, c: 3 });
    const there = compareSides([left], [right], SETTINGS)[0]?.difference;
    const back = compareSides([right], [left], SETTINGS)[0]?.difference;
    expect(back?.mean).toBeCloseTo(-(there?.mean ?? NaN), 12);
    expect(back?.low).toBeCloseTo(-(there?.high ?? NaN), 12);
  });

  it("are averaged over repeats, whose distance is told", () => {
    const [figure] = compareSides(
      [execution("score", { a: 1, b: 3 }), execution("score", { a: 3, b: 3 })],
      [execution("score", { a: 4, b: 4 })],
      SETTINGS,
    );
    expect(figure).toMatchObject({ left: 2.5, right: 4, repeats: 1 });
  });

  it("have no figure that one of them lacks", () => {
    const left = execution("score", { a: 1 });
    expect(
      compareSides([left], [execution("length", { a: 1 })], SETTINGS),
    ).toEqual([]);
    expect(
      compareSides([left], [execution("score", { b: 1 })], SETTINGS),
    ).toEqual([]);
  });
});
