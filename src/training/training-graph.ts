/**
 * @file The differentiable graph of a packed batch: log-probabilities → loss →
 * gradients of the trainable parameters. The objective is a function handed in; this
 * file knows nothing of SFT or DPO.
 */
import { differentiate } from "../engine/autodiff/differentiate.js";
import type { GraphBuilder, Value } from "../engine/graph/graph.js";
import {
  buildPackedGraph,
  type PackedGraphSpec,
} from "../models/packed-graph.js";

/** Adds a scalar loss over the log-probabilities [K]; may name further outputs. */
export type Objective = (graph: GraphBuilder, logProbabilities: Value) => Value;

/** Name of the gradient output of a parameter. */
export function gradientName(parameter: string): string {
  return `grad:${parameter}`;
}

/** The packed graph with `loss` and one gradient output for each trainable parameter. */
export function buildTrainingGraph(
  spec: PackedGraphSpec & {
    readonly trainable: readonly string[];
    readonly objective: Objective;
  },
): GraphBuilder {
  const { graph, weights, logProbabilities } = buildPackedGraph(spec);
  const loss = spec.objective(graph, logProbabilities);
  graph.output("loss", loss);
  const wanted = spec.trainable.map((name) => weights.get(name) as Value);
  differentiate(graph, loss, wanted).forEach((gradient, i) =>
    graph.output(gradientName(spec.trainable[i] ?? ""), gradient),
  );
  return graph;
}
