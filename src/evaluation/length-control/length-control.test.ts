import { describe, expect, it } from "vitest";
import { randomStream } from "../../foundation/random.js";
import { fitDifficulty, type Comparison } from "./difficulty.js";
import {
  difficultyTable,
  lengthControlledWinRates,
  type Preference,
} from "./length-control.js";
import { sigmoid } from "../../foundation/statistics.js";
import { logisticLoss } from "./logistic.js";

/** Models whose preferences follow the very formula, at known levels. */
function world(
  levels: readonly number[],
  prompts: number,
  taste: number,
): Preference[] {
  const random = randomStream(3, "world");
  const hardness = Array.from({ length: prompts }, () => 1.5 * random.normal());
  return levels.flatMap((level, model) => {
    const gaps = hardness.map(() => 400 * random.normal() + 300 * (model % 3));
    const center = gaps.reduce((sum, gap) => sum + gap, 0) / prompts;
    const scale = Math.sqrt(
      gaps.reduce((sum, gap) => sum + (gap - center) ** 2, 0) / (prompts - 1),
    );
    return gaps.map((gap, i) => ({
      model: `model ${model}`,
      prompt: `prompt ${i}`,
      length1: 5000 + gap,
      length2: 5000,
      preference:
        1 +
        sigmoid(
          level + taste * Math.tanh(gap / scale) + 0.8 * (hardness[i] ?? 0),
        ),
    }));
  });
}

describe("length-controlled win rates", () => {
  it("are the rates at equal lengths where preferences follow the model", () => {
    const levels = [-3, -2, -1, 0, 1, -2.5, -0.5, 0.5];
    const figures = lengthControlledWinRates(world(levels, 300, -1.9));
    const fair = lengthControlledWinRates(world(levels, 300, 0));
    for (const [i, { lengthControlledWinRate, winRate }] of figures.entries()) {
      const truth = fair[i]?.winRate ?? NaN;
      expect(Math.abs(lengthControlledWinRate - truth)).toBeLessThan(1.5);
      // Every third model is as long as the reference and needs no correction.
      if (i % 3 === 2)
        expect(Math.abs(winRate - truth)).toBeGreaterThan(
          3 * Math.abs(lengthControlledWinRate - truth),
        );
    }
  });

  it("have the plain figures in closed form", () => {
    const row = { model: "m", length1: 10, preference: 1 };
    const [figures] = lengthControlledWinRates([
      { ...row, prompt: "a", length2: 10 },
      { ...row, prompt: "b", length2: 30, preference: 2 },
      { ...row, prompt: "c", length2: 80, preference: 1.5 },
    ]);
    expect(figures).toMatchObject({
      winRate: 50,
      averageLength: 40,
      prompts: 3,
    });
    expect(figures?.standardError).toBeCloseTo(50 / Math.sqrt(3), 12);
  });

  it("are 50 % where every pair is a tie", () => {
    const rows = world([0], 40, -1).map((row) => ({ ...row, preference: 1.5 }));
    const [figures] = lengthControlledWinRates(rows);
    expect(figures).toMatchObject({ winRate: 50, standardError: 0 });
    expect(
      Math.abs((figures?.lengthControlledWinRate ?? NaN) - 50),
    ).toBeLessThan(20);
  });

  it.each([
    ["the model always wins", () => 2],
    ["the reference always wins", () => 1],
    ["the longer one always wins", (gap: number) => (gap > 0 ? 1 : 2)],
  ])("stay finite and say so where %s", (_, preference) => {
    const rows = world([0], 60, 0).map((row) => ({
      ...row,
      preference: preference(row.length1 - row.length2),
    }));
    const [figures] = lengthControlledWinRates(rows);
    expect(figures?.separated).toBe(true);
    for (const weight of Object.values(figures?.weights ?? {}))
      expect(Math.abs(weight)).toBeLessThan(30);
    expect(figures?.lengthControlledWinRate).toBeGreaterThanOrEqual(0);
    expect(figures?.lengthControlledWinRate).toBeLessThanOrEqual(100);
  });

  it("exist for one prompt, whose error is unknown", () => {
    const [figures] = lengthControlledWinRates([
      { model: "m", prompt: "a", length1: 3, length2: 4, preference: 1.7 },
    ]);
    expect(figures).toMatchObject({ standardError: null, separated: false });
    expect(Number.isFinite(figures?.lengthControlledWinRate)).toBe(true);
  });

  it("take a table as given", () => {
    const rows = world([-1, 1], 50, -1);
    const table = difficultyTable([rows.slice(0, 50), rows.slice(50)]);
    expect(lengthControlledWinRates(rows, table)).toEqual(
      lengthControlledWinRates(rows),
    );
    expect(
      lengthControlledWinRates(rows, new Map([["prompt 0", 3]])),
    ).not.toEqual(lengthControlledWinRates(rows));
  });
});

describe("fitting difficulty", () => {
  it("finds the least of the penalized loss, by finite differences", () => {
    const random = randomStream(5, "difficulty");
    const comparisons: Comparison[] = [];
    for (let model = 0; model < 3; model++)
      for (let prompt = 0; prompt < 5; prompt++)
        if (model !== 1 || prompt !== 2)
          comparisons.push({
            model,
            prompt,
            length: 2 * random.next() - 1,
            target: random.next(),
          });
    const gamma = fitDifficulty(comparisons, 3, 5);
    // At the least, the level and the weight of length are the best for these γ as well:
    // profiled over them, no γ can be moved to a smaller loss.
    const profiled = (moved: Float64Array): number => {
      let total = moved.reduce((sum, value) => sum + 0.05 * value ** 2, 0);
      for (let model = 0; model < 3; model++) {
        const own = comparisons.filter((one) => one.model === model);
        const loss = (level: number, length: number): number =>
          own.reduce(
            (sum, one) =>
              sum +
              logisticLoss(
                level + length * one.length + (moved[one.prompt] as number),
                one.target,
              ),
            0.0005 * level ** 2 + 12.5 * (length + 1.2) ** 2,
          );
        let [level, length] = [0, -1.2];
        for (let step = 0.5; step > 1e-9; step /= 2)
          for (let turn = 0; turn < 8; turn++)
            for (const [a, b] of [
              [step, 0],
              [-step, 0],
              [0, step],
              [0, -step],
            ] as const)
              if (loss(level + a, length + b) < loss(level, length))
                [level, length] = [level + a, length + b];
        total += loss(level, length);
      }
      return total;
    };
    for (const [at] of gamma.entries())
      for (const by of [-0.01, 0.01])
        expect(
          profiled(gamma.map((value, i) => (i === at ? value + by : value))),
        ).toBeGreaterThan(profiled(gamma));
  });

  it("orders prompts by how often models win on them", () => {
    const comparisons = [0.1, 0.5, 0.9].flatMap((target, prompt) =>
      [0, 1, 2, 3].map((model) => ({ model, prompt, length: 0, target })),
    );
    const [hard = NaN, middle = NaN, easy = NaN] = fitDifficulty(
      comparisons,
      4,
      3,
    );
    expect(middle).toBeCloseTo(0, 9);
    expect(easy).toBeCloseTo(-hard, 9);
    expect(easy).toBeGreaterThan(1);
  });
});
