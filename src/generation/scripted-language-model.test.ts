import { expect, test } from "vitest";
import { AutodidactError } from "../foundation/error.js";
import type { GenerationRequest, OptionsRequest } from "./language-model.js";
import { scriptedLanguageModel } from "./scripted-language-model.js";

function ask(prompt: string, n = 1): GenerationRequest {
  return {
    prompt,
    n,
    seed: 1,
    temperature: 0,
    topP: 1,
    topK: 0,
    maxTokens: 8,
    stop: [],
  };
}

const rate: OptionsRequest = {
  prompt: "rate",
  prefix: "score : ",
  options: ["0", "1"],
};

test("listed answers are given request by request, sample by sample", async () => {
  const model = scriptedLanguageModel({ answers: ["a", "b", "c"] });
  const answers = await model.generate([ask("first", 2), ask("second")]);
  expect(answers.map((row) => row.map(({ text }) => text))).toEqual([
    ["a", "b"],
    ["c"],
  ]);
});

test("a function answers by request and sample, whatever else is asked", async () => {
  const model = scriptedLanguageModel({
    answers: ({ prompt }, sample) => `${JSON.stringify(prompt)} ${sample}`,
  });
  const [together] = await model.generate([ask("x", 2), ask("y")]);
  const [alone] = await model.generate([ask("x", 2)]);
  expect(together?.map(({ text }) => text)).toEqual(['"x" 0', '"x" 1']);
  expect(alone).toEqual(together);
});

test("a text counts one token a word and one for the end", async () => {
  const model = scriptedLanguageModel({ answers: [" two  words "] });
  expect(await model.generate([ask("x")])).toEqual([
    [{ text: " two  words ", tokens: 3, finishReason: "stop" }],
  ]);
});

test("a whole completion is given as it is", async () => {
  const cut = { text: "half an", tokens: 2, finishReason: "length" } as const;
  const model = scriptedLanguageModel({ answers: [cut] });
  expect(await model.generate([ask("x")])).toEqual([[cut]]);
});

test("scores and option log-probabilities come from the script's functions", async () => {
  const model = scriptedLanguageModel({
    score: ({ completion }) => ({
      logprob: -completion.length,
      tokens: 1,
    }),
    optionLogprobs: ({ options }) => options.map(() => Math.log(0.5)),
  });
  expect(await model.score([{ prompt: "x", completion: "abc" }])).toEqual([
    { logprob: -3, tokens: 1 },
  ]);
  expect(await model.optionLogprobs?.([rate])).toEqual([
    [Math.log(0.5), Math.log(0.5)],
  ]);
});

test("without option log-probabilities it is a model that does not tell them", () => {
  expect(scriptedLanguageModel({}).optionLogprobs).toBeUndefined();
});

test("every call is remembered with its requests, in order", async () => {
  const model = scriptedLanguageModel({
    answers: ["a"],
    score: () => ({ logprob: 0, tokens: 0 }),
    optionLogprobs: () => [0, 0],
  });
  const pair = { prompt: "x", completion: "y" };
  await model.generate([ask("x")]);
  await model.score([pair]);
  await model.optionLogprobs?.([rate]);
  expect(model.calls).toEqual([
    { method: "generate", requests: [ask("x")] },
    { method: "score", requests: [pair] },
    { method: "optionLogprobs", requests: [rate] },
  ]);
});

test("more than the script holds is an error, not an empty answer", async () => {
  const model = scriptedLanguageModel({ answers: ["only one"] });
  await expect(model.generate([ask("x", 2)])).rejects.toThrow(
    /holds 1 answers, and one more was asked for/,
  );
  await expect(
    model.score([{ prompt: "x", completion: "y" }]),
  ).rejects.toBeInstanceOf(AutodidactError);
});

test("it tells its progress and stops when asked to", async () => {
  const model = scriptedLanguageModel({ answers: () => "a" });
  const done: number[] = [];
  await model.generate([ask("x"), ask("y")], {
    onProgress: (count) => done.push(count),
  });
  expect(done).toEqual([1, 2]);
  await expect(
    model.generate([ask("x")], {
      signal: AbortSignal.abort(new Error("stop")),
    }),
  ).rejects.toThrow("stop");
});
