/**
 * @file The report of a Self-Instruct run with training, to draw and to test with.
 */
import type {
  TrainingReport,
  TrainingRun,
} from "../../src/reporting/self-instruct/schema.js";

const about = (mean: number) => ({
  mean,
  low: mean - 0.03,
  high: mean + 0.03,
});

function run(seed: number, right: number): TrainingRun {
  const model = (id: string, rows: number, mean: number) => ({
    id,
    path: `models/${id}`,
    parent: rows === 0 ? null : "M0",
    method: rows === 0 ? ("base" as const) : ("sft" as const),
    weightHash: "ab".repeat(32),
    rows,
    steps: rows === 0 ? 0 : 400,
    accuracy: about(mean),
    score: about(5 * mean),
    sampled: {
      temperature: 0.7,
      samplesPerPrompt: 2,
      accuracy: about(mean - 0.02),
      score: about(5 * mean - 0.1),
    },
    responseLength: 12.5,
    families: [
      { family: "sorting", prompts: 40, accuracy: mean, score: 5 * mean },
      { family: "", prompts: 3, accuracy: null, score: null },
    ],
  });
  return {
    seed,
    models: [
      model("M0", 0, 0.1),
      model("M1", 600, right),
      model("seeds-only", 175, right - 0.1),
    ],
    gains: ["M0", "seeds-only"].map((from) => ({
      from,
      to: "M1",
      accuracy: about(from === "M0" ? right - 0.1 : 0.1),
      sampledAccuracy: null,
    })),
    data: {
      wanted: 400,
      instructions: 400,
      classification: 31,
      instances: 440,
      instancesWithoutInput: 12,
      heldBack: 1,
      waterfall: [
        {
          stage: "instructions",
          unit: "pieces of answers",
          requested: 520,
          accepted: 400,
          rejected: [{ name: "not-novel", count: 120 }],
          failed: 0,
          pending: 0,
        },
      ],
      own: {
        rows: 440,
        right: 300,
        wrong: 130,
        unreadable: 10,
        rightShare: about(0.7),
      },
      unfiltered: null,
    },
  };
}

/** Two seeds side by side. */
export function trainingSample(): TrainingReport {
  const runs = [run(1, 0.5), run(2, 0.56)];
  return {
    kind: "self-instruct",
    name: "sample",
    world: "nursery",
    ...run(1, 0.5),
    headToHead: [{ left: "M1", right: "M0", win: 60, tie: 30, lose: 10 }],
    runs,
    recipe: { kind: "self-instruct", seeds: [1, 2] },
    versions: { autodidact: "0.0.0" },
    commit: null,
    timings: { seconds: 71.5, machine: "a machine" },
  };
}
