/**
 * @file Checkpoints that real vLLM serves by their adapters, beside the embedded engine with
 * the merged weights. Runs where AUTODIDACT_VLLM_ADAPTERS is set: a start takes minutes.
 */
import { rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDevice } from "../../src/engine/runtime/device.js";
import { readJsonLines } from "../../src/foundation/json-lines.js";
import type { LanguageModel } from "../../src/generation/language-model.js";
import { withLoadedModel } from "../../src/generation/loaded-model.js";
import { embeddedTrainer } from "../../src/training/embedded-trainer.js";
import { SFT_SETTINGS } from "../invariants/tiny-model.js";
import { cpuVllm } from "./vllm.js";

const TOLERANCE = 1e-4;
const RANK = 8;
const M0 = resolve("nursery/m0");

describe.runIf(process.env["AUTODIDACT_VLLM_ADAPTERS"] !== undefined)(
  "models that vLLM serves by adapters",
  () => {
    const { host, folder } = cpuVllm({ loraRank: 2 * RANK });
    const [m1, m2] = ["M1", "M2"].map((name) => join(folder, name)) as [
      string,
      string,
    ];
    const prompts: string[] = [];
    /** The first score that each model gave. */
    const scored = new Map<string, number>();

    beforeAll(async () => {
      const rows: { prompt: string; completion: string }[] = [];
      for await (const { value } of readJsonLines(
        "nursery/seeds/held-out.jsonl",
      )) {
        const { prompt } = value as { prompt: string };
        prompts.push(prompt);
        rows.push({ prompt, completion: " one two three" });
        if (rows.length === 32) break;
      }
      const trainer = embeddedTrainer(openDevice("cpu"));
      for (const [seed, checkpoint, output] of [
        [1, M0, m1],
        [2, m1, m2],
      ] as const)
        await trainer.sft({
          ...{ checkpoint, output, rows, adapterOutput: `${output}-adapter` },
          settings: {
            ...{ ...SFT_SETTINGS, seed, epochs: 1, learningRate: 1e-3 },
            lora: { rank: RANK, alpha: 16, targets: null, output: "merged" },
          },
        });
    }, 300_000);

    afterAll(async () => {
      await host.release();
      rmSync(folder, { recursive: true });
    }, 60_000);

    const ask = async (model: LanguageModel) => {
      const answers = await model.generate(
        prompts.map((content) => ({
          prompt: [{ role: "user" as const, content }],
          ...{ n: 1, seed: 1, temperature: 0, topP: 1, topK: 0 },
          ...{ maxTokens: 16, stop: [] },
        })),
      );
      const scores = await model.score(
        prompts.map((content) => ({
          prompt: [{ role: "user", content }],
          completion: [{ role: "assistant", content: "one two" }],
        })),
      );
      return {
        texts: answers.flat().map(({ text }) => text),
        scores: scores.map(({ logprob }) => logprob),
      };
    };

    it.each([
      ["M1 over M0", m1],
      ["M2 over both", m2],
      ["M0 alone, after them", M0],
      ["M2 again", m2],
    ])(
      "%s has the merged weights' texts and log-probabilities",
      { timeout: 1_200_000 },
      async (_, model) => {
        const ours = await withLoadedModel(
          { model, device: openDevice("cpu") },
          ({ languageModel }) => ask(languageModel),
        );
        const theirs = await host.withModel(model, ask);
        const worst = Math.max(
          ...ours.scores.map((score, i) =>
            Math.abs(score - (theirs.scores[i] ?? NaN)),
          ),
        );
        process.stderr.write(`${worst}\n`);
        expect(theirs.texts).toEqual(ours.texts);
        expect(worst).toBeLessThan(TOLERANCE);
        // An adapter that changed nothing would be right as well.
        const [first = NaN] = ours.scores;
        const others = [...scored].filter(([other]) => other !== model);
        for (const [, score] of others)
          expect(Math.abs(first - score)).toBeGreaterThan(100 * TOLERANCE);
        scored.set(model, first);
      },
    );
  },
);
