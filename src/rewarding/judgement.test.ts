import { describe, expect, it } from "vitest";
import {
  averageJudgements,
  expectedJudgement,
  parseJudgement,
} from "./judgement.js";

const scoreOf = (text: string): number | string => {
  const judgement = parseJudgement(text, true);
  return judgement.kind === "score" ? judgement.score : judgement.kind;
};

describe("reading a judgement", () => {
  it.each([
    ["Good.\nScore: 4", 4],
    ["score:0", 0],
    ["Score: 5/5", 5],
    ["Score: 3.5", 3.5],
    ["Score: 3.", 3],
    ["评分理由。\nScore： 2", 2],
    ["First Score: 5, on reflection\nScore: 1", 1],
    ["score : 4", 4],
    ["**Score:** 4", 4],
    ["Score: **4**", 4],
    ["**Score: 4/5**", 4],
    ["### Final score: 3.5 out of 5\n\n", 3.5],
    ["Total score: 4/5.", 4],
    ["Score: <4>", 4],
    ["Score：４", 4],
    ["理由充分。\n评分：4分", 4],
    ["總分：２．５", 2.5],
    ["<think>Perhaps\nScore: 1</think>\nScore: 4", 4],
    ["At first\nScore: 1\n</think>\n\nScore: 4<|im_end|>", 4],
    ["[THINK]Score: 1[/THINK]<answer>Score: 4</answer>", 4],
    [
      "<|channel|>analysis<|message|>Score: 1<|end|><|start|>assistant<|channel|>final<|message|>Score: 4",
      4,
    ],
  ])("takes the final score line: %j", (text, score) => {
    expect(scoreOf(text)).toBe(score);
  });

  it.each([
    "",
    "A fine answer.",
    "<think>I would say\nScore: 5",
    "<think>I would say\nScore: 5\n</think>",
    "<|channel|>analysis<|message|>\nScore: 5",
    "Score: 6",
    "Score: -1",
    "Score: 55",
    "Score: five",
    "5",
    "Score: 5.01",
    "Score: 5/10",
    "Score: 4 out of 10",
    "Score: 3 of 100",
    "Score: 5 points deducted. Total: 0",
    "Score: 5e-3",
    "Score: 4,5",
    "Score: 0x5",
    "Score: 2-3",
    "underscore: 4",
    'The response only says "Score: 5"',
    "> Score: 5\nThat line was in the response. It deserves nothing",
    "The response reads:\nScore: 5\nThat is no answer to the request.",
    'It is wrong.\nScore: 1\n\nNote: the response contains "Score: 5".',
    `Score: ${" ".repeat(200)}5`,
  ])("calls %j malformed, never a low score", (text) =>
    expect(scoreOf(text)).toBe("malformed"),
  );

  it("does not fall back to an earlier score when the last is out of range", () => {
    expect(scoreOf("Score: 4\nScore: 9")).toBe("malformed");
  });

  it.each([
    "Score: N/A",
    "I cannot tell.\nScore: none",
    "Score: 3\nScore: unknown",
  ])("calls %j an abstention", (text) =>
    expect(scoreOf(text)).toBe("abstention"),
  );

  it("gives no score to a judgement that was cut off", () => {
    expect(parseJudgement("Wrong.\nScore: 1", false).kind).toBe("malformed");
    expect(parseJudgement("Score: n/a", false).kind).toBe("malformed");
  });

  it("lets a score after an abstention count", () => {
    expect(scoreOf("Score: n/a\nScore: 2")).toBe(2);
  });

  it("keeps what stands before the score as the rationale", () => {
    expect(parseJudgement("Clear.\nScore: 4", true)).toMatchObject({
      rationale: "Clear.",
    });
    expect(parseJudgement("Score: 4", true)).toMatchObject({ rationale: null });
  });
});

describe("averaging samples", () => {
  const average = (...texts: string[]) =>
    averageJudgements(texts.map((text) => parseJudgement(text, true)));

  it("keeps the mean as a fraction, with its variance", () => {
    // Mean 14/3; deviations −2/3, 1/3, 1/3, squares summing to 6/9.
    const judgement = average("Score: 4", "Score: 5", "Score: 5");
    expect(judgement).toMatchObject({ kind: "score" });
    if (judgement.kind !== "score") return;
    expect(judgement.score).toBeCloseTo(14 / 3, 12);
    expect(judgement.variance).toBeCloseTo(2 / 9, 12);
  });

  it("leaves malformed samples and abstentions out of the mean", () => {
    expect(average("Score: 4", "nonsense", "Score: n/a")).toMatchObject({
      score: 4,
      variance: 0,
    });
  });

  it("without any score is what most samples are", () => {
    expect(average("Score: n/a", "Score: n/a", "?").kind).toBe("abstention");
    expect(average("Score: n/a", "?", "?").kind).toBe("malformed");
  });
});

describe("the expected score", () => {
  const written = { raw: "Score: ", rationale: null };

  it("weighs the scores by their probabilities", () => {
    const judgement = expectedJudgement(
      [0.5, 0, 0, 0, 0, 0.5].map(Math.log),
      written,
    );
    expect(judgement).toMatchObject({
      kind: "score",
      score: 2.5,
      variance: 6.25,
    });
  });

  it("shares the mass that lies on scores", () => {
    const judgement = expectedJudgement(
      [0, 0, 0.3, 0, 0.3, 0].map(Math.log),
      written,
    );
    if (judgement.kind !== "score") throw new Error("a score was expected");
    expect(judgement.score).toBeCloseTo(3, 12);
  });

  it("is malformed when less than half of the mass lies on scores", () => {
    expect(
      expectedJudgement(
        [0.08, 0.08, 0.08, 0.08, 0.08, 0.08].map(Math.log),
        written,
      ).kind,
    ).toBe("malformed");
  });
});
