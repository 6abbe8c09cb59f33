import { expect, it } from "vitest";
import { VERDICT_SCALES } from "./scales.js";

const read = (raw: string, finished = true) =>
  VERDICT_SCALES.preference.read(raw, finished);

it.each([
  ["Better: A", 0],
  ["The first is wrong.\n\n**Better:** B", 1],
  ["Both are fine.\nBetter: C", 0.5],
  ["better：Ｂ。", 1],
  ["更好的回答：B", 1],
  ["### Winner: Answer A.", 0],
  ["My final verdict is: [[A>>B]]", 0],
  ["[[B>A]]", 1],
  ["[[A=B]]", 0.5],
  ["Because of that:\n[[C]]", 0.5],
  ["<think>Better: A</think>Better: B", 1],
])("reads %j", (raw, score) => {
  expect(read(raw)).toMatchObject({ kind: "score", score, raw });
});

it.each([
  "",
  "Better: D",
  "Better: A or B",
  "Better: A\nThough it depends.",
  "The answer A is better",
  "[[A>A]]",
  "Score: 4",
  "<think>Better: A</think>",
  `Better: ${"A".repeat(200)}`,
])("has no verdict in %j", (raw) => {
  expect(read(raw)).toEqual({ kind: "malformed", raw });
});

it("has no verdict where the judge was cut off", () => {
  expect(read("Better: A", false).kind).toBe("malformed");
});
