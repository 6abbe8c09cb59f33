import { describe, expect, it } from "vitest";
import { attentionMask } from "./attention-mask.js";
import { packSequences, sharedRowLength, type PackedBatch } from "./packing.js";

/** Two sequences in one row of 32, the longer one first; the rest is padding. */
const SHORT = { ids: [7, 8], completionStart: 1 };
const LONG = { ids: [1, 2, 3], completionStart: 2, weights: [0.5] };
const batch = packSequences([SHORT, LONG]);

/** Which of the first cells of a row see which. */
function seenBy(
  packed: PackedBatch,
  window: number | null,
  cells: number,
): string[] {
  const mask = attentionMask(packed, window);
  return Array.from({ length: cells }, (_, query) =>
    Array.from({ length: cells }, (_, key) =>
      mask[query * packed.length + key] === 0 ? "x" : ".",
    ).join(""),
  );
}

describe("packing", () => {
  it("lays sequences whole, one after the other, each with positions of its own", () => {
    expect([batch.rows, batch.length]).toEqual([1, 32]);
    expect([...batch.ids]).toEqual([7, 8, 1, 2, 3]);
    expect([...batch.positions]).toEqual([0, 1, 0, 1, 2]);
    expect([...batch.cellOfToken]).toEqual([3, 4, 0, 1, 2]);
    expect([...batch.tokenInCell.slice(0, 6)]).toEqual([2, 3, 4, 0, 1, -1]);
  });

  it("predicts each completion token from the token before, in the order given", () => {
    expect(batch.targetCount).toBe(2);
    expect([...batch.predictors]).toEqual([0, 3]);
    expect([...batch.sources.slice(0, 2)]).toEqual([0, 1]);
    expect([...batch.targets.slice(0, 2)]).toEqual([8, 3]);
    expect([...batch.weights.slice(0, 3)]).toEqual([1, 0.5, 0]);
    expect([...batch.targetOwners.slice(0, 2)]).toEqual([0, 1]);
  });

  it("lets a token see its own sequence up to itself", () => {
    expect(seenBy(batch, null, 6)).toEqual([
      "x.....",
      "xx....",
      "xxx...",
      "...x..",
      "...xx.",
      ".....x",
    ]);
  });

  it("lets a window look back at its last tokens only", () => {
    const mask = attentionMask(batch, 2);
    const third = Array.from(
      { length: 4 },
      (_, key) => mask[2 * 32 + key] === 0,
    );
    expect(third).toEqual([false, true, true, false]);
  });

  it("makes every option a target after the last token", () => {
    const asked = packSequences([
      { ids: [4, 5], completionStart: 2, options: [8, 9] },
    ]);
    expect(asked.targetCount).toBe(2);
    expect([...asked.predictors]).toEqual([1]);
    expect([...asked.sources.slice(0, 2)]).toEqual([0, 0]);
    expect([...asked.targets.slice(0, 2)]).toEqual([8, 9]);
  });

  it("opens another row where a sequence does not fit, and never splits one", () => {
    const twenty = { ids: new Array<number>(20).fill(1), completionStart: 1 };
    const packed = packSequences([twenty, twenty, SHORT]);
    expect([packed.rows, packed.length]).toEqual([2, 32]);
    expect(packed.runs.map(({ cell, size }) => [cell, size])).toEqual([
      [0, 20],
      [32, 20],
      [20, 2],
    ]);
  });

  it("lays a shared beginning once and predicts from it for every member", () => {
    const sequences = [
      { ids: [1, 2, 3, 4, 5], completionStart: 3 },
      { ids: [1, 2, 3, 6], completionStart: 3 },
    ];
    const packed = packSequences(sequences, 0, [[0, 1]]);
    expect([...packed.ids]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...packed.positions]).toEqual([0, 1, 2, 3, 4, 3]);
    expect([...packed.predictors]).toEqual([2, 3]);
    expect([...packed.sources.slice(0, 3)]).toEqual([0, 1, 0]);
    expect([...packed.targets.slice(0, 3)]).toEqual([4, 5, 6]);
    expect(seenBy(packed, null, 6)).toEqual([
      "x.....",
      "xx....",
      "xxx...",
      "xxxx..",
      "xxxxx.",
      "xxx..x",
    ]);
    // The last token of the second member has position 3: a window of 2 sees 2 and 3.
    expect(seenBy(packed, 2, 6)[5]).toBe("..x..x");
  });

  it("keeps sequences apart whose wider row would cost more than their beginning", () => {
    const tokens = (beginning: number, ends: number): number => {
      const sequences = [1, 2].map((end) => ({
        ids: [
          ...new Array<number>(beginning).fill(7),
          ...new Array<number>(ends).fill(end),
        ],
        completionStart: beginning,
      }));
      return packSequences(sequences, 0, [[0, 1]]).ids.length;
    };
    expect(tokens(1, 400)).toBe(802);
    expect(tokens(200, 200)).toBe(600);
  });

  it("gives a data set of short rows one length and one of long rows none", () => {
    const long = { ids: new Array<number>(600).fill(1), completionStart: 1 };
    expect(sharedRowLength([SHORT, LONG])).toBe(32);
    expect(sharedRowLength([SHORT, long])).toBe(0);
  });
});
