/**
 * @file Reverse-mode differentiation as a graph-to-graph transform.
 *
 * Walks the nodes backwards, adds each node's gradient rule to the same graph and
 * sums what reaches a value by several ways. Only values that depend on a wanted
 * input get a gradient.
 */
import type { GraphBuilder, Node, Value } from "../graph/graph.js";
import { ShapeError } from "../tensor/tensor-type.js";
import { recompute, type Recomputation } from "./recomputation.js";
import {
  GRADIENT_RULES,
  INFERENCE_ONLY,
  type GradientContext,
} from "./gradient-rules.js";

/**
 * Extends `graph` with ∂loss/∂input for each of `wanted`.
 *
 * @param loss scalar value of the graph
 * @param recomputation stretches of the graph to compute again instead of keeping them
 * @returns gradients in the order of `wanted`, each of its input's shape
 * @throws ShapeError when an inference-only node lies between, or when the loss does not depend on an input
 */
export function differentiate(
  graph: GraphBuilder,
  loss: Value,
  wanted: readonly Value[],
  recomputation?: Recomputation,
): Value[] {
  const dependent = new Set(wanted.map((value) => value.name));
  const forward = [...graph.nodes];
  for (const node of forward) {
    if (node.inputs.some((value) => dependent.has(value.name))) {
      for (const output of node.outputs) dependent.add(output.name);
    }
  }
  const gradients = new Map<string, Value>([[loss.name, graph.scalar(1)]]);
  const again = new Map<Node, Node>();
  for (const [index, node] of [...forward.entries()].reverse()) {
    const segment = recomputation?.segments.find(
      ({ end }) => end === index + 1,
    );
    const [output] = node.outputs;
    const gradient = output && gradients.get(output.name);
    if (recomputation && segment && gradient)
      recompute({ graph, segment, zero: recomputation.zero, again });
    if (
      output === undefined ||
      gradient === undefined ||
      !dependent.has(output.name)
    )
      continue;
    const wantedInput = (index: number): boolean =>
      dependent.has(node.inputs[index]?.name ?? "");
    const inputGradients = applyRule({
      graph,
      node: again.get(node) ?? node,
      gradient,
      wanted: wantedInput,
    });
    inputGradients.forEach((inputGradient, index) => {
      const target = node.inputs[index];
      if (
        inputGradient === undefined ||
        target === undefined ||
        !wantedInput(index)
      )
        return;
      const known = gradients.get(target.name);
      gradients.set(
        target.name,
        known ? graph.add(known, inputGradient) : inputGradient,
      );
    });
  }
  return wanted.map((value) => {
    const gradient = gradients.get(value.name);
    if (gradient === undefined) {
      throw new ShapeError(`the loss does not depend on ${value.name}`);
    }
    return gradient;
  });
}

function applyRule(step: {
  readonly graph: GraphBuilder;
  readonly node: Node;
  readonly gradient: Value;
  readonly wanted: (index: number) => boolean;
}): readonly (Value | undefined)[] {
  const { node } = step;
  const rule = GRADIENT_RULES[node.primitive];
  if (rule === INFERENCE_ONLY) {
    throw new ShapeError(`${node.primitive} is for inference only`);
  }
  // The table pairs each rule with its own attributes; the union hides it from the compiler.
  const apply = rule as (
    context: GradientContext<never>,
  ) => readonly (Value | undefined)[];
  return apply({
    graph: step.graph,
    inputs: node.inputs,
    outputs: node.outputs,
    attributes: node.attributes as never,
    gradient: step.gradient,
    wanted: step.wanted,
  });
}
