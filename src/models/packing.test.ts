import { describe, expect, it } from "vitest";
import { attentionMask, packSequences, sharedRowLength } from "./packing.js";

/** Two sequences in one row of 32, the longer one first; the rest is padding. */
const SHORT = { ids: [7, 8], completionStart: 1 };
const LONG = { ids: [1, 2, 3], completionStart: 2, weights: [0.5] };
const batch = packSequences([SHORT, LONG]);

describe("packing", () => {
  it("lays sequences whole, one after the other, each with positions of its own", () => {
    expect([batch.rows, batch.length]).toEqual([1, 32]);
    expect([...batch.ids.slice(0, 6)]).toEqual([1, 2, 3, 7, 8, 0]);
    expect([...batch.positions.slice(0, 6)]).toEqual([0, 1, 2, 0, 1, 0]);
    expect([...batch.owners.slice(0, 6)]).toEqual([1, 1, 1, 0, 0, -1]);
  });

  it("predicts each completion token from the token before, in the order given", () => {
    expect(batch.targetCount).toBe(2);
    expect([...batch.sources.slice(0, 2)]).toEqual([3, 1]);
    expect([...batch.targets.slice(0, 2)]).toEqual([8, 3]);
    expect([...batch.weights.slice(0, 3)]).toEqual([1, 0.5, 0]);
    expect([...batch.targetOwners.slice(0, 2)]).toEqual([0, 1]);
  });

  it("lets a token see its own sequence up to itself", () => {
    const mask = attentionMask(batch, null);
    const seen = Array.from({ length: 6 }, (_, query) =>
      Array.from({ length: 6 }, (_, key) =>
        mask[query * 32 + key] === 0 ? "x" : ".",
      ).join(""),
    );
    expect(seen).toEqual([
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
    expect([...asked.sources.slice(0, 2)]).toEqual([1, 1]);
    expect([...asked.targets.slice(0, 2)]).toEqual([8, 9]);
  });

  it("opens another row where a sequence does not fit, and never splits one", () => {
    const twenty = { ids: new Array<number>(20).fill(1), completionStart: 1 };
    const packed = packSequences([twenty, twenty, SHORT]);
    expect([packed.rows, packed.length]).toEqual([2, 32]);
    expect(packed.owners[0]).toBe(0);
    expect(packed.owners[32]).toBe(1);
    expect(packed.owners[20]).toBe(2);
  });

  it("gives a data set of short rows one length and one of long rows none", () => {
    const long = { ids: new Array<number>(600).fill(1), completionStart: 1 };
    expect(sharedRowLength([SHORT, LONG])).toBe(32);
    expect(sharedRowLength([SHORT, long])).toBe(0);
  });
});
