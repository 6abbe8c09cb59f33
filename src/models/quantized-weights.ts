/**
 * @file Linear layers with 8-bit weights: each output has its own scale, symmetric around
 * zero, so a weight w becomes round(w/s) with s = max|w| / 127.
 *
 * The products quantize their inputs too, each row by itself, and add up in integers
 * (primitive `quantizedMatmul`): an answer depends on its own request only, to the bit.
 * Embeddings, norms and biases stay float32. Made from the checkpoint tensor by tensor.
 */
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import type { DecoderConfig } from "../checkpoints/config/decoder-config.js";
import type { GraphBuilder, Value } from "../engine/graph/graph.js";
import {
  float32Tensor,
  int8Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";
import { ParameterSet, type ParameterShape } from "./parameters.js";

/** How the weights of linear layers are kept. */
export type WeightFormat = "float32" | "int8";

/** Looked up by row, not multiplied with, unless it is the head as well. */
const EMBEDDING = "model.embed_tokens.weight";

/** What becomes of a weight where linear layers are int8; both for a head that is the embedding. */
function fateOf(
  { tieWordEmbeddings }: DecoderConfig,
  { name, shape }: ParameterShape,
): { readonly kept: boolean; readonly rounded: boolean } {
  if (name === EMBEDDING) return { kept: true, rounded: tieWordEmbeddings };
  const linear = shape.length === 2 && name.endsWith(".weight");
  return { kept: !linear, rounded: linear };
}

/**
 * One weight as a model that does not learn has it.
 * @param levels largest integer of a weight, at most 127; null leaves all float32
 * @returns itself, `<layer>.int8` [inputs, outputs] and `<layer>.scale` [outputs], or all three
 */
export function frozenTensors(
  config: DecoderConfig,
  parameter: ParameterShape & { readonly data: Float32Array },
  levels: number | null,
): Record<string, HostTensor> {
  const { name, shape, data } = parameter;
  const { kept, rounded } =
    levels === null
      ? { kept: true, rounded: false }
      : fateOf(config, parameter);
  return {
    ...(kept ? { [name]: float32Tensor(data, shape) } : {}),
    ...(rounded && levels !== null ? rounding(parameter, levels) : {}),
  };
}

function rounding(
  { name, shape, data }: ParameterShape & { readonly data: Float32Array },
  levels: number,
): Record<string, HostTensor> {
  const layer = name.replace(/\.weight$/, "");
  const { weight, scale } = quantizeMatrix(data, shape, levels);
  return { [`${layer}.int8`]: weight, [`${layer}.scale`]: scale };
}

/**
 * Reads a checkpoint with int8 linear layers, to be fed.
 * @param levels largest integer of a weight, at most 127
 * @returns `base` without what is int8, and `<layer>.int8` and `<layer>.scale` of each linear layer
 * @throws BAD_CHECKPOINT
 */
export async function loadQuantized(
  checkpoint: Checkpoint,
  levels: number,
): Promise<{
  readonly base: ParameterSet;
  readonly quantized: Readonly<Record<string, HostTensor>>;
}> {
  const { config, parameters } = checkpoint;
  const base = new ParameterSet(
    parameters.filter((parameter) => fateOf(config, parameter).kept),
  );
  const quantized: Record<string, HostTensor> = {};
  for (const parameter of parameters) {
    const { kept, rounded } = fateOf(config, parameter);
    const data = await checkpoint.readParameter(parameter.name);
    if (kept) base.data(parameter.name).set(data);
    if (rounded)
      Object.assign(quantized, rounding({ ...parameter, data }, levels));
  }
  return { base, quantized };
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

/** x·Wᵀ by the int8 weights of `layer`; undefined when it has none among `weights`. */
export function quantizedLinear(
  graph: GraphBuilder,
  weights: ReadonlyMap<string, Value>,
  layer: string,
  x: Value,
): Value | undefined {
  const weight = weights.get(`${layer}.int8`);
  const scale = weights.get(`${layer}.scale`);
  if (weight === undefined || scale === undefined) return undefined;
  return graph.apply("quantizedMatmul", [x, weight, scale], {});
}
