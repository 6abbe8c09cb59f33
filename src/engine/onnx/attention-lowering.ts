/**
 * @file The ONNX operators of attention over a cache.
 *
 * `GroupQueryAttention` would be one operator instead of many, but its CPU kernel clears
 * and copies the whole cache at every step, once for each query head, and takes a prefix
 * for one sequence at a time only (docs/decisions/2026-11-21-shared-prefixes.md).
 */
import { float32Tensor } from "../tensor/host-tensor.js";
import type { Value } from "../graph/graph.js";
import type { PrimitiveName } from "../graph/primitives.js";
import {
  MICROSOFT,
  nameAt,
  names,
  vector,
  type Lowering,
} from "./lowering-rule.js";
import { floatAttribute, int, ints } from "./operator.js";
import { defined } from "../../foundation/defined.js";

/** […, a, b, …] by position; 0 keeps an axis and −1 takes what is left. */
function reshaped<P extends PrimitiveName>(
  l: Lowering<P>,
  value: string,
  sizes: readonly number[],
  outputs?: readonly string[],
): string {
  return l.emit({
    type: "Reshape",
    inputs: [value, vector(l, sizes)],
    ...defined({ outputs }),
  });
}

/**
 * Scores of the prefix and the new tokens stand side by side, so that one product sums
 * over both in their order; the past is read where it lies, by products of its own.
 * Query heads of one key/value head are rows of the same product.
 */
export function lowerCachedAttention(l: Lowering<"cachedAttention">): void {
  const [query, key, value, ...rest] = names(l.inputs) as [
    string,
    string,
    string,
    ...string[],
  ];
  const [prefixKey, prefixValue, pastKey, pastValue, mask, parts, batch] =
    rest as [string, string, string, string, string, string, string];
  const { heads, keyValueHeads, scale, softcap } = l.attributes;
  const head = l.inputs[3]?.shape[3] as number;
  const group = heads / keyValueHeads;
  const transposed = (
    x: string,
    order: readonly number[],
    outputs?: readonly string[],
  ): string =>
    l.emit({
      type: "Transpose",
      inputs: [x],
      attributes: { perm: ints(order) },
      ...defined({ outputs }),
    });
  /** [B, S, K·head] → [B, K, S, head] */
  const byHead = (x: string, output: Value | undefined): string =>
    transposed(
      reshaped(l, x, [0, 0, keyValueHeads, head]),
      [0, 2, 1, 3],
      output === undefined ? undefined : [output.name],
    );
  const afterPrefix = (prefix: string, made: string): string =>
    l.emit({
      type: "Concat",
      inputs: [l.emit({ type: "Expand", inputs: [prefix, batch] }), made],
      attributes: { axis: int(2) },
    });
  const keys = afterPrefix(prefixKey, byHead(key, l.outputs[1]));
  const values = afterPrefix(prefixValue, byHead(value, l.outputs[2]));
  const queries = reshaped(
    l,
    transposed(
      reshaped(l, query, [0, 0, keyValueHeads, group, head]),
      [0, 2, 3, 1, 4],
    ),
    [0, keyValueHeads, -1, head],
  );
  const scores = l.emit({
    type: "Concat",
    inputs: [keys, pastKey].map((side) =>
      l.emit({
        type: "FusedMatMul",
        domain: MICROSOFT,
        inputs: [queries, side],
        attributes: { transB: int(1), alpha: floatAttribute(scale) },
      }),
    ),
    attributes: { axis: int(3) },
  });
  const weights = l.emit({
    type: "Softmax",
    inputs: [
      l.emit({ type: "Add", inputs: [softcapped(l, scores, softcap), mask] }),
    ],
    attributes: { axis: int(-1) },
  });
  const [near, past] = [0, 1].map((i) => `${weights}.${i}`) as [string, string];
  l.emit({
    type: "Split",
    inputs: [weights, parts],
    outputs: [near, past],
    attributes: { axis: int(3) },
  });
  const output = l.emit({
    type: "Add",
    inputs: [
      l.emit({ type: "MatMul", inputs: [near, values] }),
      l.emit({ type: "MatMul", inputs: [past, pastValue] }),
    ],
  });
  reshaped(
    l,
    transposed(
      reshaped(l, output, [0, keyValueHeads, group, -1, head]),
      [0, 3, 1, 2, 4],
    ),
    [0, 0, heads * head],
    [nameAt(l.outputs, 0)],
  );
}

/** cap·tanh(x/cap), or x itself for no cap. */
function softcapped<P extends PrimitiveName>(
  l: Lowering<P>,
  x: string,
  cap: number,
): string {
  if (cap === 0) return x;
  const size = l.constant(float32Tensor(Float32Array.of(cap), []));
  const small = l.emit({ type: "Div", inputs: [x, size] });
  const bent = l.emit({ type: "Tanh", inputs: [small] });
  return l.emit({ type: "Mul", inputs: [bent, size] });
}
