import { expect, it } from "vitest";
import { scriptedLanguageModel } from "../generation/scripted-language-model.js";
import { inBothOrders } from "./both-orders.js";
import type { JudgeSettings } from "./judge.js";
import { COMPARISON_ANSWER } from "./rubric.js";

const SETTINGS: JudgeSettings = {
  template: "{prompt}|{first}|{second}",
  answer: COMPARISON_ANSWER,
  reward: "samples",
  samples: 1,
  temperature: 0,
  topP: 1,
  maxTokens: 50,
  seed: 1,
};
const PAIR = { prompt: "p", first: "x {second}", second: "y" };

it("shows each order once, as the answers are", async () => {
  const model = scriptedLanguageModel({ answers: () => "Better: A" });
  await inBothOrders(model, [PAIR], SETTINGS);
  expect(model.calls[0]?.requests.map(({ prompt }) => prompt)).toEqual([
    [{ role: "user", content: "p|x {second}|y" }],
    [{ role: "user", content: "p|y|x {second}" }],
  ]);
});

it.each([
  // Named in both orders, by its place only, in one order with a tie, in no order.
  [["B", "A"], 1],
  [["A", "B"], 0],
  [["A", "A"], 0.5],
  [["B", "C"], 0.75],
  [["B", "I cannot say"], null],
])("of the verdicts %j the preference is %s", async (verdicts, preference) => {
  const model = scriptedLanguageModel({
    answers: verdicts.map((verdict) => `Better: ${verdict}`),
  });
  const [compared] = await inBothOrders(model, [PAIR], SETTINGS);
  expect(compared?.preference).toBe(preference);
});

it("weighs the verdicts where the model tells probabilities", async () => {
  const model = scriptedLanguageModel({
    answers: () => "Because.",
    // A, C, B: of the first order, then of the other.
    optionLogprobs: ({ prompt }) =>
      (JSON.stringify(prompt).includes('|y"') ? [1, 2, 5] : [4, 2, 2]).map(
        (mass) => Math.log(mass / 8),
      ),
  });
  const [compared] = await inBothOrders(model, [PAIR], {
    ...SETTINGS,
    reward: "expected",
  });
  // 6/8 for the second, then 3/8 for the one shown second, which is the first.
  expect(compared?.preference).toBeCloseTo((6 / 8 + 1 - 3 / 8) / 2, 12);
});
