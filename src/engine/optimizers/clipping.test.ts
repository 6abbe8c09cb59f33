import { describe, expect, it } from "vitest";
import { clippingScale, gradientNorm } from "./clipping.js";

describe("gradient clipping", () => {
  it("measures the Euclidean norm", () => {
    expect(gradientNorm(Float32Array.of(3, 0, -4))).toBe(5);
    expect(gradientNorm(new Float32Array())).toBe(0);
  });

  it("leaves a gradient within the bound alone", () => {
    expect(clippingScale(1, 1)).toBe(1);
    expect(clippingScale(0, 1)).toBe(1);
  });

  it("shrinks a larger one to the bound, with torch's 1e-6 in the denominator", () => {
    expect(clippingScale(5, 1)).toBe(1 / (5 + 1e-6));
  });

  it("is off at 0, and passes a norm that is not a number on", () => {
    expect(clippingScale(1e9, 0)).toBe(1);
    expect(gradientNorm(Float32Array.of(Number.NaN, 1))).toBeNaN();
  });
});
