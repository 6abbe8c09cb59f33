import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countBits, fillBag } from "./token-bag.js";

describe("countBits", () => {
  test("counts the ones of both words", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (low, high) => {
        const ones = [low, high]
          .map((word) => (word >>> 0).toString(2).replaceAll("0", "").length)
          .reduce((sum, count) => sum + count);
        expect(countBits(low, high)).toBe(ones);
      }),
      {
        examples: [
          [-1, -1],
          [0, 0],
          [-1, 0],
          [0, -1],
        ],
      },
    );
  });
});

describe("fillBag", () => {
  test("never shows more missing tokens than there are", () => {
    const text = fc.array(fc.nat(100), { maxLength: 80 });
    fc.assert(
      fc.property(text, text, (left, right) => {
        const bags = new Int32Array(4);
        for (const [i, tokens] of [left, right].entries()) {
          const span = { start: 0, length: tokens.length };
          fillBag(Int32Array.from(tokens), span, bags, 2 * i);
        }
        const [a = 0, b = 0, c = 0, d = 0] = bags;
        const missing = left.filter((token) => !right.includes(token));
        expect(countBits(a & ~c, b & ~d)).toBeLessThanOrEqual(
          new Set(missing).size,
        );
      }),
    );
  });

  test("sets no bit for unknown tokens", () => {
    const bag = new Int32Array([7, 7]);
    fillBag(Int32Array.from([-1, -1]), { start: 0, length: 2 }, bag, 0);
    expect([...bag]).toEqual([0, 0]);
  });
});
