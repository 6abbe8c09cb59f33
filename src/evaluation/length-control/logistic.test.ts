import { describe, expect, it } from "vitest";
import { randomStream } from "../../foundation/random.js";
import { sigmoid } from "../../foundation/statistics.js";
import { fitLogistic, linear, logisticLoss } from "./logistic.js";

const identity = (k: number, value: number): number[][] =>
  Array.from({ length: k }, (_, i) =>
    Array.from({ length: k }, (_, j) => (i === j ? value : 0)),
  );

describe("logistic regression on shares", () => {
  it("agrees with scikit-learn", () => {
    // scikit-learn 1.9.1, LogisticRegression(C=2, fit_intercept=False,
    // solver="newton-cholesky"), each row twice: label 1 weighed y, label 0 weighed 1 − y.
    const features = [
      [0.5, -1.2, 1],
      [-0.3, 0.4, 1],
      [0.9, 0.1, 1],
      [-0.8, 2, 1],
      [0.2, -0.7, 1],
      [-0.6, -1.5, 1],
    ];
    const targets = [0.1, 0.9, 0.25, 1, 0.5, 0.6];
    const weights = fitLogistic(features, targets, {
      mean: [0, 0, 0],
      precision: identity(3, 0.5),
    });
    const theirs = [
      -0.8663455323649704, 0.5884417777812193, 0.3011706341658129,
    ];
    for (const [i, weight] of weights.entries())
      expect(weight).toBeCloseTo(theirs[i] as number, 9);
  });

  it("has the closed form where there is only a level", () => {
    const targets = [0.2, 0.7, 0.9, 0.4];
    const [level = NaN] = fitLogistic(
      targets.map(() => [1]),
      targets,
      { mean: [0], precision: [[0]] },
    );
    expect(level).toBeCloseTo(Math.log(0.55 / 0.45), 12);
  });

  it("stands where the finite differences of its loss vanish, wherever it starts", () => {
    const random = randomStream(7, "logistic");
    const features = Array.from({ length: 40 }, () => [
      random.normal(),
      4 * random.normal(),
      1,
    ]);
    const targets = features.map(() => random.next());
    const prior = {
      mean: [30, -2, 1],
      precision: [
        [2, 0.5, 0],
        [0.5, 1, 0],
        [0, 0, 0.1],
      ],
    };
    const weights = fitLogistic(features, targets, prior);
    const objective = (w: Float64Array): number => {
      const away = [...w].map((value, i) => value - (prior.mean[i] as number));
      const quadratic = prior.precision.reduce(
        (sum, row, i) =>
          sum +
          row.reduce(
            (inner, value, j) =>
              inner + value * (away[i] as number) * (away[j] as number),
            0,
          ),
        0,
      );
      return features.reduce(
        (sum, row, i) =>
          sum + logisticLoss(linear(row, w), targets[i] as number),
        quadratic / 2,
      );
    };
    for (let i = 0; i < 3; i++) {
      const moved = (by: number): number =>
        objective(weights.map((value, at) => (at === i ? value + by : value)));
      expect((moved(1e-5) - moved(-1e-5)) / 2e-5).toBeCloseTo(0, 5);
    }
  });

  it.each([-800, -1, 0, 1, 800])("neither overflows nor loses at %d", (x) => {
    expect(sigmoid(x) + sigmoid(-x)).toBeCloseTo(1, 15);
    expect(logisticLoss(x, 1)).toBeCloseTo(
      x < -100 ? -x : Math.log1p(Math.exp(-x)),
      12,
    );
  });
});
