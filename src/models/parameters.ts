/**
 * @file The weights of a model in memory: one flat array, a view for each tensor.
 *
 * The flat array is what an optimizer walks and a checkpoint hashes; the views are
 * what graphs are fed with. Owner: whoever made it; a view is valid as long as the
 * set is.
 */
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import {
  float32Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";
import { ShapeError } from "../engine/tensor/tensor-type.js";

export interface ParameterShape {
  readonly name: string;
  readonly shape: readonly number[];
}

export class ParameterSet {
  readonly shapes: readonly ParameterShape[];
  /** All elements, in the order of `shapes`. */
  readonly values: Float32Array;
  /** Views into `values` by name. */
  readonly tensors: Readonly<
    Record<string, HostTensor & { data: Float32Array }>
  >;

  constructor(shapes: readonly ParameterShape[]) {
    const sizes = shapes.map(({ shape }) => shape.reduce((a, b) => a * b, 1));
    this.shapes = shapes;
    this.values = new Float32Array(sizes.reduce((a, b) => a + b, 0));
    let offset = 0;
    this.tensors = Object.fromEntries(
      shapes.map(({ name, shape }, i) => {
        const size = sizes[i] ?? 0;
        const data = this.values.subarray(offset, offset + size);
        offset += size;
        return [
          name,
          float32Tensor(data, shape) as HostTensor & { data: Float32Array },
        ];
      }),
    );
  }

  /** Where in `values` the matrices lie, neighbours joined: what weight decay acts on. */
  matrixRanges(): { readonly start: number; readonly end: number }[] {
    const ranges: { start: number; end: number }[] = [];
    let offset = 0;
    for (const { name, shape } of this.shapes) {
      const start = offset;
      offset += this.data(name).length;
      if (shape.length < 2) continue;
      const last = ranges.at(-1);
      if (last?.end === start) last.end = offset;
      else ranges.push({ start, end: offset });
    }
    return ranges;
  }

  /** The elements of one tensor; writing changes the set. */
  data(name: string): Float32Array {
    const tensor = this.tensors[name];
    if (tensor === undefined)
      throw new ShapeError(`no parameter is called ${name}`);
    return tensor.data;
  }
}

/** Reads every weight of a checkpoint. @throws BAD_CHECKPOINT */
export async function loadParameters(
  checkpoint: Checkpoint,
): Promise<ParameterSet> {
  const parameters = new ParameterSet(checkpoint.parameters);
  for (const { name } of parameters.shapes) {
    parameters.data(name).set(await checkpoint.readParameter(name));
  }
  return parameters;
}
