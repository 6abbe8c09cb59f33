/**
 * @file What `transformers` computed on the tiny checkpoints, as described in
 * test/fixtures/checkpoints/README.md, and how our numbers are held against it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { ParameterSet } from "../../src/models/parameters.js";

const ROOT = "test/fixtures/checkpoints";

export interface GradientReference {
  readonly sum: number;
  readonly norm: number;
  readonly cosineSum: number;
  readonly stride: number;
  readonly entries: readonly number[];
}

export interface ModelReference {
  readonly logits: {
    readonly rows: readonly (readonly number[])[];
    readonly first: readonly (readonly number[])[];
    readonly last: readonly (readonly number[])[];
  };
  readonly greedy: { readonly continuations: readonly (readonly number[])[] };
  readonly sft: {
    readonly rows: readonly {
      readonly prompt: readonly number[];
      readonly completion: readonly number[];
    }[];
    readonly loss: number;
    readonly gradients: Readonly<Record<string, GradientReference>>;
  };
  readonly dpo: {
    readonly beta: number;
    readonly pairs: readonly {
      readonly prompt: readonly number[];
      readonly chosen: readonly number[];
      readonly rejected: readonly number[];
    }[];
    readonly referenceLogps: SideSums;
    readonly policyLogps: SideSums;
    readonly loss: number;
    readonly gradients: Readonly<Record<string, GradientReference>>;
  };
}

interface SideSums {
  readonly chosen: readonly number[];
  readonly rejected: readonly number[];
}

export function folderOfFamily(family: string): string {
  return join(ROOT, family);
}

export function readReference(family: string): ModelReference {
  const path = join(folderOfFamily(family), "expected.json");
  return JSON.parse(readFileSync(path, "utf8")) as ModelReference;
}

/** Log-probabilities of a row of logits. */
export function logSoftmax(logits: readonly number[]): number[] {
  const most = Math.max(...logits);
  const total = Math.log(
    logits.reduce((sum, logit) => sum + Math.exp(logit - most), 0),
  );
  return logits.map((logit) => logit - most - total);
}

/** Largest absolute difference over the largest absolute expected value. */
export function relativeError(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
): number {
  let difference = found.length === expected.length ? 0 : Number.NaN;
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const wanted = expected[i] ?? Number.NaN;
    difference = Math.max(
      difference,
      Math.abs((found[i] ?? Number.NaN) - wanted),
    );
    most = Math.max(most, Math.abs(wanted));
  }
  return difference / most;
}

/**
 * Largest error of a gradient's four summaries, each relative to its own size: norm
 * and listed entries to the norm of the same, the two sums to the gradient's norm.
 */
function gradientError(
  gradient: Float32Array,
  expected: GradientReference,
): number {
  const sum = gradient.reduce((total, g) => total + g, 0);
  const norm = Math.hypot(...gradient);
  const cosineSum = gradient.reduce(
    (total, g, i) => total + g * Math.cos(i),
    0,
  );
  const entries = expected.entries.map(
    (_, i) => gradient[i * expected.stride] ?? Number.NaN,
  );
  const entryNorm = Math.hypot(...expected.entries);
  const entryDistance = Math.hypot(
    ...entries.map((g, i) => g - (expected.entries[i] ?? 0)),
  );
  return Math.max(
    Math.abs(norm - expected.norm) / expected.norm,
    entryDistance === 0 ? 0 : entryDistance / entryNorm,
    Math.abs(sum - expected.sum) / expected.norm,
    Math.abs(cosineSum - expected.cosineSum) / expected.norm,
  );
}

/** Every parameter of the reference has this gradient to `tolerance`, and there is no other. */
export function expectGradients(
  gradients: ParameterSet,
  expected: Readonly<Record<string, GradientReference>>,
  tolerance: number,
): void {
  expect(gradients.shapes.map(({ name }) => name).sort()).toEqual(
    Object.keys(expected).sort(),
  );
  const wrong = Object.entries(expected)
    .map(([name, reference]) => ({
      name,
      error: gradientError(gradients.data(name), reference),
    }))
    .filter(({ error }) => !(error <= tolerance));
  expect(wrong).toEqual([]);
}
