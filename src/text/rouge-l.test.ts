import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lcsLength, rougeFMeasure, rougeL } from "./rouge-l.js";
import { wordTokens } from "./word-tokens.js";

const fixture = JSON.parse(
  readFileSync("test/fixtures/rouge/rouge-l.json", "utf8"),
) as {
  readonly texts: readonly { text: string; tokens: string[] }[];
  readonly rows: readonly (readonly [number, number, number])[];
};

/** The textbook table, with nothing shared with the code under test. */
function tableLcs(left: readonly string[], right: readonly string[]): number {
  let above = new Array<number>(right.length + 1).fill(0);
  for (const token of left) {
    const row = [0];
    right.forEach((other, j) => {
      row.push(
        token === other
          ? (above[j] as number) + 1
          : Math.max(row[j] as number, above[j + 1] as number),
      );
    });
    above = row;
  }
  return above.at(-1) as number;
}

const words = (vocabulary: number, maxLength: number) =>
  fc.array(fc.nat(vocabulary - 1).map(String), { maxLength });

describe("rougeL", () => {
  test("gives the F-measure of rouge_score bit for bit on every fixture pair", () => {
    expect(fixture.rows.length).toBeGreaterThan(1300);
    for (const [target, prediction, fMeasure] of fixture.rows) {
      const left = fixture.texts[target] as { tokens: string[] };
      const right = fixture.texts[prediction] as { tokens: string[] };
      expect(
        Object.is(rougeL(left.tokens, right.tokens).fMeasure, fMeasure),
        `${target} / ${prediction}`,
      ).toBe(true);
    }
  });

  test("gives precision against the prediction and recall against the target", () => {
    // LCS of "a b c d" and "b d" is "b d": P = 2/2, R = 2/4, F = 2·1·½/1½ = ⅔.
    const score = rougeL(wordTokens("a b c d"), wordTokens("b d"));
    expect(score).toEqual({ precision: 1, recall: 0.5, fMeasure: 2 / 3 });
  });

  test("is 0 when a side has no tokens", () => {
    const zero = { precision: 0, recall: 0, fMeasure: 0 };
    expect(rougeL([], ["a"])).toEqual(zero);
    expect(rougeL(["a"], [])).toEqual(zero);
    expect(rougeL([], [])).toEqual(zero);
  });

  test("does not change when target and prediction change places", () => {
    fc.assert(
      fc.property(words(4, 40), words(4, 40), (left, right) => {
        expect(rougeL(left, right).fMeasure).toBe(rougeL(right, left).fMeasure);
      }),
    );
  });
});

describe("lcsLength", () => {
  test("equals the textbook table below, at and above one machine word", () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 6 })
          .chain((vocabulary) =>
            fc.tuple(words(vocabulary, 140), words(vocabulary, 140)),
          ),
        ([left, right]) => {
          expect(lcsLength(left, right)).toBe(tableLcs(left, right));
        },
      ),
      { numRuns: 400 },
    );
  });

  test("carries across words: a text against itself is its length", () => {
    for (const length of [1, 31, 32, 33, 64, 65, 500]) {
      const same = new Array<string>(length).fill("x");
      expect(lcsLength(same, same)).toBe(length);
    }
  });
});

describe("rougeFMeasure", () => {
  test("rises with every further common token, so a bound on the LCS bounds F", () => {
    for (let n = 1; n <= 40; n++) {
      for (let m = 1; m <= 40; m++) {
        for (let lcs = 1; lcs <= Math.min(n, m); lcs++) {
          expect(rougeFMeasure(lcs, n, m)).toBeGreaterThan(
            rougeFMeasure(lcs - 1, n, m),
          );
        }
      }
    }
  });
});
