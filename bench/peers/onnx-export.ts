/**
 * @file Where the ONNX export of a checkpoint lies, and the proof that it is the model it
 * was made from.
 */
import { AutodidactError } from "../../src/foundation/error.js";
import type { Finding } from "./measurement.js";

/** Largest relative difference of log-probabilities between two float32 runtimes. */
const TOLERANCE = 1e-5;

export const onnxFolder = (checkpoint: string): string => `${checkpoint}.onnx`;

/** @throws NUMERIC when the same prompts get other probabilities or continuations */
export function requireOneModel(ours: Finding, theirs: Finding): void {
  const differences = ours.logProbabilities.map(
    (own, i) =>
      Math.abs(own - (theirs.logProbabilities[i] ?? Number.NaN)) /
      Math.abs(own),
  );
  const near = differences.every((difference) => difference < TOLERANCE);
  const same = JSON.stringify(ours.greedy) === JSON.stringify(theirs.greedy);
  if (near && same) return;
  throw new AutodidactError(
    "NUMERIC",
    `The ONNX export is not the model it was made from: log-probabilities differ by ${differences.map((difference) => difference.toExponential(1)).join(", ")} (at most ${TOLERANCE}), greedy continuations are ${same ? "the same" : "others"}. Remove the export to have it made again, or look at bench/peers/onnx-export.py.`,
    { differences: differences.map(String) },
  );
}
