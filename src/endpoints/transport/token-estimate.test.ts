import { expect, it } from "vitest";
import { readUsage } from "../dialects/usage.js";
import { TokenEstimate } from "./token-estimate.js";

const request = (maxTokens: number) => ({
  maxTokens,
  promptBytes: 100,
  body: {},
});

it("expects thoughts that are counted beside the completion from every request alike", () => {
  const estimate = new TokenEstimate(0);
  expect(estimate.ahead(request(64)).completionTokens).toBe(64);
  const usage = readUsage({
    prompt_tokens: 300,
    completion_tokens: 60,
    total_tokens: 2360,
  });
  const used = estimate.afterwards(request(1024), {
    choices: [],
    ...(usage === undefined ? {} : { usage }),
  });
  // What the total has beyond the prompt, 2,000 of it beside the completion.
  expect(used.completionTokens).toBe(2060);
  expect(estimate.ahead(request(64)).completionTokens).toBe(64 + 2000);
  expect(estimate.ahead(request(1024)).completionTokens).toBe(1024 + 2000);
});

it("expects what an answer had beyond its maximum from the next ones", () => {
  const estimate = new TokenEstimate(0);
  const usage = readUsage({ prompt_tokens: 300, completion_tokens: 164 });
  estimate.afterwards(request(64), {
    choices: [],
    ...(usage === undefined ? {} : { usage }),
  });
  expect(estimate.ahead(request(64)).completionTokens).toBe(164);
});
