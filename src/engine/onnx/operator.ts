/**
 * @file ONNX as data: operators, attributes and initializers, before they are bytes.
 */
import type { ElementType } from "../tensor/tensor-type.js";

export type OnnxAttribute =
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "ints"; readonly value: readonly number[] }
  | { readonly kind: "string"; readonly value: string };

export interface OnnxOperator {
  readonly type: string;
  /** "" for the ONNX standard, "com.microsoft" for ONNX Runtime's own. */
  readonly domain: "" | "com.microsoft";
  /** "" stands for an optional input that is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, OnnxAttribute>>;
}

/** TensorProto.DataType numbers of the ONNX specification. */
export const ONNX_ELEMENT_TYPES: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
};

export const int = (value: number): OnnxAttribute => ({ kind: "int", value });
export const floatAttribute = (value: number): OnnxAttribute => ({
  kind: "float",
  value,
});
export const ints = (value: readonly number[]): OnnxAttribute => ({
  kind: "ints",
  value,
});
export const textAttribute = (value: string): OnnxAttribute => ({
  kind: "string",
  value,
});
