import { describe, expect, it } from "vitest";
import { costInHeaders, readUsage } from "./usage.js";

describe("what a server says was used", () => {
  it.each([
    [
      "OpenAI's, thoughts inside",
      {
        prompt_tokens: 300,
        completion_tokens: 90,
        total_tokens: 390,
        completion_tokens_details: { reasoning_tokens: 40 },
      },
      300,
      90,
    ],
    [
      "thoughts in the total only",
      { prompt_tokens: 300, completion_tokens: 60, total_tokens: 2360 },
      300,
      2060,
    ],
    [
      "thoughts outside, no total",
      {
        prompt_tokens: 300,
        completion_tokens: 60,
        completion_tokens_details: { reasoning_tokens: 2000 },
      },
      300,
      2060,
    ],
    [
      "more thoughts than completion",
      {
        prompt_tokens: 300,
        completion_tokens: 60,
        total_tokens: 360,
        reasoning_tokens: 2000,
      },
      300,
      2060,
    ],
    ["other names", { input_tokens: 300, output_tokens: 60 }, 300, 60],
    [
      "Anthropic's, the cache beside the input",
      {
        input_tokens: 10,
        cache_read_input_tokens: 9000,
        cache_creation_input_tokens: 800,
        output_tokens: 60,
      },
      9810,
      60,
    ],
    [
      "LiteLLM's, the cache inside the prompt",
      {
        prompt_tokens: 9810,
        cache_read_input_tokens: 9000,
        cache_creation_input_tokens: 800,
        completion_tokens: 60,
      },
      9810,
      60,
    ],
    [
      "Gemini's names",
      {
        promptTokenCount: 300,
        candidatesTokenCount: 60,
        thoughtsTokenCount: 40,
        totalTokenCount: 400,
      },
      300,
      100,
    ],
    [
      "text and fractions",
      { prompt_tokens: "300", completion_tokens: 60.5 },
      300,
      61,
    ],
    [
      "a negative count",
      { prompt_tokens: 300, completion_tokens: -1, total_tokens: 299 },
      300,
      undefined,
    ],
    [
      "null",
      { prompt_tokens: null, completion_tokens: 60, total_tokens: null },
      undefined,
      60,
    ],
  ])("is read at its highest: %s", (_, usage, prompt, completion) => {
    const said = readUsage(usage);
    expect(said?.promptTokens).toBe(prompt);
    expect(said?.completionTokens).toBe(completion);
  });

  it.each([null, undefined, {}, [], "10", { prompt_tokens: null }])(
    "is nothing in %j",
    (usage) => {
      expect(readUsage(usage)).toBeUndefined();
    },
  );

  it.each([
    [{ cost: 0.01 }, 10_000],
    [{ cost: "0.01" }, 10_000],
    [{ cost: { total_cost: 0.01 } }, 10_000],
    [
      {
        cost: 0.001,
        is_byok: true,
        cost_details: { upstream_inference_cost: 0.009 },
      },
      10_000,
    ],
    [{ cost: 0, cost_details: { upstream_inference_cost: 0.01 } }, 10_000],
    [{ cost: 0.01, cost_details: { upstream_inference_cost: 0.01 } }, 10_000],
    [{ cost_in_usd_ticks: 100_000_000 }, 10_000],
    [{ cost: -1, prompt_tokens: 1 }, undefined],
  ])("has its charge in micros: %j", (usage, micros) => {
    expect(readUsage(usage)?.costMicros).toBe(micros);
  });

  it("may have its charge beside it", () => {
    const usage = { prompt_tokens: 300, completion_tokens: 60 };
    for (const body of [{ cost: 0.01 }, { total_cost: "0.01" }])
      for (const said of [usage, null])
        expect(readUsage(said, body)?.costMicros).toBe(10_000);
    expect(
      readUsage({ input_tokens: 10, cache_read_input_tokens: 9000 })
        ?.cachedPromptTokens,
    ).toBe(9000);
  });

  it("may have its charge in a header", () => {
    expect(costInHeaders({ "x-litellm-response-cost": "0.01" })).toBe(10_000);
    expect(
      costInHeaders({ "x-litellm-response-cost": "free" }),
    ).toBeUndefined();
  });
});
