import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { openCheckpoint } from "../../checkpoints/checkpoint.js";
import { scriptedLanguageModel } from "../../generation/scripted-language-model.js";
import { evaluateModel } from "./evaluate.js";

let cache: string;
beforeEach(() => {
  cache = mkdtempSync(join(tmpdir(), "autodidact-evaluate-"));
  vi.stubEnv("AUTODIDACT_CACHE", join(cache, "autodidact"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(cache, { recursive: true });
});

it.each([[false], [true]])(
  "asks the same without a cache (%s) and leaves nothing there",
  async (isFile) => {
    if (isFile) writeFileSync(join(cache, "autodidact"), "");
    const languageModel = scriptedLanguageModel({ answers: ["small"] });
    const { responseLength } = await evaluateModel(
      { languageModel, checkpoint: await openCheckpoint("nursery/m0") },
      {
        heldOut: [{ family: "opposite", prompt: "the opposite of big is" }],
        ...{ judgeFixed: [], judgeTest: [] },
      },
      {
        ...{ samplesPerPrompt: 0, temperature: 0.7, maxTokens: 4 },
        ...{ resamples: 10, seed: 1, judge: null },
      },
      { verifier: null },
    );
    expect(responseLength).toBeGreaterThan(0);
    expect(readdirSync(cache)).toEqual(isFile ? ["autodidact"] : []);
  },
);

it("tries a judgement that cannot be read a second time, as judge does", async () => {
  const languageModel = scriptedLanguageModel({
    answers: Array.from({ length: 4 }, () => "no score at all"),
    optionLogprobs: () => [0.02, 0.02, 0.02, 0.02, 0.02, 0.9].map(Math.log),
  });
  const { judgeFixed } = await evaluateModel(
    { languageModel, checkpoint: await openCheckpoint("nursery/m0") },
    {
      heldOut: [{ family: "opposite", prompt: "the opposite of big is" }],
      judgeFixed: [
        { prompt: "the opposite of big is", right: "small", corrupted: "big" },
      ],
      judgeTest: [],
    },
    {
      ...{ samplesPerPrompt: 0, temperature: 0.7, maxTokens: 4 },
      ...{ resamples: 10, seed: 1 },
      judge: {
        template: "rate the answer . {prompt} {response}",
        answer: "score : {score}",
        reward: "samples",
        ...{ samples: 1, temperature: 0.7, topP: 0.9, maxTokens: 4, seed: 1 },
      },
    },
    { verifier: null },
  );
  expect(judgeFixed).toMatchObject({ prompts: 1, unjudged: 0 });
});
