/**
 * @file Supervised loss: weighted mean of −log p over the completion tokens of all
 * sequences of an optimizer step, as TRL normalises it (by tokens, not by rows).
 */
import { float32Tensor } from "../../engine/tensor/host-tensor.js";
import type { PackedBatch } from "../../models/packing.js";
import type { BoundObjective } from "./objective.js";

/** @param totalWeight sum of the target weights over all micro-batches of the step */
export function supervisedObjective(
  batch: PackedBatch,
  totalWeight: number,
): BoundObjective {
  const coefficients = batch.weights.map((weight) => -weight / totalWeight);
  return {
    key: "supervised",
    build: (graph, logProbabilities) =>
      graph.sum(
        graph.multiply(
          logProbabilities,
          graph.input("coefficients", logProbabilities.shape),
        ),
      ),
    feeds: { coefficients: float32Tensor(coefficients, [batch.targetSlots]) },
  };
}

export function totalTargetWeight(batches: readonly PackedBatch[]): number {
  return batches.reduce(
    (sum, { weights }) => sum + weights.reduce((a, b) => a + b, 0),
    0,
  );
}
