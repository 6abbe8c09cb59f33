import { expect, test } from "vitest";
import { pairRows } from "./pairs.js";

test("a pair keeps the fields on which all responses to its prompt agree", () => {
  const row = { prompt: "p", id: 12345678901234567890n, tools: [{}], raw: "x" };
  const { pairs } = pairRows(
    [
      { ...row, response: "good", score: 4, seed: 1 },
      { ...row, response: "bad", score: 1, seed: 2 },
    ],
    { minMargin: 0, finishedOnly: false },
  );
  expect(pairs).toEqual([
    {
      prompt: "p",
      id: 12345678901234567890n,
      tools: [{}],
      chosen: "good",
      rejected: "bad",
      chosen_score: 4,
      rejected_score: 1,
    },
  ]);
});
