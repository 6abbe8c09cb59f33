import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  initAdamW,
  updateAdamW,
  type AdamWSettings,
  type ElementRange,
} from "./adamw.js";
import { clippingScale, gradientNorm } from "./clipping.js";

const { updates } = JSON.parse(
  readFileSync("test/fixtures/training/optimizer.json", "utf8"),
) as {
  readonly updates: readonly {
    readonly settings: AdamWSettings & { readonly learningRate: number };
    readonly maxNorm: number;
    readonly decayed: readonly ElementRange[];
    readonly start: readonly number[];
    readonly gradients: readonly (readonly number[])[];
    readonly norms: readonly number[];
    readonly parameters: readonly (readonly number[])[];
  }[];
};

describe("AdamW", () => {
  it.each(updates)(
    "makes torch's five updates, decay $settings.weightDecay, clipped at $maxNorm",
    ({ settings, maxNorm, decayed, start, gradients, norms, parameters }) => {
      const state = initAdamW(start.length);
      const values = Float32Array.from(start);
      gradients.forEach((row, step) => {
        const gradient = Float32Array.from(row);
        const norm = gradientNorm(gradient);
        expect(norm / (norms[step] ?? 0)).toBeCloseTo(1, 6);
        const gradientScale = clippingScale(norm, maxNorm);
        updateAdamW(state, values, gradient, {
          ...settings,
          decayed,
          gradientScale,
        });
        values.forEach((value, i) =>
          expect(value).toBeCloseTo(parameters[step]?.[i] ?? NaN, 6),
        );
      });
      expect(state.step).toBe(5);
    },
  );

  it("moves by the learning rate against the sign of the first gradient, whatever its size", () => {
    const values = Float32Array.of(0, 0, 0);
    const settings = { beta1: 0.9, beta2: 0.999, epsilon: 0, weightDecay: 0 };
    const gradients = Float32Array.of(1e-4, -1, 1e4);
    updateAdamW(initAdamW(3), values, gradients, {
      ...settings,
      learningRate: 0.5,
      gradientScale: 1,
    });
    values.forEach((value, i) =>
      expect(value).toBeCloseTo([-0.5, 0.5, -0.5][i] ?? NaN, 6),
    );
  });

  it("decays every element, or only the ranges named", () => {
    const options = {
      beta1: 0.9,
      beta2: 0.999,
      epsilon: 1e-8,
      weightDecay: 0.5,
      learningRate: 0.1,
      gradientScale: 1,
    };
    const decayedBy = (decayed?: readonly ElementRange[]): number[] => {
      const values = Float32Array.of(1, 1, 1, 1);
      updateAdamW(initAdamW(4), values, new Float32Array(4), {
        ...options,
        ...(decayed && { decayed }),
      });
      return Array.from(values, (value) => Math.round(value * 100) / 100);
    };
    expect(decayedBy()).toEqual([0.95, 0.95, 0.95, 0.95]);
    expect(
      decayedBy([
        { start: 0, end: 1 },
        { start: 2, end: 3 },
      ]),
    ).toEqual([0.95, 1, 0.95, 1]);
    expect(decayedBy([])).toEqual([1, 1, 1, 1]);
  });
});
