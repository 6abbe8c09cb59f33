/**
 * @file Logistic regression on shares: targets anywhere in 0 … 1, and a Gaussian prior on
 * the weights, which keeps them finite where the data alone would not.
 */
import { sigmoid } from "../../foundation/statistics.js";
import { minimize, solvePositive } from "./newton.js";

/** What is thought of k weights before the data: −log density = ½ (w − μ)ᵀ Λ (w − μ). */
export interface GaussianPrior {
  /** μ, [k]. */
  readonly mean: readonly number[];
  /** Λ, [k][k], symmetric; positive definite where the data may not decide. */
  readonly precision: readonly (readonly number[])[];
}

/** −log-likelihood of target y under σ(x): log(1 + eˣ) − y x. */
export function logisticLoss(x: number, y: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) - y * x;
}

/**
 * The weights w that minimize Σ loss(xᵀ w, y) − log prior(w), [k].
 * @param features one row of k numbers a target
 * @param targets each in 0 … 1
 */
export function fitLogistic(
  features: readonly (readonly number[])[],
  targets: readonly number[],
  { mean, precision }: GaussianPrior,
): Float64Array {
  const k = mean.length;
  const pull = (weights: Float64Array): number[] =>
    precision.map((row) =>
      row.reduce(
        (sum, value, j) =>
          sum + value * ((weights[j] as number) - (mean[j] as number)),
        0,
      ),
    );
  return minimize(
    {
      value: (weights) => {
        const prior = pull(weights).reduce(
          (sum, value, i) =>
            sum + (value * ((weights[i] as number) - (mean[i] as number))) / 2,
          0,
        );
        return features.reduce(
          (sum, row, i) =>
            sum + logisticLoss(linear(row, weights), targets[i] as number),
          prior,
        );
      },
      step: (weights) => {
        const gradient = Float64Array.from(pull(weights));
        const hessian = Float64Array.from(precision.flat());
        for (const [n, row] of features.entries()) {
          const p = sigmoid(linear(row, weights));
          for (let i = 0; i < k; i++) {
            const x = row[i] as number;
            gradient[i] =
              (gradient[i] as number) + (p - (targets[n] as number)) * x;
            for (let j = 0; j < k; j++) {
              const at = i * k + j;
              hessian[at] =
                (hessian[at] as number) + p * (1 - p) * x * (row[j] as number);
            }
          }
        }
        const direction = solvePositive(hessian, gradient);
        return { direction, decrement: dot(gradient, direction) };
      },
    },
    Float64Array.from(mean),
  );
}

/** xᵀ w. */
export function linear(
  features: readonly number[],
  weights: Float64Array,
): number {
  return features.reduce((sum, x, i) => sum + x * (weights[i] as number), 0);
}

export function dot(left: Float64Array, right: Float64Array): number {
  return left.reduce((sum, x, i) => sum + x * (right[i] as number), 0);
}
