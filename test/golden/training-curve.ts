/**
 * @file A training run as TRL logged it, and the embedded trainer made to do the same.
 */
import { readFileSync } from "node:fs";
import { expect } from "vitest";
import type { PreferenceRow, SupervisedRow } from "../../src/data/records.js";
import type { RowFile } from "../../src/data/formats/rows.js";
import { readRewardRows } from "../../src/data/training-rows.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { embeddedTrainer } from "../../src/training/embedded-trainer.js";
import type {
  DpoSettings,
  StepMetrics,
  Trainer,
} from "../../src/training/trainer.js";
import { TINY_LLAMA } from "../invariants/tiny-model.js";

/** Names of the curves of scripts/fixtures/training-curves.py. */
export const CURVES = [
  "sft",
  "sft-chat",
  "sft-lora",
  "dpo",
  "dpo-chat",
  "dpo-normalized",
  "dpo-lora",
  "reward",
  "reward-chat",
] as const;

export interface Curve {
  readonly settings: Omit<
    DpoSettings,
    | "seed"
    | "shuffle"
    | "labelSmoothing"
    | "nllWeight"
    | "rehearsalEvery"
    | "rehearsalBatchSize"
  > & { readonly seed?: number; readonly centerRewardsCoefficient?: number };
  readonly rows: readonly (SupervisedRow | PreferenceRow)[];
  readonly steps: readonly StepMetrics[];
}

const embedded = embeddedTrainer(openDevice("cpu"));

export function readCurve(path: string): Curve {
  return JSON.parse(readFileSync(path, "utf8")) as Curve;
}

/** Trains as the curve was trained; what the trainer logs. */
export async function followCurve(
  curve: Curve,
  output: string,
  trainer: Trainer = embedded,
): Promise<StepMetrics[]> {
  const ours: StepMetrics[] = [];
  const job = {
    checkpoint: TINY_LLAMA,
    output,
    onStep: (metrics: StepMetrics) => ours.push(metrics),
  };
  const settings = {
    ...curve.settings,
    seed: curve.settings.seed ?? 0,
    shuffle: false,
    labelSmoothing: 0,
    nllWeight: 0,
    rehearsalEvery: 0,
    rehearsalBatchSize: 0,
  };
  const { centerRewardsCoefficient } = curve.settings;
  if (centerRewardsCoefficient !== undefined) {
    const rows = (await readRewardRows(rowFile(curve))).map(({ row }) => row);
    const ranking = { ...settings, centerRewardsCoefficient };
    await embedded.reward({ ...job, rows, settings: ranking });
  } else if ("beta" in curve.settings) {
    const rows = curve.rows as readonly PreferenceRow[];
    await trainer.dpo({ ...job, rows, rehearsal: [], settings });
  } else {
    const rows = curve.rows as readonly SupervisedRow[];
    await trainer.sft({ ...job, rows, settings });
  }
  return ours;
}

/** The rows as what reads files gives them. */
function rowFile({ rows }: Curve): RowFile {
  const values = rows.map((value, i) => ({ line: i + 1, value }));
  return { path: "curve", values };
}

/** [largest distance of a step, distance of the means], absolute. */
const BOUNDS = {
  loss: [1e-4, 1e-5],
  grad_norm: [1e-2, 1e-3],
  learning_rate: [1e-9, 1e-9],
  num_tokens: [0, 0],
  "rewards/chosen": [1e-3, 1e-4],
  "rewards/rejected": [1e-3, 1e-4],
  "rewards/accuracies": [0, 0],
  "rewards/margins": [1e-3, 1e-4],
  "logps/chosen": [1e-3, 1e-4],
  "logps/rejected": [1e-3, 1e-4],
  min_reward: [1e-4, 1e-5],
  mean_reward: [1e-4, 1e-5],
  max_reward: [1e-4, 1e-5],
  accuracy: [0, 0],
  margin: [1e-4, 1e-5],
} as const;

export function expectSameCurve(
  ours: readonly StepMetrics[],
  theirs: readonly StepMetrics[],
): void {
  expect(ours.map(({ step }) => step)).toEqual(theirs.map(({ step }) => step));
  const far = Object.entries(BOUNDS).flatMap(([key, [step, mean]]) => {
    const metric = key as keyof typeof BOUNDS;
    if (theirs[0]?.[metric] === undefined) return [];
    const differences = ours.map(
      (row, i) =>
        (row[metric] ?? Number.NaN) - (theirs[i]?.[metric] ?? Number.NaN),
    );
    const largest = Math.max(...differences.map(Math.abs));
    const sum = differences.reduce((a, b) => a + b, 0);
    const middle = Math.abs(sum / differences.length);
    return largest <= step && middle <= mean
      ? []
      : [{ metric, largest, mean: middle }];
  });
  expect(far).toEqual([]);
}
