/**
 * @file Low-rank adaptation (Hu et al. 2021): y = x·Wᵀ + (α/r)·(x·Aᵀ)·Bᵀ with A [r, in]
 * drawn at random and B [out, r] zero at the start, so that training begins at the base.
 */
import type { GraphBuilder, Value } from "../engine/graph/graph.js";
import { randomStream } from "../foundation/random.js";
import { ParameterSet, type ParameterShape } from "./parameters.js";

export interface LoraSettings {
  readonly rank: number;
  /** The update is scaled by alpha / rank. */
  readonly alpha: number;
  /** Last names of the linear layers that are adapted, for instance "q_proj". */
  readonly targets: readonly string[];
}

export function loraA(layer: string): string {
  return `${layer}.lora_A.weight`;
}

export function loraB(layer: string): string {
  return `${layer}.lora_B.weight`;
}

/** Adds the adapter's part to the output of a linear layer that has one. */
export function loraLinear(step: {
  readonly graph: GraphBuilder;
  readonly lora: LoraSettings | null;
  readonly weights: ReadonlyMap<string, Value>;
  readonly name: string;
  readonly x: Value;
  readonly base: Value;
}): Value {
  const { graph, lora, weights, name, x, base } = step;
  const [down, up] = [weights.get(loraA(name)), weights.get(loraB(name))];
  if (lora === null || down === undefined || up === undefined) return base;
  const narrow = graph.matmul(x, down, { transposeRight: true });
  const wide = graph.matmul(narrow, up, {
    transposeRight: true,
    alpha: lora.alpha / lora.rank,
  });
  return graph.add(base, wide);
}

/** Shapes of the adapter weights for the adapted layers of a model. */
export function loraShapes(
  parameters: readonly ParameterShape[],
  lora: LoraSettings,
): ParameterShape[] {
  return parameters.flatMap(({ name, shape }) => {
    const layer = name.replace(/\.weight$/, "");
    const last = layer.slice(layer.lastIndexOf(".") + 1);
    const [outputs = 0, inputs = 0] = shape;
    if (shape.length !== 2 || !lora.targets.includes(last)) return [];
    return [
      { name: loraA(layer), shape: [lora.rank, inputs] },
      { name: loraB(layer), shape: [outputs, lora.rank] },
    ];
  });
}

/**
 * Adapter weights to start from, as PEFT draws them: A uniform in ±1/√in (Kaiming with
 * a = √5), B zero. Each layer has its own stream.
 * @param whole weights that learn beside it without an adapter, zero for now
 */
export function initializeLora(
  parameters: readonly ParameterShape[],
  lora: LoraSettings,
  seed: number,
  whole: readonly ParameterShape[] = [],
): ParameterSet {
  const adapter = new ParameterSet([...loraShapes(parameters, lora), ...whole]);
  for (const { name, shape } of adapter.shapes) {
    if (!name.endsWith(".lora_A.weight")) continue;
    const bound = 1 / Math.sqrt(shape[1] ?? 1);
    const random = randomStream(seed, "lora", name);
    const data = adapter.data(name);
    for (let i = 0; i < data.length; i++)
      data[i] = bound * (2 * random.next() - 1);
  }
  return adapter;
}
