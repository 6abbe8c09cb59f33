import { expect, test } from "vitest";
import { effortLines, ofAllRounds, stageEfforts } from "./stage-effort.js";

const usage = (stage: string, more: object = {}) => ({
  stage,
  requests: 10,
  tokensIn: 4000,
  tokensOut: 900,
  cost: 0,
  ...more,
});

test("a stage has its time beside what it asked, and a rate where both are known", () => {
  const efforts = stageEfforts(
    [usage("probe"), usage("instances", { tokensOut: 0 })],
    [
      { stage: "seeds", seconds: 1 },
      { stage: "instances", seconds: 80 },
    ],
  );
  expect(effortLines(efforts)).toEqual([
    "  stage              time requests   tokens in  tokens out  tokens/s",
    "  probe                 –       10       4,000         900         –",
    "  instances    1 min 20 s       10       4,000           0        50",
  ]);
});

test("money is a column where some was spent", () => {
  const [head, line] = effortLines(
    stageEfforts([usage("a", { cost: 250_000 })], []),
  );
  expect(head).toContain("cost");
  expect(line).toContain("$0.25");
});

test("nothing asked is nothing to say", () => {
  expect(effortLines(stageEfforts([], [{ stage: "a", seconds: 5 }]))).toEqual(
    [],
  );
  expect(effortLines(stageEfforts())).toEqual([]);
});

test("the rounds of a loop are summed", () => {
  const efforts = stageEfforts(
    [usage("round-1/candidates"), usage("round-2/candidates")],
    [
      { stage: "round-1/candidates", seconds: 3 },
      { stage: "round-2/candidates", seconds: 4 },
    ],
  );
  expect(ofAllRounds(efforts)).toEqual([
    {
      stage: "candidates",
      requests: 20,
      tokensIn: 8000,
      tokensOut: 1800,
      cost: 0,
      seconds: 7,
    },
  ]);
});
