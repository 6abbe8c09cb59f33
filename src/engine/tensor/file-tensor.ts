/**
 * @file Numbers that stay in a file until a graph reads them, laid out there as in host
 * memory: row-major, little-endian.
 */
import type { HostTensor } from "./host-tensor.js";
import { ELEMENT_BYTES, type ElementType } from "./tensor-type.js";

export interface FileTensor {
  readonly elementType: ElementType;
  readonly shape: readonly number[];
  readonly place: {
    readonly folder: string;
    /** Name in the folder; the file must not change while a graph reads it. */
    readonly file: string;
    /** Bytes before the first element, and of all of them. */
    readonly offset: number;
    readonly bytes: number;
  };
}

/** What a graph's constant may be. */
export type ConstantTensor = HostTensor | FileTensor;

/** Elements that are there, whatever the shape says. */
export function constantLength(tensor: ConstantTensor): number {
  return "data" in tensor
    ? tensor.data.length
    : tensor.place.bytes / ELEMENT_BYTES[tensor.elementType];
}
