/**
 * @file How hard each prompt is for any model: the table that a length-controlled win
 * rate takes as given, fitted from the preferences themselves.
 *
 * AlpacaEval's own table lies on the Hugging Face Hub and comes from some two hundred
 * models. Ours is fitted as theirs was (notebooks/instruction_difficulty.ipynb of
 * tatsu-lab/alpaca_eval): one logistic regression of all preferences at once,
 *
 *     σ(θ_m + φ_m · t_mi + γ_i),
 *
 * with a level θ and a weight of length φ for each model m and a difficulty γ for each
 * prompt i. They penalize absolute weights; we have Gaussian priors on φ and γ, under
 * which a few models, or one, give a table too.
 */
import { sigmoid } from "../../foundation/statistics.js";
import { dot, logisticLoss } from "./logistic.js";
import { minimize, solvePositive } from "./newton.js";

/** One preference. */
export interface Comparison {
  /** 0-based number of the model. */
  readonly model: number;
  /** 0-based number of the prompt. */
  readonly prompt: number;
  /** How much longer the reference is, squashed into −1 … 1. */
  readonly length: number;
  /** Probability that the model's answer is the better one, 0 … 1. */
  readonly target: number;
}

/**
 * Of φ and γ, chosen by looking at 26 models of AlpacaEval; settings beside them were
 * tried on others too (docs/results/length-control.md).
 */
const LENGTH = { mean: -1.2, precision: 25 };
const DIFFICULTY_PRECISION = 0.1;
/** Next to nothing, so that a model that always wins has a finite level. */
const LEVEL_PRECISION = 1e-3;

/**
 * Difficulties, one a prompt; larger means better for models beside the reference.
 *
 * The Hessian is an arrow: each γ meets only θ and φ. So γ is eliminated first, and
 * what is left to solve has two unknowns a model (Schur's complement).
 * @param models how many there are
 * @param prompts how many there are
 */
export function fitDifficulty(
  comparisons: readonly Comparison[],
  models: number,
  prompts: number,
): Float64Array {
  // A point is θ and φ of each model in turn, then γ of each prompt.
  const heads = 2 * models;
  const start = new Float64Array(heads + prompts);
  for (let m = 0; m < models; m++) start[2 * m + 1] = LENGTH.mean;
  const { value, linearize } = jointModel(comparisons, heads);
  const problem = {
    value,
    step: (point: Float64Array) => {
      const { gradient, head, cross, tail } = linearize(point);
      return eliminate(gradient, { head, cross, tail });
    },
  };
  return minimize(problem, start).slice(heads);
}

/** The Hessian of the joint model: [[head, cross], [crossᵀ, diagonal of tail]]. */
interface Arrow {
  /** [heads, heads]. */
  readonly head: Float64Array;
  /** [heads, prompts]. */
  readonly cross: Float64Array;
  /** [prompts]. */
  readonly tail: Float64Array;
}

function jointModel(comparisons: readonly Comparison[], heads: number) {
  const center = (at: number): number =>
    at < heads && at % 2 === 1 ? LENGTH.mean : 0;
  const precision = (at: number): number =>
    at >= heads
      ? DIFFICULTY_PRECISION
      : at % 2 === 1
        ? LENGTH.precision
        : LEVEL_PRECISION;
  const logit = (
    point: Float64Array,
    { model, prompt, length }: Comparison,
  ): number =>
    (point[2 * model] as number) +
    (point[2 * model + 1] as number) * length +
    (point[heads + prompt] as number);
  return {
    value: (point: Float64Array): number => {
      const prior = point.reduce(
        (sum, x, at) => sum + (precision(at) * (x - center(at)) ** 2) / 2,
        0,
      );
      return comparisons.reduce(
        (sum, one) => sum + logisticLoss(logit(point, one), one.target),
        prior,
      );
    },
    linearize: (
      point: Float64Array,
    ): Arrow & { readonly gradient: Float64Array } => {
      const prompts = point.length - heads;
      const gradient = point.map((x, at) => precision(at) * (x - center(at)));
      const head = new Float64Array(heads * heads);
      for (let at = 0; at < heads; at++) head[at * heads + at] = precision(at);
      const cross = new Float64Array(heads * prompts);
      const tail = new Float64Array(prompts).fill(DIFFICULTY_PRECISION);
      for (const one of comparisons) {
        const { model, prompt, length } = one;
        const p = sigmoid(logit(point, one));
        const w = p * (1 - p);
        const residual = p - one.target;
        const level = 2 * model;
        add(gradient, level, residual);
        add(gradient, level + 1, residual * length);
        add(gradient, heads + prompt, residual);
        add(head, level * heads + level, w);
        add(head, level * heads + level + 1, w * length);
        add(head, (level + 1) * heads + level, w * length);
        add(head, (level + 1) * heads + level + 1, w * length * length);
        add(cross, level * prompts + prompt, w);
        add(cross, (level + 1) * prompts + prompt, w * length);
        add(tail, prompt, w);
      }
      return { gradient, head, cross, tail };
    },
  };
}

/** Solves the arrow for a gradient: the part of the heads first, then each prompt's. */
function eliminate(gradient: Float64Array, { head, cross, tail }: Arrow) {
  const prompts = tail.length;
  const heads = gradient.length - prompts;
  const right = gradient.slice(0, heads);
  for (let i = 0; i < heads; i++) {
    const row = cross.subarray(i * prompts, (i + 1) * prompts);
    const scaled = row.map((value, p) => value / (tail[p] as number));
    add(right, i, -dot(scaled, gradient.subarray(heads)));
    for (let j = 0; j <= i; j++)
      add(
        head,
        i * heads + j,
        -dot(scaled, cross.subarray(j * prompts, (j + 1) * prompts)),
      );
  }
  const solved = solvePositive(head, right);
  const direction = new Float64Array(gradient.length);
  direction.set(solved);
  for (let p = 0; p < prompts; p++) {
    let rest = gradient[heads + p] as number;
    for (let i = 0; i < heads; i++)
      rest -= (cross[i * prompts + p] as number) * (solved[i] as number);
    direction[heads + p] = rest / (tail[p] as number);
  }
  return { direction, decrement: dot(gradient, direction) };
}

function add(array: Float64Array, at: number, value: number): void {
  array[at] = (array[at] as number) + value;
}
