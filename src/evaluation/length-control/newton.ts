/**
 * @file Minimizing a smooth, strictly convex function: Newton's method with a line
 * search, and the symmetric systems it solves. Float64, without randomness.
 */
import { AutodidactError } from "../../foundation/error.js";

export interface ConvexProblem {
  value(point: Float64Array): number;
  /** Hessian⁻¹ · gradient at a point, and gradient · Hessian⁻¹ · gradient ≥ 0. */
  step(point: Float64Array): {
    readonly direction: Float64Array;
    readonly decrement: number;
  };
}

const MOST_STEPS = 200;
/** Twice what a further step would gain: beyond what float64 resolves in the values here. */
const CONVERGED = 1e-16;

/**
 * The point at which the function is least.
 * @throws NUMERIC when the steps do not settle: the function is not convex, or has NaN
 */
export function minimize(
  problem: ConvexProblem,
  start: Float64Array,
): Float64Array {
  let point = start;
  let value = problem.value(point);
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const { direction, decrement } = problem.step(point);
    if (decrement <= CONVERGED) return point;
    let share = 1;
    let next = moved(point, direction, share);
    let reached = problem.value(next);
    // Armijo's rule; the last term is what rounding may add.
    while (
      reached > value - 1e-4 * share * decrement + 1e-13 * Math.abs(value) &&
      share > 1e-9
    ) {
      share /= 2;
      next = moved(point, direction, share);
      reached = problem.value(next);
    }
    point = next;
    value = reached;
  }
  throw new AutodidactError(
    "NUMERIC",
    `A fit did not settle within ${MOST_STEPS} steps of Newton's method. Look for preferences or lengths that are not plausible numbers.`,
  );
}

function moved(
  point: Float64Array,
  direction: Float64Array,
  share: number,
): Float64Array {
  return point.map((value, i) => value - share * (direction[i] as number));
}

/**
 * Solves `matrix` · x = `right` by Cholesky's decomposition.
 * @param matrix symmetric and positive definite, row by row [n, n]; is overwritten
 * @param right [n]
 * @throws NUMERIC when the matrix is not positive definite
 */
export function solvePositive(
  matrix: Float64Array,
  right: Float64Array,
): Float64Array {
  const n = right.length;
  const at = (row: number, column: number): number =>
    matrix[row * n + column] as number;
  const x = right.slice();
  for (let row = 0; row < n; row++) {
    for (let column = 0; column <= row; column++) {
      let sum = at(row, column);
      for (let k = 0; k < column; k++) sum -= at(row, k) * at(column, k);
      if (row === column && !(sum > 0))
        throw new AutodidactError(
          "NUMERIC",
          "A system of equations of a fit has no single solution. Look for preferences or lengths that are not plausible numbers.",
        );
      matrix[row * n + column] =
        row === column ? Math.sqrt(sum) : sum / at(column, column);
    }
    // Forward: L · y = right.
    let sum = x[row] as number;
    for (let k = 0; k < row; k++) sum -= at(row, k) * (x[k] as number);
    x[row] = sum / at(row, row);
  }
  // Back: Lᵀ · x = y.
  for (let row = n - 1; row >= 0; row--) {
    let sum = x[row] as number;
    for (let k = row + 1; k < n; k++) sum -= at(k, row) * (x[k] as number);
    x[row] = sum / at(row, row);
  }
  return x;
}
