import { describe, expect, it } from "vitest";
import { finishedKey, requestKey, truncatedKey } from "./answer-key.js";

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
  it("are those under which earlier versions recorded", () => {
    const key = requestKey(description);
    expect([key, finishedKey(key, 1), truncatedKey(key, 0, 10)]).toEqual([
      "c327bee6a1840063d4442ed180cbbd0bbccf9dd74ef83e50e4558af2a365be5f",
      "53526406fed4c4725c593f171bd17d22f30823838b977d4f42ab71ba1843427a",
      "613254878dfc7191c3595bd86fb20dac04c315ab7dbe8e6d1cf6ecc81b5ed00a",
    ]);
  });

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
