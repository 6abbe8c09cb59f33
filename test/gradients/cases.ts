/**
 * @file Cases of the finite-difference sweep: at least one for every primitive,
 * total by type, so that a new primitive is swept the day it exists.
 */
import type {
  PrimitiveAttributes,
  PrimitiveName,
} from "../../src/engine/graph/primitives.js";
import { INFERENCE_ONLY } from "../../src/engine/autodiff/gradient-rules.js";

/** Its result moves in steps, so differences say nothing; see quantized.test.ts. */
export const ROUNDED = "rounds its inputs";

/** A float input drawn from a range, or fixed integers through which no gradient flows. */
export type CaseInput =
  | {
      readonly shape: readonly number[];
      readonly low: number;
      readonly high: number;
    }
  | { readonly shape: readonly number[]; readonly integers: readonly number[] }
  | { readonly shape: readonly number[]; readonly places: readonly number[] }
  | { readonly shape: readonly number[]; readonly table: "cos" | "sin" };

export interface Case<P extends PrimitiveName> {
  readonly title: string;
  readonly inputs: readonly CaseInput[];
  readonly attributes: PrimitiveAttributes[P];
  /** Inputs whose gradient is checked; all float inputs when absent. */
  readonly checked?: readonly number[];
}

const real = (...shape: number[]): CaseInput => ({
  shape,
  low: -1.5,
  high: 1.5,
});
const positive = (...shape: number[]): CaseInput => ({
  shape,
  low: 0.5,
  high: 2,
});
const integers = (...values: number[]): CaseInput => ({
  shape: [values.length],
  integers: values,
});

const places = (shape: number[], ...rows: number[]): CaseInput => ({
  shape,
  places: rows,
});

/** Primitives without attributes. */
type Plain = {
  [P in PrimitiveName]: PrimitiveAttributes[P] extends Readonly<
    Record<never, never>
  >
    ? P
    : never;
}[PrimitiveName];

const unary = <P extends Plain>(input: CaseInput): readonly Case<P>[] => [
  {
    title: "matrix",
    inputs: [input],
    attributes: {} as PrimitiveAttributes[P],
  },
];

const binary = <P extends Plain>(
  make: (...shape: number[]) => CaseInput,
): readonly Case<P>[] => {
  const attributes = {} as PrimitiveAttributes[P];
  return [
    { title: "same shape", inputs: [make(3, 4), make(3, 4)], attributes },
    { title: "row broadcast", inputs: [make(3, 4), make(4)], attributes },
    {
      title: "column broadcast on the left",
      inputs: [make(3, 1), make(3, 4)],
      attributes,
    },
    { title: "scalar broadcast", inputs: [make(2, 3, 4), make()], attributes },
    { title: "both broadcast", inputs: [make(3, 1), make(1, 4)], attributes },
  ];
};

function matmulCases(): readonly Case<"matmul">[] {
  const flags = [false, true];
  return flags.flatMap((transposeLeft) =>
    flags.flatMap((transposeRight) => {
      const left = transposeLeft ? [5, 3] : [3, 5];
      const right = transposeRight ? [4, 5] : [5, 4];
      const attributes = { transposeLeft, transposeRight, alpha: 0.7 };
      const flagsTitle = `${transposeLeft ? "Aᵀ" : "A"}${transposeRight ? "Bᵀ" : "B"}`;
      return [
        {
          title: flagsTitle,
          inputs: [real(...left), real(...right)],
          attributes,
        },
        {
          title: `${flagsTitle} batched`,
          inputs: [real(2, ...left), real(2, ...right)],
          attributes,
        },
        {
          title: `${flagsTitle} batched twice`,
          inputs: [real(2, 3, ...left), real(2, 3, ...right)],
          attributes,
        },
      ];
    }),
  );
}

export const CASES: {
  readonly [P in PrimitiveName]:
    readonly Case<P>[] | typeof INFERENCE_ONLY | typeof ROUNDED;
} = {
  add: binary(real),
  subtract: binary(real),
  multiply: binary(real),
  divide: binary(positive),
  negate: unary(real(3, 4)),
  exp: unary(real(3, 4)),
  log: unary(positive(3, 4)),
  sqrt: unary(positive(3, 4)),
  sigmoid: unary(real(3, 4)),
  tanh: unary(real(3, 4)),
  softplus: unary(real(3, 4)),
  silu: unary(real(3, 4)),
  matmul: matmulCases(),
  transpose: [
    {
      title: "matrix",
      inputs: [real(3, 4)],
      attributes: { permutation: [1, 0] },
    },
    {
      title: "a cycle of four axes",
      inputs: [real(2, 3, 4, 5)],
      attributes: { permutation: [0, 2, 3, 1] },
    },
  ],
  reshape: [
    {
      title: "split and merge",
      inputs: [real(6, 4)],
      attributes: { shape: [2, 3, 4] },
    },
  ],
  expandLike: [
    {
      title: "inner axis",
      inputs: [real(3, 1), real(3, 4)],
      attributes: {},
      checked: [0],
    },
    {
      title: "new leading axis",
      inputs: [real(4), real(2, 3, 4)],
      attributes: {},
      checked: [0],
    },
  ],
  reduceSum: [
    {
      title: "last axis kept",
      inputs: [real(3, 4)],
      attributes: { axes: [1], keepAxes: true },
    },
    {
      title: "first axis dropped",
      inputs: [real(3, 4)],
      attributes: { axes: [0], keepAxes: false },
    },
    {
      title: "two axes of three",
      inputs: [real(2, 3, 4)],
      attributes: { axes: [0, 1], keepAxes: false },
    },
    {
      title: "all axes",
      inputs: [real(2, 3)],
      attributes: { axes: [0, 1], keepAxes: false },
    },
  ],
  takeColumns: [
    {
      title: "the middle of a matrix",
      inputs: [real(3, 5)],
      attributes: { start: 1, count: 3 },
    },
    {
      title: "the end of three axes",
      inputs: [real(2, 3, 4)],
      attributes: { start: 2, count: 2 },
    },
  ],
  padColumns: [
    {
      title: "both sides",
      inputs: [real(3, 2)],
      attributes: { before: 1, after: 2 },
    },
    {
      title: "one side of three axes",
      inputs: [real(2, 3, 2)],
      attributes: { before: 0, after: 3 },
    },
  ],
  softmax: [
    { title: "matrix", inputs: [real(3, 5)], attributes: {} },
    { title: "four axes", inputs: [real(2, 2, 3, 4)], attributes: {} },
  ],
  gatherRows: [
    {
      title: "repeated ids",
      inputs: [real(5, 3), integers(0, 4, 4, 2, 4)],
      attributes: {},
    },
  ],
  scatterAddRows: [
    {
      title: "repeated ids",
      inputs: [real(4, 3), integers(1, 5, 1, 0), real(6, 3)],
      attributes: {},
      checked: [0],
    },
  ],
  moveRows: [
    {
      title: "all rows, with blanks between",
      inputs: [real(3, 2), places([5], 2, -1, 0, -1, 1), places([3], 2, 4, 0)],
      attributes: { blanks: true, inverseBlanks: false },
    },
    {
      title: "some rows",
      inputs: [real(4, 2), places([2], 3, 1), places([4], -1, 1, -1, 0)],
      attributes: { blanks: false, inverseBlanks: true },
    },
    {
      title: "rows of two axes to rows of two axes",
      inputs: [
        real(2, 3, 2),
        places([3, 2], 0, 3, -1, 4, 2, 5),
        places([2, 3], 0, -1, 4, 1, 3, 5),
      ],
      attributes: { blanks: true, inverseBlanks: true },
    },
  ],
  tokenLogProbability: [
    {
      title: "several rows",
      inputs: [real(4, 6), integers(0, 5, 2, 2)],
      attributes: {},
    },
  ],
  addAtTokens: [
    {
      title: "base only",
      inputs: [real(3, 4), integers(0, 3, 1), real(3)],
      attributes: {},
      checked: [0],
    },
  ],
  rmsNorm: [
    {
      title: "matrix",
      inputs: [real(4, 6), positive(6)],
      attributes: { epsilon: 1e-5 },
    },
    {
      title: "heads",
      inputs: [real(2, 3, 2, 4), positive(4)],
      attributes: { epsilon: 1e-6 },
    },
  ],
  rotary: [
    {
      title: "two heads, two rows with own positions",
      inputs: [
        real(2, 3, 8),
        { shape: [2, 3], integers: [0, 1, 2, 3, 1, 4] },
        { shape: [5, 2], table: "cos" },
        { shape: [5, 2], table: "sin" },
      ],
      attributes: { heads: 2, partial: 0 },
    },
    {
      title: "the first half of each head",
      inputs: [
        real(2, 3, 16),
        { shape: [2, 3], integers: [0, 1, 2, 3, 1, 4] },
        { shape: [5, 2], table: "cos" },
        { shape: [5, 2], table: "sin" },
      ],
      attributes: { heads: 2, partial: 4 },
    },
  ],
  cachedAttention: INFERENCE_ONLY,
  repeatRows: INFERENCE_ONLY,
  takePositions: INFERENCE_ONLY,
  tokenWeights: INFERENCE_ONLY,
  likeliest: INFERENCE_ONLY,
  quantizedMatmul: ROUNDED,
};
