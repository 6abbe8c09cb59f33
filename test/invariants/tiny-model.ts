/**
 * @file The tiny Llama of the checkpoint fixtures and small data for it, shared by the
 * tests of what must not change when the same work is cut differently.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { PreferenceRow, SupervisedRow } from "../../src/data/records.js";
import type {
  DpoSettings,
  OptimizationSettings,
  StepMetrics,
} from "../../src/training/trainer.js";

export const TINY_LLAMA = "test/fixtures/checkpoints/llama";

export const SUPERVISED_ROWS: readonly SupervisedRow[] = [
  { prompt: "What is the sum of 12 and 30?", completion: " The sum is 42." },
  { prompt: "Answer:", completion: " one word" },
  { prompt: "Write the letters of the word", completion: " sea", weight: 0.5 },
  { prompt: "She sells", completion: " sea shells on the shore" },
  {
    messages: [
      { role: "user", content: "Why?" },
      { role: "assistant", content: "Because the fox is quick." },
    ],
  },
  { prompt: "The lazy dog", completion: " sleeps" },
  {
    prompt: [{ role: "user", content: "Count to three." }],
    completion: [{ role: "assistant", content: "one two three" }],
  },
  { prompt: "42", completion: " is the answer to the question" },
];

export const PREFERENCE_ROWS: readonly PreferenceRow[] = [
  { prompt: "Answer:", chosen: " the dog sleeps", rejected: " nothing else" },
  { prompt: "She sells", chosen: " sea shells on the shore", rejected: " 42" },
  { prompt: "What is the sum of 12 and 30?", chosen: " 42", rejected: " 12" },
  { prompt: "The quick", chosen: " brown fox jumps", rejected: " lazy dog" },
  {
    prompt: [{ role: "user", content: "Why?" }],
    chosen: [{ role: "assistant", content: "Because." }],
    rejected: [{ role: "assistant", content: "No." }],
  },
  { prompt: "Write", chosen: " the letters", rejected: " the word" },
  { prompt: "one", chosen: " two three", rejected: " two two" },
  { prompt: "The fox", chosen: " is quick", rejected: " is the dog" },
];

export const SFT_SETTINGS: OptimizationSettings = {
  learningRate: 2e-3,
  epochs: 3,
  batchSize: 4,
  gradientAccumulation: 1,
  schedule: "linear",
  warmupRatio: 0,
  minLearningRateRatio: 0,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxGradNorm: 1,
  maxLength: 128,
  shuffle: true,
  seed: 5,
};

export const DPO_SETTINGS: DpoSettings = {
  ...SFT_SETTINGS,
  beta: 0.1,
  loss: "sigmoid",
  labelSmoothing: 0,
  nllWeight: 0,
  lengthNormalized: false,
  rehearsalEvery: 2,
  rehearsalBatchSize: 3,
};

/** A folder that exists while the tests of a file run. */
export function temporaryFolder(): () => string {
  let folder = "";
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "invariants-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return () => folder;
}

/** Largest distance of two curves, and the distance of their means. */
export function curveDistance(
  left: readonly StepMetrics[],
  right: readonly StepMetrics[],
  metric: "loss" | "grad_norm",
): { readonly largest: number; readonly mean: number } {
  const differences = left.map(
    (row, i) => row[metric] - (right[i]?.[metric] ?? Number.NaN),
  );
  const sum = differences.reduce((a, b) => a + b, 0);
  return {
    largest: Math.max(...differences.map(Math.abs)),
    mean: Math.abs(sum / differences.length),
  };
}
