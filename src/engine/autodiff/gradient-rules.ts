/**
 * @file One gradient rule per primitive: from the gradient of the loss with
 * respect to the outputs to that with respect to each input.
 *
 * Notation: y = f(x), g = ∂L/∂y; a rule returns ∂L/∂x for each input, or
 * `undefined` for an input through which nothing flows (integer indices).
 * Rules write ordinary nodes into the same graph, so a gradient graph is emitted
 * and run like any other.
 */
import {
  broadcastAxes,
  fixedSize,
  sameShape,
  ShapeError,
} from "../tensor/tensor-type.js";
import { float32Tensor } from "../tensor/host-tensor.js";
import type { GraphBuilder, Value } from "../graph/graph.js";
import type {
  PrimitiveAttributes,
  PrimitiveName,
} from "../graph/primitives.js";

export interface GradientContext<P extends PrimitiveName> {
  readonly graph: GraphBuilder;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  /** ∂L/∂(first output); the other outputs carry no gradient. */
  readonly gradient: Value;
  readonly attributes: PrimitiveAttributes[P];
  /** Whether a gradient for input `index` is wanted; rules skip work for the others. */
  readonly wanted: (index: number) => boolean;
}

type GradientRule<P extends PrimitiveName> = (
  context: GradientContext<P>,
) => readonly (Value | undefined)[];

/** Why a primitive of the inference graphs has no gradient. */
export const INFERENCE_ONLY = "inference only";

function operand<P extends PrimitiveName>(
  context: GradientContext<P>,
  index: number,
): Value {
  const value = context.inputs[index];
  if (value === undefined) throw new ShapeError(`input ${index} is missing`);
  return value;
}

function result<P extends PrimitiveName>(
  context: GradientContext<P>,
  index = 0,
): Value {
  const value = context.outputs[index];
  if (value === undefined) throw new ShapeError(`output ${index} is missing`);
  return value;
}

/** Sums a gradient over the axes along which its operand was broadcast. */
function unbroadcast(
  graph: GraphBuilder,
  gradient: Value,
  operandValue: Value,
): Value {
  const axes = broadcastAxes(operandValue.shape, gradient.shape);
  const summed =
    axes.length === 0 ? gradient : graph.reduceSum(gradient, axes, true);
  return sameShape(summed.shape, operandValue.shape)
    ? summed
    : graph.reshape(summed, operandValue.shape);
}

/** Both gradients of a broadcasting binary operation, computed only where wanted. */
function binary<P extends PrimitiveName>(
  context: GradientContext<P>,
  left: () => Value,
  right: () => Value,
): (Value | undefined)[] {
  return [left, right].map((gradientOf, index) =>
    context.wanted(index)
      ? unbroadcast(context.graph, gradientOf(), operand(context, index))
      : undefined,
  );
}

function inversePermutation(permutation: readonly number[]): number[] {
  const inverse = new Array<number>(permutation.length);
  permutation.forEach((axis, i) => (inverse[axis] = i));
  return inverse;
}

/**
 * y = α·op(A)op(B). With G the gradient:
 *   ∂A = α·G·op(B)ᵀ, transposed if A was; ∂B = α·op(A)ᵀ·G, transposed if B was.
 */
function matmulGradient(
  context: GradientContext<"matmul">,
): (Value | undefined)[] {
  const { graph, gradient, attributes } = context;
  const { transposeLeft, transposeRight, alpha } = attributes;
  const [a, b] = [operand(context, 0), operand(context, 1)];
  return binary(
    context,
    () =>
      transposeLeft
        ? graph.matmul(b, gradient, {
            transposeLeft: transposeRight,
            transposeRight: true,
            alpha,
          })
        : graph.matmul(gradient, b, { transposeRight: !transposeRight, alpha }),
    () =>
      transposeRight
        ? graph.matmul(gradient, a, {
            transposeLeft: true,
            transposeRight: transposeLeft,
            alpha,
          })
        : graph.matmul(a, gradient, { transposeLeft: !transposeLeft, alpha }),
  );
}

/**
 * y = x·r·w with r = 1/√(mean(x²)+ε), x̂ = x·r, h = g·w:
 *   ∂x = r·(h − x̂·mean(h·x̂)),  ∂w = Σ_rows g·x̂.
 */
function rmsNormGradient(
  context: GradientContext<"rmsNorm">,
): (Value | undefined)[] {
  const { graph, gradient } = context;
  const [x, weight] = [operand(context, 0), operand(context, 1)];
  const inverse = result(context, 1);
  const last = x.shape.length - 1;
  const normalized = graph.multiply(x, inverse);
  const product = graph.multiply(gradient, normalized);
  const weightGradient = context.wanted(1)
    ? graph.reduceSum(product, x.shape.map((_, axis) => axis).slice(0, -1))
    : undefined;
  if (!context.wanted(0)) return [undefined, weightGradient];
  // mean(h·x̂) is a matrix-vector product of g·x̂ with w/D.
  const column = graph.reshape(weight, [fixedSize(weight.shape[0]), 1]);
  const mean = graph.matmul(product, column, {
    alpha: 1 / fixedSize(x.shape[last]),
  });
  const weighted = graph.multiply(gradient, weight);
  const centred = graph.subtract(weighted, graph.multiply(normalized, mean));
  return [graph.multiply(centred, inverse), weightGradient];
}

/** Gradient of every primitive; total by type. */
export const GRADIENT_RULES: {
  readonly [P in PrimitiveName]: GradientRule<P> | typeof INFERENCE_ONLY;
} = {
  add: (c) =>
    binary(
      c,
      () => c.gradient,
      () => c.gradient,
    ),
  subtract: (c) =>
    binary(
      c,
      () => c.gradient,
      () => c.graph.negate(c.gradient),
    ),
  // (ab)' = a'b + ab'
  multiply: (c) =>
    binary(
      c,
      () => c.graph.multiply(c.gradient, operand(c, 1)),
      () => c.graph.multiply(c.gradient, operand(c, 0)),
    ),
  // (a/b)' = a'/b − (a/b)·b'/b
  divide: (c) =>
    binary(
      c,
      () => c.graph.divide(c.gradient, operand(c, 1)),
      () =>
        c.graph.negate(
          c.graph.divide(
            c.graph.multiply(c.gradient, result(c)),
            operand(c, 1),
          ),
        ),
    ),
  negate: (c) => [c.graph.negate(c.gradient)],
  exp: (c) => [c.graph.multiply(c.gradient, result(c))],
  log: (c) => [c.graph.divide(c.gradient, operand(c, 0))],
  // (√x)' = 1/(2√x)
  sqrt: (c) => [c.graph.divide(c.graph.scale(c.gradient, 0.5), result(c))],
  // σ' = σ − σ²
  sigmoid: (c) => {
    const y = result(c);
    return [
      c.graph.multiply(c.gradient, c.graph.subtract(y, c.graph.multiply(y, y))),
    ];
  },
  // tanh' = 1 − tanh²
  tanh: (c) => {
    const y = result(c);
    return [
      c.graph.multiply(
        c.gradient,
        c.graph.subtract(c.graph.scalar(1), c.graph.multiply(y, y)),
      ),
    ];
  },
  // softplus' = σ
  softplus: (c) => [
    c.graph.multiply(c.gradient, c.graph.apply("sigmoid", [operand(c, 0)], {})),
  ],
  // With s = σ(x) and y = x·s: y' = s + x·s·(1−s) = s + y − s·y
  silu: (c) => {
    const s = c.graph.apply("sigmoid", [operand(c, 0)], {});
    const y = result(c);
    const slope = c.graph.subtract(c.graph.add(s, y), c.graph.multiply(s, y));
    return [c.graph.multiply(c.gradient, slope)];
  },
  matmul: matmulGradient,
  transpose: (c) => [
    c.graph.transpose(c.gradient, inversePermutation(c.attributes.permutation)),
  ],
  reshape: (c) => [c.graph.reshape(c.gradient, operand(c, 0).shape)],
  expandLike: (c) => [
    unbroadcast(c.graph, c.gradient, operand(c, 0)),
    undefined,
  ],
  reduceSum: (c) => {
    const kept = operand(c, 0).shape.map((size, axis) =>
      c.attributes.axes.includes(axis) ? 1 : size,
    );
    const gradient = sameShape(c.gradient.shape, kept)
      ? c.gradient
      : c.graph.reshape(c.gradient, kept);
    return [c.graph.apply("expandLike", [gradient, operand(c, 0)], {})];
  },
  takeColumns: (c) => {
    const { start, count } = c.attributes;
    const after = fixedSize(operand(c, 0).shape.at(-1)) - start - count;
    const padding = { before: start, after };
    return [c.graph.apply("padColumns", [c.gradient], padding)];
  },
  padColumns: (c) => {
    const count = fixedSize(operand(c, 0).shape.at(-1));
    const columns = { start: c.attributes.before, count };
    return [c.graph.apply("takeColumns", [c.gradient], columns)];
  },
  // ∂x = y·(g − Σ g·y)
  softmax: (c) => {
    const y = result(c);
    const weighted = c.graph.multiply(c.gradient, y);
    const total = c.graph.reduceSum(weighted, [y.shape.length - 1], true);
    return [c.graph.subtract(weighted, c.graph.multiply(y, total))];
  },
  gatherRows: (c) => {
    const [table, ids] = [operand(c, 0), operand(c, 1)];
    if (ids.shape.length !== 1)
      throw new ShapeError("gatherRows is differentiable for ids [N] only");
    return [
      c.graph.apply("scatterAddRows", [c.gradient, ids, table], {}),
      undefined,
    ];
  },
  scatterAddRows: (c) => [
    c.graph.apply("gatherRows", [c.gradient, operand(c, 1)], {}),
    undefined,
    undefined,
  ],
  // A partial permutation is undone by its inverse.
  moveRows: (c) => {
    const back = [c.gradient, operand(c, 2), operand(c, 1)];
    const { blanks, inverseBlanks } = c.attributes;
    const turned = { blanks: inverseBlanks, inverseBlanks: blanks };
    return [c.graph.apply("moveRows", back, turned), undefined, undefined];
  },
  // ∂logits = g·(onehot(target) − softmax(logits))
  tokenLogProbability: (c) => {
    const [logits, targets] = [operand(c, 0), operand(c, 1)];
    const column = c.graph.reshape(c.gradient, [
      ...targets.shape.slice(0, 1),
      1,
    ]);
    const probability = c.graph.apply("softmax", [logits], {});
    const base = c.graph.multiply(probability, c.graph.negate(column));
    return [
      c.graph.apply("addAtTokens", [base, targets, c.gradient], {}),
      undefined,
    ];
  },
  addAtTokens: (c) => {
    if (c.wanted(2))
      throw new ShapeError("addAtTokens passes no gradient to its updates");
    return [c.gradient, undefined, undefined];
  },
  rmsNorm: rmsNormGradient,
  // A rotation by θ is undone by one by −θ.
  rotary: (c) => {
    const [, positions, cos, sin] = c.inputs as readonly [
      Value,
      Value,
      Value,
      Value,
    ];
    const inverse = [c.gradient, positions, cos, c.graph.negate(sin)];
    return [
      c.graph.apply("rotary", inverse, c.attributes),
      undefined,
      undefined,
      undefined,
    ];
  },
  cachedAttention: INFERENCE_ONLY,
  repeatRows: INFERENCE_ONLY,
  takePositions: INFERENCE_ONLY,
  tokenWeights: INFERENCE_ONLY,
  likeliest: INFERENCE_ONLY,
  // y = x·W·s for a frozen W: ∂x = (g·s)·Wᵀ, with g·s rounded by row like x
  quantizedMatmul: (c) => {
    const [weight, scale] = [operand(c, 1), operand(c, 2)];
    const ones = c.graph.constant(
      float32Tensor(new Float32Array(fixedSize(weight.shape[0])).fill(1), [
        fixedSize(weight.shape[0]),
      ]),
    );
    const scaled = c.graph.multiply(c.gradient, scale);
    const turned = c.graph.transpose(weight, [1, 0]);
    return [
      c.graph.apply("quantizedMatmul", [scaled, turned, ones], {}),
      undefined,
      undefined,
    ];
  },
};
