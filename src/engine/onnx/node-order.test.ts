import { expect, it } from "vitest";
import { differentiate } from "../autodiff/differentiate.js";
import { GraphBuilder } from "../graph/graph.js";
import { orderedNodes } from "./node-order.js";

/** Two layers x·a·b; the gradient of b is ready before that of a. */
function twoLayers(): GraphBuilder {
  const graph = new GraphBuilder();
  const x = graph.input("x", [2, 3]);
  const [a, b] = [graph.input("a", [3, 3]), graph.input("b", [3, 3])];
  const loss = graph.sum(graph.matmul(graph.matmul(x, a), b));
  const [ofA, ofB] = differentiate(graph, loss, [a, b]);
  if (ofA && ofB) {
    graph.output("ofA", ofA);
    graph.output("ofB", ofB);
  }
  graph.apply("exp", [x], {});
  return graph;
}

it("writes what nobody reads last, the gradient of the last layer behind that of the first", () => {
  const graph = twoLayers();
  const nodes = orderedNodes(graph);
  const result = (name: string): number =>
    nodes.findIndex(({ outputs }) =>
      outputs.some((value) => value.name === graph.outputs.get(name)?.name),
    );
  expect(result("ofA")).toBe(nodes.length - 2);
  expect(result("ofB")).toBe(nodes.length - 1);
});

it("keeps every node behind what it reads, and leaves out what no output needs", () => {
  const graph = twoLayers();
  const nodes = orderedNodes(graph);
  const made = new Set(["x", "a", "b", ...graph.constants.keys()]);
  for (const node of nodes) {
    for (const { name } of node.inputs) expect(made).toContain(name);
    for (const { name } of node.outputs) made.add(name);
  }
  expect(nodes.map(({ primitive }) => primitive)).not.toContain("exp");
});
