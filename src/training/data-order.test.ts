import { describe, expect, it } from "vitest";
import {
  microBatches,
  stepRows,
  totalSteps,
  type DataOrder,
} from "./data-order.js";

const ORDER: DataOrder = {
  rowCount: 5,
  stepSize: 2,
  epochs: 2,
  shuffle: false,
  seed: 1,
};

describe("the order of the rows", () => {
  it("is that of the file when it is not shuffled, the last step of an epoch smaller", () => {
    expect([...stepRows(ORDER)]).toEqual([
      [0, 1],
      [2, 3],
      [4],
      [0, 1],
      [2, 3],
      [4],
    ]);
    expect(totalSteps(ORDER)).toBe(6);
  });

  it("shows every row once an epoch, each epoch in another order", () => {
    const order = { ...ORDER, rowCount: 40, shuffle: true };
    const rows = [...stepRows(order)].flat();
    const [first, second] = [rows.slice(0, 40), rows.slice(40)];
    const sorted = (epoch: number[]): number[] =>
      [...epoch].sort((a, b) => a - b);
    expect(sorted(first)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(sorted(second)).toEqual(sorted(first));
    expect(second).not.toEqual(first);
  });

  it("continues at any step as if it had not stopped", () => {
    const order = { ...ORDER, shuffle: true };
    for (const from of [0, 1, 3, 4, 6])
      expect([...stepRows(order, from)]).toEqual(
        [...stepRows(order)].slice(from),
      );
  });

  it("depends on the seed", () => {
    const order = { ...ORDER, rowCount: 20, shuffle: true };
    expect([...stepRows({ ...order, seed: 2 })]).not.toEqual([
      ...stepRows(order),
    ]);
  });

  it("counts parts of an epoch", () => {
    expect(totalSteps({ ...ORDER, epochs: 0.5 })).toBe(2);
  });

  it("cuts a step into micro-batches, the last one smaller", () => {
    expect(microBatches([1, 2, 3, 4, 5], 2)).toEqual([[1, 2], [3, 4], [5]]);
    expect(microBatches([], 2)).toEqual([]);
    const limit = { tokensOf: (row: number) => row, most: 6 };
    expect(microBatches([1, 2, 3, 4, 9, 1, 1, 1], 3, limit)).toEqual([
      [1, 2, 3],
      [4],
      [9],
      [1, 1, 1],
    ]);
  });
});
