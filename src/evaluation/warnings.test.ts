import { describe, expect, test } from "vitest";
import type { ModelSnapshot, RoundSnapshot } from "./run-history.js";
import { findWarnings, WARNING_CODES } from "./warnings.js";

function model(id: string, known: Partial<ModelSnapshot> = {}): ModelSnapshot {
  return {
    id,
    trueAccuracy: null,
    trueScore: null,
    selfReward: null,
    fixedJudgeAccuracy: null,
    responseLength: null,
    ...known,
  };
}

function round(
  number: number,
  known: Partial<RoundSnapshot> = {},
): RoundSnapshot {
  return {
    from: `M${number}`,
    to: `M${number + 1}`,
    prompts: 1000,
    judgements: 4000,
    malformed: 0,
    pairs: 500,
    distinctPrompts: null,
    promptSimilarity: null,
    topScoreShare: null,
    ...known,
  };
}

const codes = (
  models: readonly ModelSnapshot[],
  rounds: readonly RoundSnapshot[] = [],
) =>
  findWarnings({ models, rounds }).map(({ code, where }) => `${code} ${where}`);

describe("reward-hacking", () => {
  test("fires where self-reward rises and truth falls", () => {
    // Accuracy 67.0 → 66.3 is within 2 points; 67.0 → 63.5 and 56.0 are not.
    const models = [
      model("M1", { trueAccuracy: 0.67, selfReward: 2.83 }),
      model("M2", { trueAccuracy: 0.663, selfReward: 3.2 }),
      model("M3", { trueAccuracy: 0.635, selfReward: 3.6 }),
      model("M4", { trueAccuracy: 0.56, selfReward: 3.91 }),
    ];
    expect(codes(models)).toEqual(["reward-hacking M3", "reward-hacking M4"]);
    const last = findWarnings({ models, rounds: [] })[1];
    expect(last?.evidence["selfRewardChange"]).toBeCloseTo(1.08, 12);
    expect(last?.evidence["trueAccuracyChange"]).toBeCloseTo(-0.11, 12);
    expect(last?.sentence).toBe(
      "M4 rewards itself more than M1 did (2.83 → 3.91 of 5), but by the verifier true accuracy went from 67.0 % to 56.0 %: it learned to please its judge, not to be right.",
    );
  });

  test("fires on the graded score alone", () => {
    expect(
      codes([
        model("M1", { trueScore: 4, selfReward: 3 }),
        model("M2", { trueScore: 3.8, selfReward: 3.5 }),
      ]),
    ).toEqual(["reward-hacking M2"]);
  });

  test("sees a fall after a rise, not only one below the start", () => {
    expect(
      codes([
        model("M1", { trueAccuracy: 0.5, selfReward: 3 }),
        model("M2", { trueAccuracy: 0.7, selfReward: 3.5 }),
        model("M3", { trueAccuracy: 0.6, selfReward: 3.9 }),
      ]),
    ).toEqual(["reward-hacking M3"]);
  });

  test("is silent when both rise, both fall, or one is unknown", () => {
    expect(
      codes([
        model("M1", { trueAccuracy: 0.6, selfReward: 3 }),
        model("M2", { trueAccuracy: 0.7, selfReward: 4 }),
      ]),
    ).toEqual([]);
    expect(
      codes([
        model("M1", { trueAccuracy: 0.6, selfReward: 3 }),
        model("M2", { trueAccuracy: 0.5, selfReward: 2 }),
      ]),
    ).toEqual([]);
    expect(
      codes([
        model("M1", { selfReward: 3 }),
        model("M2", { trueAccuracy: 0.1, selfReward: 4 }),
      ]),
    ).toEqual([]);
  });
});

test("judge-decay fires past three points below the first judge", () => {
  expect(
    codes([
      model("M0"),
      model("M1", { fixedJudgeAccuracy: 0.83 }),
      model("M2", { fixedJudgeAccuracy: 0.81 }),
      model("M3", { fixedJudgeAccuracy: 0.7 }),
    ]),
  ).toEqual(["judge-decay M3"]);
});

test("length-runaway compares with M1 and never looks at M0", () => {
  expect(
    codes([
      model("M0", { responseLength: 60 }),
      model("M1", { responseLength: 10 }),
      model("M2", { responseLength: 15 }),
      model("M3", { responseLength: 23.4 }),
    ]),
  ).toEqual(["length-runaway M3"]);
});

test("score-collapse fires when nine in ten get one score", () => {
  expect(
    codes(
      [],
      [round(1, { topScoreShare: 0.89 }), round(2, { topScoreShare: 0.9 })],
    ),
  ).toEqual(["score-collapse M2→M3"]);
});

test("pairs-dried-up fires on few pairs and on a fall from the first round", () => {
  // 1173 → 335 of the same number of prompts: 29 % of the first round's.
  expect(
    codes(
      [],
      [
        round(1, { prompts: 2000, pairs: 1173 }),
        round(2, { prompts: 2000, pairs: 335 }),
      ],
    ),
  ).toEqual(["pairs-dried-up M2→M3"]);
  expect(codes([], [round(1, { pairs: 99 })])).toEqual([
    "pairs-dried-up M1→M2",
  ]);
  expect(codes([], [round(1, { pairs: 100 })])).toEqual([]);
  expect(codes([], [round(1, { prompts: 0, pairs: 0 })])).toEqual([]);
});

test("malformed-judgements fires on a level and on a rise", () => {
  expect(
    codes([], [round(1, { malformed: 40 }), round(2, { malformed: 480 })]),
  ).toEqual(["malformed-judgements M2→M3"]); // 1 % → 12 %
  expect(codes([], [round(1, { malformed: 1000 })])).toEqual([
    "malformed-judgements M1→M2",
  ]); // 25 % from the start
});

test("diversity-collapse fires when prompts repeat or huddle in the pool", () => {
  expect(codes([], [round(1, { distinctPrompts: 0.49 })])).toEqual([
    "diversity-collapse M1→M2",
  ]);
  expect(
    codes(
      [],
      [
        round(1, { promptSimilarity: 0.4, distinctPrompts: 0.9 }),
        round(2, { promptSimilarity: 0.56, distinctPrompts: 0.9 }),
      ],
    ),
  ).toEqual(["diversity-collapse M2→M3"]);
});

test("warnings come in the order of their codes, then of time", () => {
  const found = findWarnings({
    models: [
      model("M1", {
        trueAccuracy: 0.6,
        selfReward: 3,
        fixedJudgeAccuracy: 0.8,
        responseLength: 5,
      }),
      model("M2", {
        trueAccuracy: 0.5,
        selfReward: 4,
        fixedJudgeAccuracy: 0.6,
        responseLength: 50,
      }),
    ],
    rounds: [
      round(1, {
        pairs: 1,
        malformed: 4000,
        topScoreShare: 1,
        distinctPrompts: 0,
      }),
    ],
  });
  expect(found.map(({ code }) => code)).toEqual([...WARNING_CODES]);
});

test("a run that measured nothing gets no warning", () => {
  expect(codes([model("M0"), model("M1"), model("M2")], [round(1)])).toEqual(
    [],
  );
});
