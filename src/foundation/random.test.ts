import { describe, expect, it } from "vitest";
import { derivedSeed, sampleSeed } from "./random.js";

describe("derivedSeed", () => {
  it("gives the seeds that recorded runs hold", () => {
    // The first 28 bits of SHA-256 over the JSON of the path.
    expect(derivedSeed(1, "teach")).toBe(196973781);
    expect(derivedSeed(7, "round", 2, "train")).toBe(229900053);
  });
});

describe("sampleSeed", () => {
  it("is the request's own for its first sample", () => {
    expect(sampleSeed(7, 0)).toBe(7);
  });

  it("is another for each further sample, in the range of a 31-bit integer", () => {
    const seeds = Array.from({ length: 1000 }, (_, i) => sampleSeed(7, i));
    expect(new Set(seeds).size).toBe(1000);
    expect(Math.min(...seeds)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...seeds)).toBeLessThan(2 ** 31);
  });

  it("fits seeds that no server takes into the range", () => {
    for (const seed of [-1, 2 ** 40, 0.5])
      expect(sampleSeed(seed, 0)).toBeLessThan(2 ** 31);
  });
});
