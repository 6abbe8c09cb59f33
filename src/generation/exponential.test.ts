import { expect, it } from "vitest";
import { expNonPositive } from "./exponential.js";

it("is the exponential to 1 in 10¹⁵, over its whole range", () => {
  let worst = 0;
  for (let i = 0; i <= 200_000; i++) {
    const x = -((i / 200_000) ** 3) * 690;
    const exact = Math.exp(x);
    worst = Math.max(worst, Math.abs(expNonPositive(x) - exact) / exact);
  }
  expect(worst).toBeLessThan(1e-15);
});

it("is 1 at 0, and 0 where nothing is left", () => {
  expect(expNonPositive(0)).toBe(1);
  expect(expNonPositive(-1e4)).toBe(0);
  expect(expNonPositive(Number.NEGATIVE_INFINITY)).toBe(0);
});
