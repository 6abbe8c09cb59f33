/**
 * @file Numbers in host memory with their type: what goes into a graph and what
 * comes out.
 */
import type { ElementType } from "./tensor-type.js";

export interface ElementArrays {
  float32: Float32Array;
  int64: BigInt64Array;
  int32: Int32Array;
  int8: Int8Array;
  uint8: Uint8Array;
}

export type HostTensor = {
  [E in ElementType]: {
    readonly elementType: E;
    readonly shape: readonly number[];
    /** Row-major, as long as the product of `shape`. */
    readonly data: ElementArrays[E];
  };
}[ElementType];

export function float32Tensor(
  data: Float32Array,
  shape: readonly number[],
): HostTensor {
  return { elementType: "float32", shape, data };
}

export function int64Tensor(
  values: ArrayLike<number>,
  shape: readonly number[],
): HostTensor {
  return {
    elementType: "int64",
    shape,
    data: BigInt64Array.from({ length: values.length }, (_, i) =>
      BigInt(values[i] ?? 0),
    ),
  };
}

export function int8Tensor(
  data: Int8Array,
  shape: readonly number[],
): HostTensor {
  return { elementType: "int8", shape, data };
}

export function uint8Tensor(
  data: Uint8Array,
  shape: readonly number[],
): HostTensor {
  return { elementType: "uint8", shape, data };
}

export function int32Tensor(
  data: Int32Array,
  shape: readonly number[],
): HostTensor {
  return { elementType: "int32", shape, data };
}
