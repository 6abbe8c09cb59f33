/**
 * @file The order in which nodes are written, which decides when they run.
 *
 * ONNX Runtime searches depth first from the nodes whose results no other node reads,
 * starting with the one written last, and runs what it needs on the way. In a gradient
 * graph these are the gradients of the weights. In the order in which they arise those
 * of the first layer would come first, and every activation and every gradient of an
 * activation would wait for its weight gradient until the end. Written the other way
 * round, each layer is done with before the one below it begins.
 */
import type { Graph, Node, Value } from "../graph/graph.js";

/** The nodes on which an output depends, each after what it reads, unread ones last to first. */
export function orderedNodes(graph: Graph): Node[] {
  const live = liveNodes(graph);
  const read = new Set(
    live.flatMap(({ inputs }) => inputs.map(({ name }) => name)),
  );
  const isRead = (node: Node): boolean =>
    node.outputs.some(({ name }) => read.has(name));
  return [
    ...live.filter(isRead),
    ...live.filter((node) => !isRead(node)).reverse(),
  ];
}

/** The nodes on which an output depends, in the order in which they were built. */
export function liveNodes(graph: Graph): Node[] {
  const needed = new Set(
    [...graph.outputs.values()].map((value: Value) => value.name),
  );
  const live: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => needed.has(output.name))) continue;
    for (const value of node.inputs) needed.add(value.name);
    live.push(node);
  }
  return live.reverse();
}
