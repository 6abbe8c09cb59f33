import { expect, it } from "vitest";
import { gathered } from "./gathered.js";
import type { GenerationRequest, LanguageModel } from "./language-model.js";

function request(prompt: string): GenerationRequest {
  return {
    prompt,
    n: 1,
    seed: 0,
    temperature: 0,
    topP: 1,
    topK: 0,
    maxTokens: 8,
    stop: [],
  };
}

function echo(): LanguageModel & { readonly batches: string[][] } {
  const batches: string[][] = [];
  return {
    identity: "echo",
    batches,
    generate: (requests) => {
      batches.push(requests.map(({ prompt }) => prompt as string));
      return requests.some(({ prompt }) => prompt === "bad")
        ? Promise.reject(new Error("no"))
        : Promise.resolve(
            requests.map(({ prompt }) => [
              { text: prompt as string, tokens: 1, finishReason: "stop" },
            ]),
          );
    },
    score: () => Promise.resolve([]),
  };
}

it("makes one batch of the requests of one turn, and gives each its answer", async () => {
  const model = echo();
  const { generate } = gathered(model);
  const answers = await Promise.all([
    generate([request("a")]),
    generate([request("b"), request("c")]),
  ]);
  expect(answers.flat(2).map(({ text }) => text)).toEqual(["a", "b", "c"]);
  await generate([request("d")]);
  expect(model.batches).toEqual([["a", "b", "c"], ["d"]]);
});

it("keeps requests under other signals apart", async () => {
  const model = echo();
  const { generate } = gathered(model);
  const [first, second] = await Promise.allSettled([
    generate([request("bad")], { signal: new AbortController().signal }),
    generate([request("b")], { signal: new AbortController().signal }),
  ]);
  expect(first.status).toBe("rejected");
  expect(second.status).toBe("fulfilled");
  expect(model.batches).toEqual([["bad"], ["b"]]);
});
