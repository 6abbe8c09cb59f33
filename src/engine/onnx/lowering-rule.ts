/**
 * @file What a rule that turns a primitive into ONNX operators is given, and the small
 * things that all of them write.
 */
import { int64Tensor, type HostTensor } from "../tensor/host-tensor.js";
import { ShapeError } from "../tensor/tensor-type.js";
import type { Value } from "../graph/graph.js";
import type {
  PrimitiveAttributes,
  PrimitiveName,
} from "../graph/primitives.js";
import type { OnnxAttribute } from "./operator.js";

/** What a rule may do besides reading its node: add operators, temporaries and constants. */
export interface Lowering<P extends PrimitiveName> {
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: PrimitiveAttributes[P];
  emit(operator: {
    readonly type: string;
    readonly domain?: "" | "com.microsoft";
    readonly inputs: readonly string[];
    readonly outputs?: readonly string[];
    readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
  }): string;
  constant(tensor: HostTensor): string;
}

export type LoweringRule<P extends PrimitiveName> = (
  lowering: Lowering<P>,
) => void;

/** Domain of ONNX Runtime's own operators. */
export const MICROSOFT = "com.microsoft";

export const names = (values: readonly Value[]): string[] =>
  values.map((value) => value.name);

export function nameAt(values: readonly Value[], index: number): string {
  const value = values[index];
  if (value === undefined) throw new ShapeError(`operand ${index} is missing`);
  return value.name;
}

/** A constant int64 vector. */
export function vector<P extends PrimitiveName>(
  l: Lowering<P>,
  values: readonly number[],
): string {
  return l.constant(int64Tensor(values, [values.length]));
}
