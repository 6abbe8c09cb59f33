import { describe, expect, test } from "vitest";
import type { ModelSnapshot, RoundSnapshot } from "./run-history.js";
import type { StopRule } from "./stop-rule.js";
import { DEFAULT_STOP_RULE, shouldStop } from "./stop-rule.js";

const OFF: StopRule = {
  judgeFloor: null,
  judgeFall: null,
  topScoreShare: null,
  malformedShare: null,
  minimumPairs: null,
  lengthRatio: null,
  trueAccuracyFall: null,
};

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

describe("shouldStop", () => {
  test("keeps the newest model of a run that goes well", () => {
    expect(
      shouldStop(DEFAULT_STOP_RULE, {
        models: [
          model("M0"),
          model("M1", { fixedJudgeAccuracy: 0.92 }),
          model("M2", { fixedJudgeAccuracy: 0.91 }),
        ],
        rounds: [round(1, { topScoreShare: 0.6 })],
      }),
    ).toEqual({ stop: false, keep: "M2", reasons: [] });
  });

  test("keeps the last model before the judge fell", () => {
    const decision = shouldStop(
      { ...OFF, judgeFall: 0.05 },
      {
        models: [
          model("M1", { fixedJudgeAccuracy: 0.9 }),
          model("M2", { fixedJudgeAccuracy: 0.875 }),
          model("M3", { fixedJudgeAccuracy: 0.75 }),
        ],
        rounds: [],
      },
    );
    expect(decision.stop).toBe(true);
    expect(decision.keep).toBe("M2");
    expect(decision.reasons).toEqual([
      {
        bound: "judgeFall",
        where: "M3",
        value: 0.15000000000000002,
        limit: 0.05,
        sentence:
          "M3 judges the fixed set 15.0 points worse than M1; the limit is 5.0 points.",
      },
    ]);
  });

  test("stops at a round whose data are bad, before its model exists", () => {
    const decision = shouldStop(DEFAULT_STOP_RULE, {
      models: [model("M1"), model("M2")],
      rounds: [round(1), round(2, { topScoreShare: 0.99, pairs: 0 })],
    });
    expect(decision.keep).toBe("M2");
    expect(decision.reasons.map(({ bound }) => bound)).toEqual([
      "topScoreShare",
      "minimumPairs",
    ]);
  });

  test("distrusts the model that a bad round trained", () => {
    expect(
      shouldStop(DEFAULT_STOP_RULE, {
        models: [model("M1"), model("M2")],
        rounds: [round(1, { malformed: 2001 })],
      }),
    ).toMatchObject({ stop: true, keep: "M1" });
  });

  test("stays stopped at the first break although later models look well", () => {
    const history = {
      models: [
        model("M1", { fixedJudgeAccuracy: 0.9 }),
        model("M2", { fixedJudgeAccuracy: 0.6 }),
        model("M3", { fixedJudgeAccuracy: 0.9 }),
      ],
      rounds: [],
    };
    expect(shouldStop(DEFAULT_STOP_RULE, history)).toMatchObject({
      stop: true,
      keep: "M1",
    });
  });

  test("keeps nothing when the first model already breaks a bound", () => {
    expect(
      shouldStop(
        { ...OFF, judgeFloor: 0.8 },
        { models: [model("M1", { fixedJudgeAccuracy: 0.5 })], rounds: [] },
      ),
    ).toMatchObject({ stop: true, keep: null });
  });

  test("measures length against M1, not against the base model", () => {
    const models = [
      model("M0", { responseLength: 64 }),
      model("M1", { responseLength: 4 }),
      model("M2", { responseLength: 10 }),
    ];
    const decision = shouldStop(
      { ...OFF, lengthRatio: 2 },
      { models, rounds: [] },
    );
    expect(decision).toMatchObject({ stop: true, keep: "M1" });
    expect(decision.reasons[0]?.value).toBe(2.5);
  });

  test("does not look at the verifier unless told to", () => {
    const history = {
      models: [
        model("M1", { trueAccuracy: 0.7 }),
        model("M2", { trueAccuracy: 0.2 }),
      ],
      rounds: [],
    };
    expect(shouldStop(DEFAULT_STOP_RULE, history).stop).toBe(false);
    expect(
      shouldStop({ ...OFF, trueAccuracyFall: 0.05 }, history),
    ).toMatchObject({ stop: true, keep: "M1" });
  });

  test("lets an exact hit of a bound pass", () => {
    expect(
      shouldStop(
        { ...OFF, topScoreShare: 0.9, minimumPairs: 500 },
        { models: [model("M1")], rounds: [round(1, { topScoreShare: 0.9 })] },
      ).stop,
    ).toBe(false);
  });
});
