/**
 * @file Linear layers with 8-bit weights: each output has its own scale, symmetric around
 * zero, so a weight w becomes round(w/s) with s = max|w| / 127.
 *
 * The products quantize their inputs too, each row by itself, and add up in integers
 * (primitive `quantizedMatmul`): an answer depends on its own request only, to the bit.
 * Embeddings, norms and biases stay float32. Made from the checkpoint tensor by tensor.
 */
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import type { GraphBuilder, Value } from "../engine/graph/graph.js";
import {
  float32Tensor,
  int8Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";
import { ParameterSet, type ParameterShape } from "./parameters.js";

/** How the weights of linear layers are kept. */
export type WeightFormat = "float32" | "int8";

export interface QuantizedWeights {
  /** Layers with their sizes, shape [outputs, inputs] as in the checkpoint. */
  readonly layers: readonly ParameterShape[];
  /** `<layer>.int8` [inputs, outputs] and `<layer>.scale` [outputs] of each layer. */
  readonly tensors: Readonly<Record<string, HostTensor>>;
}

/** Looked up by row, not multiplied with, unless it is the head as well. */
const EMBEDDING = "model.embed_tokens";

/**
 * Reads a checkpoint with int8 linear layers.
 * @param levels largest integer of a weight, at most 127
 * @throws BAD_CHECKPOINT
 */
export async function loadQuantized(
  checkpoint: Checkpoint,
  levels: number,
): Promise<{
  readonly base: ParameterSet;
  readonly quantized: QuantizedWeights;
}> {
  const linear = checkpoint.parameters.filter(
    ({ name, shape }) => shape.length === 2 && name.endsWith(".weight"),
  );
  const isEmbedding = (name: string) => name === `${EMBEDDING}.weight`;
  const quantizedOnly = new Set(
    linear.map(({ name }) => name).filter((name) => !isEmbedding(name)),
  );
  const base = new ParameterSet(
    checkpoint.parameters.filter(({ name }) => !quantizedOnly.has(name)),
  );
  for (const { name } of base.shapes)
    base.data(name).set(await checkpoint.readParameter(name));
  const layers: ParameterShape[] = [];
  const tensors: Record<string, HostTensor> = {};
  for (const { name, shape } of linear) {
    if (isEmbedding(name) && !checkpoint.config.tieWordEmbeddings) continue;
    const layer = name.replace(/\.weight$/, "");
    const data = isEmbedding(name)
      ? base.data(name)
      : await checkpoint.readParameter(name);
    const { weight, scale } = quantizeMatrix(data, shape, levels);
    layers.push({ name: layer, shape });
    tensors[`${layer}.int8`] = weight;
    tensors[`${layer}.scale`] = scale;
  }
  return { base, quantized: { layers, tensors } };
}

/** A matrix [outputs, inputs] → integers [inputs, outputs] and a scale for each output. */
export function quantizeMatrix(
  data: Float32Array,
  shape: readonly number[],
  levels: number,
): { readonly weight: HostTensor; readonly scale: HostTensor } {
  const [outputs = 0, inputs = 0] = shape;
  const weight = new Int8Array(outputs * inputs);
  const scale = new Float32Array(outputs);
  for (let output = 0; output < outputs; output++) {
    const row = data.subarray(output * inputs, (output + 1) * inputs);
    let most = 0;
    for (const value of row) most = Math.max(most, Math.abs(value));
    const step = most === 0 ? 1 : most / levels;
    scale[output] = step;
    for (let i = 0; i < inputs; i++)
      weight[i * outputs + output] = Math.round((row[i] ?? 0) / step);
  }
  return {
    weight: int8Tensor(weight, [inputs, outputs]),
    scale: float32Tensor(scale, [outputs]),
  };
}

/** Declares the tensors of every layer as graph inputs, or embeds them as constants. */
export function quantizedValues(
  quantized: QuantizedWeights | undefined,
  declare: (name: string, tensor: HostTensor) => Value,
): ReadonlyMap<string, Value> {
  return new Map(
    Object.entries(quantized?.tensors ?? {}).map(([name, tensor]) => [
      name,
      declare(name, tensor),
    ]),
  );
}

/** x·Wᵀ by the int8 weights of `layer`; undefined when it has none. */
export function quantizedLinear(
  graph: GraphBuilder,
  values: ReadonlyMap<string, Value>,
  layer: string,
  x: Value,
): Value | undefined {
  const weight = values.get(`${layer}.int8`);
  const scale = values.get(`${layer}.scale`);
  if (weight === undefined || scale === undefined) return undefined;
  return graph.apply("quantizedMatmul", [x, weight, scale], {});
}
