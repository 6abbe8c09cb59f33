import { describe, expect, it } from "vitest";
import { completionOf, samplesOf } from "./samples.js";

const usage = (completionTokens: number) => ({
  promptTokens: 3,
  cachedPromptTokens: 0,
  completionTokens,
});

describe("samplesOf", () => {
  it("gives a lone choice all the tokens", () => {
    const [sample] = samplesOf(
      { choices: [{ text: "Hi", ending: "cut" }], usage: usage(7) },
      [],
      100,
    );
    expect(sample).toEqual({
      finished: false,
      filtered: false,
      completion: { text: "Hi", tokens: 7, finishReason: "length" },
    });
  });

  it("cuts at the first stop text, whichever the server left in", () => {
    const [sample] = samplesOf(
      {
        choices: [{ text: "one\nTask: two\n###", ending: "cut" }],
        usage: usage(9),
      },
      ["###", "\nTask:", ""],
      100,
    );
    expect(sample?.completion).toEqual({
      text: "one",
      tokens: 9,
      finishReason: "stop",
    });
    expect(sample?.finished).toBe(true);
  });

  it.each([
    ["no word, all used up", undefined, 100, false],
    ["no word, some left", undefined, 99, true],
    ["a word, all used up", "stop", 100, true],
  ])("knows an end by %s", (_, finishReason, tokens, finished) => {
    const choice = {
      ...{ text: "Half a", ending: "complete" as const },
      ...(finishReason !== undefined && { finishReason }),
    };
    const answer = { choices: [choice], usage: usage(tokens) };
    expect(samplesOf(answer, [], 100)[0]?.finished).toBe(finished);
    // The first stop text ends it whatever was used.
    expect(samplesOf(answer, ["a"], 100)[0]?.finished).toBe(true);
  });

  it("shares tokens that were counted together by length of text", () => {
    const samples = samplesOf(
      {
        choices: [
          { text: "aaaaaaaaa", ending: "complete" },
          { text: "bbb", ending: "complete" },
        ],
        usage: usage(8),
      },
      [],
      100,
    );
    expect(samples.map((sample) => sample.completion.tokens)).toEqual([6, 2]);
  });

  it("counts tokens itself where each is told", () => {
    const token = { token: "x", logprob: -1, top: [] };
    const samples = samplesOf(
      {
        choices: [
          { text: "xx", ending: "complete", tokens: [token, token] },
          { text: "x", ending: "complete", tokens: [token] },
        ],
        usage: usage(99),
      },
      [],
      100,
    );
    expect(samples.map((sample) => sample.completion.tokens)).toEqual([2, 1]);
    expect(samples[0]?.completion.logprobs).toEqual([-1, -1]);
  });

  it("does not pass off a filtered answer as an answer", () => {
    const [sample] = samplesOf(
      { choices: [{ text: "", ending: "refused" }] },
      [],
      100,
    );
    expect(() => sample && completionOf(sample, "http://h/v1")).toThrow(
      /content filter of http:\/\/h\/v1 held back/,
    );
  });
});
