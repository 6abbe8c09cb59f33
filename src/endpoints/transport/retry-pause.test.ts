import { describe, expect, it } from "vitest";
import { backoff } from "./retry-pause.js";

describe("backoff", () => {
  it("doubles from half a second to half a minute, half of it random", () => {
    const shortest = [1, 2, 3, 4, 5, 6, 7, 8, 60].map((n) => backoff(n, 0));
    expect(shortest).toEqual([
      250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000,
    ]);
    expect(backoff(1, 0.5)).toBe(375);
    expect(backoff(60, 1)).toBe(30_000);
  });
});
