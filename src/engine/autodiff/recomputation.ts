/**
 * @file Activation recomputation (Chen et al. 2016, arXiv 1604.06174): of a stretch of the
 * graph only the input is kept, and the rest is computed again when gradients need it.
 */
import type { GraphBuilder, Node, Value } from "../graph/graph.js";

/** A stretch of nodes of which only the input is kept until their gradients are due. */
export interface GraphSegment {
  /** What the nodes start from. */
  readonly input: Value;
  /** Nodes `start` to `end − 1` of the graph. */
  readonly start: number;
  readonly end: number;
}

export interface Recomputation {
  readonly segments: readonly GraphSegment[];
  /**
   * A scalar input that is fed 0. A segment is computed again from its input plus this,
   * which changes no number and keeps the compiler from seeing that it is the same.
   */
  readonly zero: Value;
}

/**
 * Adds the nodes of a segment once more; the gradient rules read these instead. That they
 * run when they are needed and not before is the work of `onnx/node-order.ts`.
 */
export function recompute(step: {
  readonly graph: GraphBuilder;
  readonly segment: GraphSegment;
  readonly zero: Value;
  readonly again: Map<Node, Node>;
}): void {
  const { graph, segment, zero, again } = step;
  const start = graph.add(segment.input, zero);
  const renewed = new Map([[segment.input.name, start]]);
  for (const node of graph.nodes.slice(segment.start, segment.end)) {
    const inputs = node.inputs.map((value) => renewed.get(value.name) ?? value);
    const outputs = graph.applyAll(node.primitive, inputs, node.attributes);
    node.outputs.forEach((value, i) =>
      renewed.set(value.name, outputs[i] ?? value),
    );
    again.set(node, graph.nodes.at(-1) as Node);
  }
}
