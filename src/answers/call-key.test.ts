import { describe, expect, it } from "vitest";
import {
  finishedKey,
  requestKey,
  sampleSeed,
  truncatedKey,
} from "./call-key.js";

const description = {
  purpose: "generate",
  identity: "http://h/v1 m",
  path: "/completions",
  prompt: "Hello",
  parameters: { temperature: 0.7, stop: ["\n"] },
  seed: 3,
};

describe("requestKey", () => {
  it("is the same for equal requests, whatever the order of their fields", () => {
    const { seed, ...rest } = description;
    expect(requestKey({ seed, ...rest })).toBe(requestKey(description));
  });

  it.each([
    { purpose: "score" },
    { identity: "http://h/v1 m@2" },
    { path: "/chat/completions" },
    { prompt: "Hello " },
    { prompt: [{ role: "user", content: "Hello" }] as const },
    { parameters: { temperature: 0.7, stop: ["\n", "#"] } },
    { seed: 4 },
  ])("changes with %j", (change) => {
    expect(requestKey({ ...description, ...change })).not.toBe(
      requestKey(description),
    );
  });
});

describe("the keys of one request", () => {
  it("differ by sample and by the maximum that cut them", () => {
    const keys = [
      finishedKey("r", 0),
      finishedKey("r", 1),
      truncatedKey("r", 0, 10),
      truncatedKey("r", 0, 20),
      truncatedKey("r", 1, 10),
    ];
    expect(new Set(keys).size).toBe(5);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
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
