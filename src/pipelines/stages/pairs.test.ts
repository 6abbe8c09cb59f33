import { expect, test } from "vitest";
import { pairRows } from "./pairs.js";

test("a pair keeps what the user's rows say of its prompt, and of each side", () => {
  const row = { prompt: "p", id: 12345678901234567890n, tools: [{}], raw: "x" };
  const judgements = [{ kind: "score" }];
  const { pairs } = pairRows(
    [
      { ...row, response: "good", score: 4, seed: 9007199254740993n },
      { ...row, response: "mean", score: 3, seed: 7, note: "left out" },
      { ...row, response: "bad", score: 1, seed: 2, judgements, note: "dull" },
      { ...row, response: "bad", score: 1, seed: 3 },
    ],
    { minMargin: 0, finishedOnly: false },
  );
  expect(pairs).toEqual([
    {
      prompt: "p",
      id: 12345678901234567890n,
      tools: [{}],
      chosen_seed: 9007199254740993n,
      rejected_seed: 2,
      rejected_note: "dull",
      chosen: "good",
      rejected: "bad",
      chosen_score: 4,
      rejected_score: 1,
    },
  ]);
});
