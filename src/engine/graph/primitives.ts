/**
 * @file The primitive table: every operation a graph may contain, with its
 * attributes and the rule that gives its output types.
 *
 * Three total tables hang on these names: the types (here), the gradients
 * (`autodiff/gradient-rules.ts`) and the ONNX operators (`onnx/lowering.ts`). A
 * primitive added here does not compile until all three, and the test cases of
 * the finite-difference sweep, know it.
 *
 * Axis names: N rows, V vocabulary, D hidden, B batch, S new positions, H heads.
 */
import {
  broadcastShapes,
  fixedSize,
  formatShape,
  sameShape,
  ShapeError,
  type Dimension,
  type Shape,
  type TensorType,
} from "../tensor/tensor-type.js";

type NoAttributes = Readonly<Record<never, never>>;

/** Attributes of each primitive. */
export interface PrimitiveAttributes {
  add: NoAttributes;
  subtract: NoAttributes;
  multiply: NoAttributes;
  divide: NoAttributes;
  negate: NoAttributes;
  exp: NoAttributes;
  log: NoAttributes;
  sqrt: NoAttributes;
  sigmoid: NoAttributes;
  tanh: NoAttributes;
  /** log(1 + eˣ) */
  softplus: NoAttributes;
  /** x·σ(x) */
  silu: NoAttributes;
  /** alpha · op(A) op(B); leading dimensions broadcast. */
  matmul: {
    readonly transposeLeft: boolean;
    readonly transposeRight: boolean;
    readonly alpha: number;
  };
  transpose: { readonly permutation: readonly number[] };
  /** Named dimensions keep their axes; or one stands for what the one before it was, whole or split. */
  reshape: { readonly shape: Shape };
  /** (x, y) → x repeated to the shape of y, whose numbers do not matter */
  expandLike: NoAttributes;
  reduceSum: { readonly axes: readonly number[]; readonly keepAxes: boolean };
  /** x […, D] → x […, start … start + count − 1] */
  takeColumns: { readonly start: number; readonly count: number };
  /** x […, C] → […, before + C + after] with zeros around it. */
  padColumns: { readonly before: number; readonly after: number };
  /** Over the last axis. */
  softmax: NoAttributes;
  /** (table [V, D], ids […]) → […, D] */
  gatherRows: NoAttributes;
  /** (updates [N, D], ids [N], y [V, D]) → [V, D] from zero; repeated ids add up, y gives the shape. */
  scatterAddRows: NoAttributes;
  /**
   * (x [rows of x…, D], index int32 [rows of y…], inverse int32 [rows of x…]) → y [rows
   * of y…, D]: the row of x at `index`, rows counted through all leading axes, or zeros
   * where that is −1. A row goes to one place at most; `inverse` says where to, −1 for
   * nowhere.
   */
  moveRows: {
    /** Whether `index` may hold −1. */
    readonly blanks: boolean;
    /** Whether `inverse` may. */
    readonly inverseBlanks: boolean;
  };
  /** (logits [N, V], targets [N]) → log softmax(logits)[n, targets[n]] as [N] */
  tokenLogProbability: NoAttributes;
  /** (base [N, V], ids [N], updates [N]) → base with updates[n] added at [n, ids[n]] */
  addAtTokens: NoAttributes;
  /** (x […, D], weight [D]) → (x·r·weight, r) with r = 1/√(mean(x²) + ε) as […, 1] */
  rmsNorm: { readonly epsilon: number };
  /** (x [B, S, H·head], positions [B, S], cos [P, head/2], sin [P, head/2]), half-split pairs */
  rotary: {
    readonly heads: number;
    /** Leading dimensions of each head that turn; 0 for all. */
    readonly partial: number;
  };
  /**
   * Inference only. Each query attends to a prefix that all sequences share, to its
   * sequence's past, and to the new tokens; the mask says to which of them.
   * (query [B, S, H·head], key, value [B, S, K·head], prefix keys and values
   * [1, K, P, head], past keys and values [B, K, C, head], mask [B or 1, 1, 1 or H/K·S,
   * P + S + C] added to the scores, parts int64 [2] = P + S and C, batch int64 [4] =
   * B, 1, 1, 1) → (output [B, S, H·head], new keys, new values [B, K, S, head]).
   * P and C may be 0.
   */
  cachedAttention: {
    readonly heads: number;
    readonly keyValueHeads: number;
    readonly scale: number;
    /** cap·tanh(score/cap); 0 for none. */
    readonly softcap: number;
  };
  /** Inference only. x […, S, D] → […, copies·S, D], all rows again and again. */
  repeatRows: { readonly copies: number };
  /** Inference only. (x [B, S, D], index [B]) → [B, D], row `index[b]` of each b. */
  takePositions: NoAttributes;
  /**
   * Inference only. What the next token is chosen by: (logits [B, V], 1/T [B, 1]) →
   * (weights [B, V] = softmax(x/T), peak [B, 1] = max softmax(x), best int32 [B] = the first
   * of the largest).
   */
  tokenWeights: NoAttributes;
  /**
   * Inference only. logits [N, V] → (log softmax of the `count` largest [N, count], their
   * places int32 [N, count]), the largest first, the earlier place on a tie.
   */
  likeliest: { readonly count: number };
  /**
   * (x […, D], weight int8 [D, O], scale [O]) → x·(weight·scale) […, O]. Each row of x is
   * rounded to 255 steps of its own and the products are added up as integers; gradients
   * pass the rounding as if it were not there.
   */
  quantizedMatmul: NoAttributes;
}

export type PrimitiveName = keyof PrimitiveAttributes;

type TypeRule<P extends PrimitiveName> = (
  inputs: readonly TensorType[],
  attributes: PrimitiveAttributes[P],
) => TensorType[];

const float = (shape: Shape): TensorType => ({ elementType: "float32", shape });

function input(inputs: readonly TensorType[], index: number): TensorType {
  const type = inputs[index];
  if (type === undefined) throw new ShapeError(`input ${index} is missing`);
  return type;
}

const elementwise = (inputs: readonly TensorType[]): TensorType[] => [
  float(broadcastShapes(input(inputs, 0).shape, input(inputs, 1).shape)),
];

const unary = (inputs: readonly TensorType[]): TensorType[] => [
  float(input(inputs, 0).shape),
];

function matmulShape(
  left: Shape,
  right: Shape,
  { transposeLeft, transposeRight }: PrimitiveAttributes["matmul"],
): Dimension[] {
  const l = left.slice(-2);
  const r = right.slice(-2);
  const [rows, inner] = transposeLeft ? [l[1], l[0]] : [l[0], l[1]];
  const [depth, columns] = transposeRight ? [r[1], r[0]] : [r[0], r[1]];
  if (rows === undefined || columns === undefined || inner !== depth) {
    throw new ShapeError(
      `cannot multiply ${formatShape(left)} with ${formatShape(right)}`,
    );
  }
  return [
    ...broadcastShapes(left.slice(0, -2), right.slice(0, -2)),
    rows,
    columns,
  ];
}

/** Output types of every primitive from its input types. @throws ShapeError */
export const TYPE_RULES: { readonly [P in PrimitiveName]: TypeRule<P> } = {
  add: elementwise,
  subtract: elementwise,
  multiply: elementwise,
  divide: elementwise,
  negate: unary,
  exp: unary,
  log: unary,
  sqrt: unary,
  sigmoid: unary,
  tanh: unary,
  softplus: unary,
  silu: unary,
  matmul: (inputs, attributes) => [
    float(
      matmulShape(input(inputs, 0).shape, input(inputs, 1).shape, attributes),
    ),
  ],
  transpose: (inputs, { permutation }) => {
    const { shape, elementType } = input(inputs, 0);
    const turned = permutation.map((axis) => shape[axis] as Dimension);
    return [{ elementType, shape: turned }];
  },
  reshape: (inputs, { shape }) => {
    const isNamed = (size: Dimension): boolean => typeof size === "string";
    const before = input(inputs, 0).shape;
    const moved = shape.filter(
      (size, axis) => isNamed(size) && before[axis] !== size,
    );
    // What is left over for one dimension is known; for two it is not.
    const inferred =
      shape.filter(isNamed).length === 1 && before.filter(isNamed).length === 1;
    if (moved.length > 0 && !inferred) {
      throw new ShapeError(
        `reshape cannot move the named dimension ${moved.join(", ")}`,
      );
    }
    return [float(shape)];
  },
  expandLike: (inputs) => {
    const [from, to] = [input(inputs, 0).shape, input(inputs, 1).shape];
    if (!sameShape(broadcastShapes(from, to), to)) {
      throw new ShapeError(
        `cannot expand ${formatShape(from)} to ${formatShape(to)}`,
      );
    }
    return [float(to)];
  },
  reduceSum: (inputs, { axes, keepAxes }) => [
    float(
      input(inputs, 0).shape.flatMap((size, axis) =>
        axes.includes(axis) ? (keepAxes ? [1] : []) : [size],
      ),
    ),
  ],
  takeColumns: (inputs, { start, count }) => {
    const { shape } = input(inputs, 0);
    if (start < 0 || count < 1 || start + count > fixedSize(shape.at(-1))) {
      throw new ShapeError(
        `cannot take columns ${start} to ${start + count - 1} of ${formatShape(shape)}`,
      );
    }
    return [float([...shape.slice(0, -1), count])];
  },
  padColumns: (inputs, { before, after }) => {
    const { shape } = input(inputs, 0);
    return [
      float([...shape.slice(0, -1), before + fixedSize(shape.at(-1)) + after]),
    ];
  },
  softmax: unary,
  gatherRows: (inputs) => [
    float([...input(inputs, 1).shape, input(inputs, 0).shape[1] as Dimension]),
  ],
  scatterAddRows: (inputs) => [float(input(inputs, 2).shape)],
  moveRows: (inputs) => [
    float([
      ...input(inputs, 1).shape,
      input(inputs, 0).shape.at(-1) as Dimension,
    ]),
  ],
  tokenLogProbability: (inputs) => [float(input(inputs, 1).shape)],
  addAtTokens: unary,
  rmsNorm: (inputs) => {
    const { shape } = input(inputs, 0);
    return [float(shape), float([...shape.slice(0, -1), 1])];
  },
  rotary: unary,
  cachedAttention: (inputs, { keyValueHeads }) => {
    const { shape } = input(inputs, 0);
    const [batch, sequence] = shape as [Dimension, Dimension];
    const head = input(inputs, 3).shape.at(-1) as Dimension;
    const made = float([batch, keyValueHeads, sequence, head]);
    return [float(shape), made, made];
  },
  repeatRows: (inputs, { copies }) => {
    const { shape } = input(inputs, 0);
    const [rows, columns] = shape.slice(-2) as [Dimension, Dimension];
    const repeated =
      typeof rows === "number" ? copies * rows : `${copies}·${rows}`;
    return [float([...shape.slice(0, -2), repeated, columns])];
  },
  takePositions: (inputs) => {
    const { shape } = input(inputs, 0);
    return [float([shape[0] as Dimension, shape[2] as Dimension])];
  },
  tokenWeights: (inputs) => {
    const { shape } = input(inputs, 0);
    const [rows] = shape as [Dimension];
    return [
      float(shape),
      float([rows, 1]),
      { elementType: "int32", shape: [rows] },
    ];
  },
  likeliest: (inputs, { count }) => {
    const [rows] = input(inputs, 0).shape as [Dimension];
    return [
      float([rows, count]),
      { elementType: "int32", shape: [rows, count] },
    ];
  },
  quantizedMatmul: (inputs) => [
    float([
      ...input(inputs, 0).shape.slice(0, -1),
      input(inputs, 1).shape[1] as Dimension,
    ]),
  ],
};
