/**
 * @file Linear layers over the same input as one matrix: queries, keys and values, and
 * the two halves of the feed-forward layer.
 *
 * One wide product is faster than several narrow ones, and int8 inputs are rounded once.
 * Each output keeps its own row of weights, so the numbers are the same. Some families
 * store their weights so; this writes the others in their form, for inference.
 */
import type { DecoderConfig } from "../checkpoints/config/decoder-config.js";
import type { ConstantTensor } from "../engine/tensor/file-tensor.js";
import {
  float32Tensor,
  int8Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";
import { ShapeError } from "../engine/tensor/tensor-type.js";

/** A model that does not learn, its weights constants of the graphs that compute it. */
export interface FrozenModel {
  /** With joined projections. */
  readonly config: DecoderConfig;
  readonly tensors: Readonly<Record<string, ConstantTensor>>;
}

const JOINED = [
  ["self_attn.qkv_proj", ["q_proj", "k_proj", "v_proj"]],
  ["mlp.gate_up_proj", ["gate_proj", "up_proj"]],
] as const;

/**
 * The same model with joined matrices. The tensors given stay as they are.
 * @param given weights of all layers or of some, in float32 or int8
 */
export function joinProjections(
  config: DecoderConfig,
  given: Readonly<Record<string, HostTensor>>,
): FrozenModel & { readonly tensors: Readonly<Record<string, HostTensor>> } {
  if (config.fusedProjections) return { config, tensors: given };
  const tensors: Record<string, HostTensor> = { ...given };
  for (let layer = 0; layer < config.layers.length; layer++) {
    for (const [joined, parts] of JOINED) {
      const target = `model.layers.${layer}.${joined}`;
      const folder = target.slice(0, target.lastIndexOf(".") + 1);
      const sources = parts.map((part) => `${folder}${part}`);
      join(tensors, sources, { target, suffix: ".weight", axis: 0 });
      join(tensors, sources, { target, suffix: ".bias", axis: 0 });
      join(tensors, sources, { target, suffix: ".int8", axis: 1 });
      join(tensors, sources, { target, suffix: ".scale", axis: 0 });
    }
  }
  return { config: { ...config, fusedProjections: true }, tensors };
}

/** Puts the sources' tensors behind each other under the target's name, where they have them. */
function join(
  tensors: Record<string, HostTensor>,
  sources: readonly string[],
  to: {
    readonly target: string;
    readonly suffix: string;
    readonly axis: 0 | 1;
  },
): void {
  const found = sources.flatMap((source) => {
    const name = `${source}${to.suffix}`;
    const tensor = tensors[name];
    delete tensors[name];
    return tensor === undefined ? [] : [tensor];
  });
  if (found.length === 0) return;
  if (found.length !== sources.length)
    throw new ShapeError(
      `only some of ${sources.join(", ")} have a tensor ${to.suffix}`,
    );
  tensors[`${to.target}${to.suffix}`] =
    to.axis === 0 ? rowsBehind(found) : columnsBehind(found);
}

function rowsBehind(parts: readonly HostTensor[]): HostTensor {
  const first = parts[0]?.shape ?? [];
  const rows = parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0);
  const data = new Float32Array(
    parts.reduce((sum, part) => sum + part.data.length, 0),
  );
  let offset = 0;
  for (const part of parts) {
    data.set(part.data as Float32Array, offset);
    offset += part.data.length;
  }
  return float32Tensor(data, [rows, ...first.slice(1)]);
}

function columnsBehind(parts: readonly HostTensor[]): HostTensor {
  const [rows = 0] = parts[0]?.shape ?? [];
  const width = parts.reduce((sum, { shape }) => sum + (shape[1] ?? 0), 0);
  const data = new Int8Array(rows * width);
  let column = 0;
  for (const part of parts) {
    const [, columns = 0] = part.shape;
    for (let row = 0; row < rows; row++)
      data.set(
        (part.data as Int8Array).subarray(row * columns, (row + 1) * columns),
        row * width + column,
      );
    column += columns;
  }
  return int8Tensor(data, [rows, width]);
}
