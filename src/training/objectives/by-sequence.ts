/**
 * @file The values of a batch's targets, put together by the sequence they belong to and
 * by the pair, for the objectives that compare answers.
 */
import type { GraphBuilder, Value } from "../../engine/graph/graph.js";
import {
  float32Tensor,
  type HostTensor,
} from "../../engine/tensor/host-tensor.js";
import type { Dimension } from "../../engine/tensor/tensor-type.js";
import type { PackedBatch } from "../../models/packing.js";

/** [sequences, targetSlots]: 1 where the target belongs to the sequence. */
export function ownersOf(
  batch: PackedBatch,
  sequences: number,
): { readonly owners: HostTensor } {
  const { targetSlots, targetCount, targetOwners } = batch;
  const owners = new Float32Array(sequences * targetSlots);
  for (let slot = 0; slot < targetCount; slot++)
    owners[(targetOwners[slot] ?? 0) * targetSlots + slot] = 1;
  return { owners: float32Tensor(owners, [sequences, targetSlots]) };
}

/** Sums [sequences, 1] of the values [targetSlots], also the graph output `bySequence`; reads `owners`. */
export function sumBySequence(
  graph: GraphBuilder,
  values: Value,
  sequences: number,
): Value {
  const slots = values.shape[0] as Dimension;
  const column = graph.reshape(values, [slots, 1]);
  const sums = graph.matmul(graph.input("owners", [sequences, slots]), column);
  graph.output("bySequence", sums);
  return sums;
}

/** [chosen…, rejected…] as one column → chosen + sign · rejected of each pair, [pairs, 1]. */
export function acrossPairs(
  graph: GraphBuilder,
  sequences: Value,
  sign: 1 | -1,
): Value {
  const pairs = (sequences.shape[0] as number) / 2;
  const sides = graph.transpose(graph.reshape(sequences, [2, pairs]), [1, 0]);
  const signs = graph.constant(float32Tensor(Float32Array.of(1, sign), [2, 1]));
  return graph.matmul(sides, signs);
}
