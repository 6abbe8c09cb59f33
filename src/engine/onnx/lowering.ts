/**
 * @file The ONNX operators that compute each primitive.
 *
 * Standard operators come from opset 21, the fused ones (`FusedMatMul`,
 * `QuickGelu`, `RotaryEmbedding`, `MatMulIntegerToFloat`)
 * from ONNX Runtime's com.microsoft domain, where its CPU, CUDA and WebGPU
 * providers have kernels for them.
 */
import {
  float32Tensor,
  uint8Tensor,
  type HostTensor,
} from "../tensor/host-tensor.js";
import { fixedSize } from "../tensor/tensor-type.js";
import type { Node } from "../graph/graph.js";
import type { PrimitiveName } from "../graph/primitives.js";
import { lowerCachedAttention } from "./attention-lowering.js";
import {
  MICROSOFT,
  nameAt,
  names,
  vector,
  type Lowering,
  type LoweringRule,
} from "./lowering-rule.js";
import {
  floatAttribute,
  int,
  ints,
  ONNX_ELEMENT_TYPES,
  textAttribute,
  type OnnxAttribute,
  type OnnxOperator,
} from "./operator.js";

/** A primitive that is one standard operator on the same inputs and outputs. */
function operator<P extends PrimitiveName>(
  type: string,
  attributes: Readonly<Record<string, OnnxAttribute>> = {},
): LoweringRule<P> {
  return (l) =>
    l.emit({
      type,
      inputs: names(l.inputs),
      outputs: names(l.outputs),
      attributes,
    });
}

/** Reshape writes 0, "keep this axis", for a named dimension, or −1, "what is left". */
function lowerReshape(l: Lowering<"reshape">): void {
  const before = l.inputs[0]?.shape ?? [];
  const sizes = l.attributes.shape.map((size, axis) => {
    if (typeof size === "number") return size;
    return before[axis] === size ? 0 : -1;
  });
  l.emit({
    type: "Reshape",
    inputs: [nameAt(l.inputs, 0), vector(l, sizes)],
    outputs: names(l.outputs),
  });
}

function lowerMatmul(l: Lowering<"matmul">): void {
  const { transposeLeft, transposeRight, alpha } = l.attributes;
  const flags = {
    transA: int(Number(transposeLeft)),
    transB: int(Number(transposeRight)),
    alpha: floatAttribute(alpha),
  };
  const isPlain = l.inputs.every((value) => value.shape.length === 2);
  l.emit({
    type: isPlain ? "Gemm" : "FusedMatMul",
    domain: isPlain ? "" : MICROSOFT,
    inputs: names(l.inputs),
    outputs: names(l.outputs),
    attributes: flags,
  });
}

function lowerScatterAddRows(l: Lowering<"scatterAddRows">): void {
  const [updates, ids] = [nameAt(l.inputs, 0), nameAt(l.inputs, 1)];
  const zeros = l.emit({
    type: "ConstantOfShape",
    inputs: [l.emit({ type: "Shape", inputs: [nameAt(l.inputs, 2)] })],
  });
  const column = l.emit({ type: "Unsqueeze", inputs: [ids, vector(l, [1])] });
  const indices = l.emit({
    type: "Expand",
    inputs: [column, l.emit({ type: "Shape", inputs: [updates] })],
  });
  l.emit({
    type: "ScatterElements",
    inputs: [zeros, indices, updates],
    outputs: names(l.outputs),
    attributes: { axis: int(0), reduction: textAttribute("add") },
  });
}

/** A row of zeros at the end is what the index −1 finds. */
function lowerMoveRows(l: Lowering<"moveRows">): void {
  const [x, index] = names(l.inputs) as [string, string];
  const width = fixedSize(l.inputs[0]?.shape.at(-1));
  const isMatrix = l.inputs[0]?.shape.length === 2;
  const rows = isMatrix
    ? x
    : l.emit({ type: "Reshape", inputs: [x, vector(l, [-1, width])] });
  const zeros = float32Tensor(new Float32Array(width), [1, width]);
  const source = l.attributes.blanks
    ? l.emit({
        type: "Concat",
        inputs: [rows, l.constant(zeros)],
        attributes: { axis: int(0) },
      })
    : rows;
  l.emit({
    type: "Gather",
    inputs: [source, index],
    outputs: names(l.outputs),
    attributes: { axis: int(0) },
  });
}

function lowerTokenLogProbability(l: Lowering<"tokenLogProbability">): void {
  const logProbabilities = l.emit({
    type: "LogSoftmax",
    inputs: [nameAt(l.inputs, 0)],
    attributes: { axis: int(-1) },
  });
  const axis = vector(l, [1]);
  const column = l.emit({
    type: "Unsqueeze",
    inputs: [nameAt(l.inputs, 1), axis],
  });
  const taken = l.emit({
    type: "GatherElements",
    inputs: [logProbabilities, column],
    attributes: { axis: int(1) },
  });
  l.emit({ type: "Squeeze", inputs: [taken, axis], outputs: names(l.outputs) });
}

function lowerAddAtTokens(l: Lowering<"addAtTokens">): void {
  const axis = vector(l, [1]);
  const ids = l.emit({
    type: "Unsqueeze",
    inputs: [nameAt(l.inputs, 1), axis],
  });
  const updates = l.emit({
    type: "Unsqueeze",
    inputs: [nameAt(l.inputs, 2), axis],
  });
  l.emit({
    type: "ScatterElements",
    inputs: [nameAt(l.inputs, 0), ids, updates],
    outputs: names(l.outputs),
    attributes: { axis: int(1), reduction: textAttribute("add") },
  });
}

function lowerTakePositions(l: Lowering<"takePositions">): void {
  const index = l.emit({
    type: "Unsqueeze",
    inputs: [nameAt(l.inputs, 1), vector(l, [1])],
  });
  l.emit({
    type: "GatherND",
    inputs: [nameAt(l.inputs, 0), index],
    outputs: names(l.outputs),
    attributes: { batch_dims: int(1) },
  });
}

/** Softmax rather than Exp: the runtime's Exp rounds the end of an array otherwise than its middle. */
function lowerTokenWeights(l: Lowering<"tokenWeights">): void {
  const [logits, inverseTemperature] = names(l.inputs) as [string, string];
  const [weights, peak, best] = names(l.outputs) as [string, string, string];
  const tempered = l.emit({
    type: "Mul",
    inputs: [logits, inverseTemperature],
  });
  l.emit({
    type: "Softmax",
    inputs: [tempered],
    outputs: [weights],
    attributes: { axis: int(-1) },
  });
  const plain = l.emit({
    type: "Softmax",
    inputs: [logits],
    attributes: { axis: int(-1) },
  });
  l.emit({
    type: "ReduceMax",
    inputs: [plain, vector(l, [-1])],
    outputs: [peak],
  });
  const place = l.emit({
    type: "ArgMax",
    inputs: [logits],
    attributes: { axis: int(-1), keepdims: int(0) },
  });
  l.emit({
    type: "Cast",
    inputs: [place],
    outputs: [best],
    attributes: { to: int(ONNX_ELEMENT_TYPES.int32) },
  });
}

function lowerLikeliest(l: Lowering<"likeliest">): void {
  const [values, places] = names(l.outputs) as [string, string];
  const logProbabilities = l.emit({
    type: "LogSoftmax",
    inputs: [nameAt(l.inputs, 0)],
    attributes: { axis: int(-1) },
  });
  const wide = `${places}.int64`;
  l.emit({
    type: "TopK",
    inputs: [logProbabilities, vector(l, [l.attributes.count])],
    outputs: [values, wide],
    attributes: { axis: int(-1) },
  });
  l.emit({
    type: "Cast",
    inputs: [wide],
    outputs: [places],
    attributes: { to: int(ONNX_ELEMENT_TYPES.int32) },
  });
}

/**
 * With m = max|x| of a row: xq = round(127·x/m) + 128 as uint8, y = m·(xq − 128)·W·s/127.
 * By row, since DynamicQuantizeMatMul takes one scale for all rows, and then a result
 * depends on its neighbours in the batch.
 */
function lowerQuantizedMatmul(l: Lowering<"quantizedMatmul">): void {
  const [x, weight, scale] = names(l.inputs) as [string, string, string];
  const scalar = (value: number): string =>
    l.constant(float32Tensor(Float32Array.of(value), []));
  const one = scalar(1);
  const middle = l.constant(uint8Tensor(Uint8Array.of(128), []));
  const steps = scalar(127);
  const absolute = l.emit({ type: "Abs", inputs: [x] });
  const largest = l.emit({
    type: "ReduceMax",
    inputs: [absolute, vector(l, [-1])],
    attributes: { keepdims: int(1) },
  });
  // A row of zeros is divided by something.
  const most = l.emit({ type: "Max", inputs: [largest, scalar(1e-30)] });
  const factor = l.emit({ type: "Div", inputs: [steps, most] });
  const scaled = l.emit({ type: "Mul", inputs: [x, factor] });
  const quantized = l.emit({
    type: "QuantizeLinear",
    inputs: [scaled, one, middle],
  });
  const perStep = l.emit({ type: "Div", inputs: [scale, steps] });
  const product = l.emit({
    type: "MatMulIntegerToFloat",
    domain: MICROSOFT,
    inputs: [quantized, weight, one, perStep, middle],
  });
  l.emit({ type: "Mul", inputs: [product, most], outputs: names(l.outputs) });
}

/** ONNX operators of every primitive; total by type. */
export const LOWERING_RULES: {
  readonly [P in PrimitiveName]: LoweringRule<P>;
} = {
  add: operator("Add"),
  subtract: operator("Sub"),
  multiply: operator("Mul"),
  divide: operator("Div"),
  negate: operator("Neg"),
  exp: operator("Exp"),
  log: operator("Log"),
  sqrt: operator("Sqrt"),
  sigmoid: operator("Sigmoid"),
  tanh: operator("Tanh"),
  softplus: operator("Softplus"),
  silu: (l) =>
    l.emit({
      type: "QuickGelu",
      domain: MICROSOFT,
      inputs: names(l.inputs),
      outputs: names(l.outputs),
      attributes: { alpha: floatAttribute(1) },
    }),
  matmul: lowerMatmul,
  transpose: (l) =>
    l.emit({
      type: "Transpose",
      inputs: names(l.inputs),
      outputs: names(l.outputs),
      attributes: { perm: ints(l.attributes.permutation) },
    }),
  reshape: lowerReshape,
  expandLike: (l) =>
    l.emit({
      type: "Expand",
      inputs: [
        nameAt(l.inputs, 0),
        l.emit({ type: "Shape", inputs: [nameAt(l.inputs, 1)] }),
      ],
      outputs: names(l.outputs),
    }),
  reduceSum: (l) =>
    l.emit({
      type: "ReduceSum",
      inputs: [nameAt(l.inputs, 0), vector(l, l.attributes.axes)],
      outputs: names(l.outputs),
      attributes: {
        keepdims: int(Number(l.attributes.keepAxes)),
        // Without axes ONNX would sum over all of them.
        noop_with_empty_axes: int(1),
      },
    }),
  takeColumns: (l) => {
    const { start, count } = l.attributes;
    l.emit({
      type: "Slice",
      inputs: [
        nameAt(l.inputs, 0),
        vector(l, [start]),
        vector(l, [start + count]),
        vector(l, [-1]),
      ],
      outputs: names(l.outputs),
    });
  },
  padColumns: (l) => {
    const { before, after } = l.attributes;
    l.emit({
      type: "Pad",
      // The third input, the value to pad with, is 0 when absent.
      inputs: [
        nameAt(l.inputs, 0),
        vector(l, [before, after]),
        "",
        vector(l, [-1]),
      ],
      outputs: names(l.outputs),
    });
  },
  softmax: operator("Softmax", { axis: int(-1) }),
  gatherRows: operator("Gather", { axis: int(0) }),
  scatterAddRows: lowerScatterAddRows,
  moveRows: lowerMoveRows,
  tokenLogProbability: lowerTokenLogProbability,
  addAtTokens: lowerAddAtTokens,
  rmsNorm: (l) =>
    l.emit({
      type: "SimplifiedLayerNormalization",
      inputs: names(l.inputs),
      outputs: names(l.outputs),
      attributes: {
        axis: int(-1),
        epsilon: floatAttribute(l.attributes.epsilon),
      },
    }),
  rotary: (l) =>
    l.emit({
      type: "RotaryEmbedding",
      domain: MICROSOFT,
      inputs: names(l.inputs),
      outputs: names(l.outputs),
      attributes: {
        num_heads: int(l.attributes.heads),
        rotary_embedding_dim: int(l.attributes.partial),
        interleaved: int(0),
      },
    }),
  cachedAttention: lowerCachedAttention,
  repeatRows: (l) =>
    l.emit({
      type: "Concat",
      inputs: new Array<string>(l.attributes.copies).fill(nameAt(l.inputs, 0)),
      outputs: names(l.outputs),
      attributes: { axis: int(-2) },
    }),
  takePositions: lowerTakePositions,
  tokenWeights: lowerTokenWeights,
  likeliest: lowerLikeliest,
  quantizedMatmul: lowerQuantizedMatmul,
};

/** Operators and extra constants of one node. */
export function lowerNode(
  node: Node,
  prefix: string,
): {
  readonly operators: OnnxOperator[];
  readonly constants: Map<string, HostTensor>;
} {
  const operators: OnnxOperator[] = [];
  const constants = new Map<string, HostTensor>();
  const lowering: Lowering<never> = {
    inputs: node.inputs,
    outputs: node.outputs,
    attributes: node.attributes as never,
    emit: ({ type, domain = "", inputs, outputs, attributes = {} }) => {
      const produced = outputs ?? [`${prefix}.${operators.length}`];
      operators.push({ type, domain, inputs, outputs: produced, attributes });
      return produced[0] ?? "";
    },
    constant: (tensor) => {
      const name = `${prefix}.k${constants.size}`;
      constants.set(name, tensor);
      return name;
    },
  };
  // The table pairs each rule with its own attributes; the union hides it from the compiler.
  (LOWERING_RULES[node.primitive] as (l: Lowering<never>) => void)(lowering);
  return { operators, constants };
}
