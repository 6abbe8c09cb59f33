import { describe, expect, it } from "vitest";
import { calibrate, type CalibratedPrompt } from "./calibration.js";
import { wilsonInterval } from "./interval.js";

/** A better and a worse answer with the judge's scores of them. */
const pair = (
  better: number | null,
  worse: number | null,
  more: Partial<CalibratedPrompt> & {
    readonly lengths?: readonly [number, number];
    readonly models?: readonly [string, string];
  } = {},
): CalibratedPrompt => ({
  category: more.category ?? null,
  answers: [better, worse].map((score, i) => ({
    score,
    truth: 1 - i,
    length: more.lengths?.[i] ?? 10,
    model: more.models?.[i] ?? null,
  })),
});

describe("a judge on pairs of known order", () => {
  it("is right, wrong, or half right where it ties", () => {
    const found = calibrate([pair(5, 1), pair(2, 3), pair(4, 4), pair(4, 3)]);
    expect(found.accuracy?.mean).toBe(0.625);
    expect(found).toMatchObject({ prompts: 4, pairs: 4, ties: 0.25 });
    expect(found.gaps).toEqual([
      { gap: 0.5, pairs: 1, accuracy: 0.5 },
      { gap: 1, pairs: 2, accuracy: 0.5 },
      { gap: 2, pairs: 0, accuracy: null },
      { gap: 5, pairs: 1, accuracy: 1 },
    ]);
  });

  it("loses no accuracy by what it could not judge, which is counted", () => {
    const found = calibrate([pair(5, 1), pair(null, 3), pair(2, null)]);
    expect(found).toMatchObject({ pairs: 1, unjudged: 2 });
    expect(found.accuracy?.mean).toBe(1);
    expect(calibrate([pair(null, 1)]).accuracy).toBeNull();
  });

  it("counts each prompt once, however many pairs it has", () => {
    const many: CalibratedPrompt = {
      category: null,
      answers: [5, 4, 3, 2].map((score, i) => ({
        score,
        truth: i === 0 ? 1 : 0,
        length: 1,
        model: null,
      })),
    };
    const found = calibrate([many, pair(1, 2)]);
    expect(found).toMatchObject({ prompts: 2, pairs: 4 });
    expect(found.accuracy?.mean).toBe(0.5);
  });

  it("is told by category", () => {
    expect(
      calibrate([
        pair(5, 1, { category: "maths" }),
        pair(1, 5, { category: "chat" }),
        pair(5, 1, { category: "chat" }),
        pair(5, 1),
      ]).categories,
    ).toEqual([
      { category: "maths", pairs: 1, accuracy: 1 },
      { category: "chat", pairs: 2, accuracy: 0.5 },
    ]);
  });

  it("leans to long answers, to its own, and to a place only where places vary", () => {
    const found = calibrate(
      [
        pair(1, 5, { lengths: [3, 9], models: ["a", "me"] }),
        pair(2, 4, { lengths: [4, 8], models: ["me", "me"] }),
        pair(5, 1, { lengths: [9, 3], models: ["me", "a"] }),
        pair(5, 1, { lengths: [5, 5], models: ["a", "b"] }),
      ],
      "me",
    );
    expect(found.longer).toEqual({ pairs: 3, judge: 1, truth: 1 / 3 });
    expect(found.own).toEqual({ pairs: 2, judge: 1, truth: 0.5 });
    expect(found.first).toBeNull();
    const turned = pair(5, 1);
    const mixed = [
      pair(5, 1),
      { ...turned, answers: turned.answers.toReversed() },
    ];
    expect(calibrate(mixed).first).toEqual({
      pairs: 2,
      judge: 0.5,
      truth: 0.5,
    });
  });
});

describe("Wilson's interval", () => {
  it("solves (p − q)² = z² q (1 − q) / n for both ends", () => {
    for (const [share, count] of [
      [0, 10],
      [0.3, 50],
      [0.975, 200],
      [1, 3],
    ] as const) {
      const { low, high } = wilsonInterval(share, count);
      for (const end of [low, high])
        expect((share - end) ** 2).toBeCloseTo(
          (1.959963984540054 ** 2 * end * (1 - end)) / count,
          12,
        );
      expect(low).toBeLessThanOrEqual(share);
      expect(high).toBeGreaterThanOrEqual(share);
      expect(high).toBeGreaterThan(low);
    }
  });
});
