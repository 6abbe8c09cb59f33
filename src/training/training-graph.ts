/**
 * @file The differentiable graph of a packed batch: its values → loss →
 * gradients of the trainable parameters. The objective is a function handed in; this
 * file knows nothing of SFT or DPO.
 */
import { differentiate } from "../engine/autodiff/differentiate.js";
import {
  float32Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";
import type { GraphBuilder, Value } from "../engine/graph/graph.js";
import {
  buildPackedGraph,
  type PackedGraphSpec,
} from "../models/packed-graph.js";

/**
 * Adds a scalar loss over the log-probabilities [K], or over the rewards of a model that
 * gives them; may name further outputs.
 */
export type Objective = (graph: GraphBuilder, targetValues: Value) => Value;

/** Input of a graph with gradient checkpointing; see {@link Recomputation}. */
const ZERO = "zero";

/** What a training graph is fed besides weights, batch and objective. */
export const TRAINING_FEEDS: Readonly<Record<string, HostTensor>> = {
  [ZERO]: float32Tensor(new Float32Array(1), []),
};

/** Name of the gradient output of a parameter. */
export function gradientName(parameter: string): string {
  return `grad:${parameter}`;
}

/** The packed graph with `loss` and one gradient output for each trainable parameter. */
export function buildTrainingGraph(
  spec: PackedGraphSpec & {
    readonly trainable: readonly string[];
    readonly objective: Objective;
    /** Keep only the input of each layer for the way back, and compute the layer again. */
    readonly gradientCheckpointing: boolean;
  },
): GraphBuilder {
  const { graph, weights, targetValues, layers } = buildPackedGraph(spec);
  const loss = spec.objective(graph, targetValues);
  graph.output("loss", loss);
  const wanted = spec.trainable.map((name) => weights.get(name) as Value);
  const recomputation = spec.gradientCheckpointing
    ? { segments: layers, zero: graph.input(ZERO, []) }
    : undefined;
  differentiate(graph, loss, wanted, recomputation).forEach((gradient, i) =>
    graph.output(gradientName(spec.trainable[i] ?? ""), gradient),
  );
  return graph;
}
