import { expect, test } from "vitest";
import { headToHead } from "./head-to-head.js";

test("counts from the left side's point of view", () => {
  expect(headToHead([5, 3, 2, 4], [4, 3, 5, 0])).toEqual({
    win: 2,
    tie: 1,
    lose: 1,
  });
});

test("calls a lead of no more than the margin a tie", () => {
  // Differences +0.5, −0.5, +0.75, −0.75 with a margin of 0.5.
  expect(headToHead([3, 2.5, 3.75, 1], [2.5, 3, 3, 1.75], 0.5)).toEqual({
    win: 1,
    tie: 2,
    lose: 1,
  });
});

test("leaves out a prompt that one side has no score for", () => {
  expect(headToHead([5, null, 1], [null, 4, 2])).toEqual({
    win: 0,
    tie: 0,
    lose: 1,
  });
});

test("is mirrored when the sides change places", () => {
  const left = [1, 4, 2, 5, 3];
  const right = [2, 4, 0, 5, 1];
  const there = headToHead(left, right);
  const back = headToHead(right, left);
  expect(back).toEqual({ win: there.lose, tie: there.tie, lose: there.win });
});

test("refuses sides that do not pair", () => {
  expect(() => headToHead([1], [])).toThrow("1 and 0 results");
});
