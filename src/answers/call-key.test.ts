import { describe, expect, it } from "vitest";
import { finishedKey, requestKey, truncatedKey } from "./call-key.js";

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
