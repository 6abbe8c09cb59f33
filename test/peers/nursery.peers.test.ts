/**
 * @file The nursery's models are ordinary checkpoints: the real transformers loads them,
 * gives the same numbers and writes the same text.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { EmbeddedLanguageModel } from "../../src/generation/embedded-language-model.js";
import { PackedScorer } from "../../src/models/packed-scorer.js";
import { packSequences } from "../../src/models/packing.js";
import { loadParameters } from "../../src/models/parameters.js";
import { trainSft } from "../../src/training/sft.js";

const M0 = new URL("../../nursery/m0", import.meta.url).pathname;
const PROMPTS = [
  "the letters c a t s backwards are",
  "<|user|> reverse the letters : b i r d <|assistant|>",
  "mia says that the opposite of wet is",
  "<|user|> sort the digits : 8 3 5 1 <|assistant|>",
];
const TOKENS = 24;

interface PeerAnswer {
  readonly ids: readonly number[];
  /** Log-probabilities after the last token, [vocabulary]. */
  readonly last: readonly number[];
  readonly text: string;
}

let workspace = "";

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "autodidact-nursery-peer-"));
  await trainSft(
    {
      checkpoint: M0,
      output: join(workspace, "trained"),
      rows: [
        {
          prompt: [{ role: "user", content: "reverse the letters : c a t" }],
          completion: [{ role: "assistant", content: "t a c" }],
        },
      ],
      settings: {
        learningRate: 1e-3,
        epochs: 4,
        batchSize: 1,
        gradientAccumulation: 1,
        schedule: "linear",
        warmupRatio: 0,
        minLearningRateRatio: 0,
        weightDecay: 0,
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        maxGradNorm: 1,
        maxLength: 64,
        shuffle: false,
        seed: 1,
      },
    },
    openDevice("cpu"),
  );
});

afterAll(() => {
  rmSync(workspace, { recursive: true, force: true });
});

function askPeer(folder: string): PeerAnswer[] {
  const script = new URL("nursery-peer.py", import.meta.url).pathname;
  const { status, stdout, stderr } = spawnSync(
    process.env["AUTODIDACT_PYTHON"] ?? "python3",
    [script],
    {
      input: JSON.stringify({ folder, prompts: PROMPTS, tokens: TOKENS }),
      encoding: "utf8",
      maxBuffer: 1 << 26,
    },
  );
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout) as PeerAnswer[];
}

describe.each([
  ["M0 as committed", () => M0],
  ["a checkpoint written after training", () => join(workspace, "trained")],
])("%s", (_title, folderOf) => {
  test("has transformers' probabilities within 1e-4 and its greedy text", async () => {
    const peer = askPeer(folderOf());
    const checkpoint = await openCheckpoint(folderOf());
    const device = openDevice("cpu");
    const parameters = await loadParameters(checkpoint);
    const scorer = new PackedScorer(
      { config: checkpoint.config, base: parameters, adapter: null },
      device,
    );
    const vocabulary = Array.from(
      { length: checkpoint.config.vocabSize },
      (_, id) => id,
    );
    for (const { ids, last } of peer) {
      const batch = packSequences([
        { ids, completionStart: ids.length, options: vocabulary },
      ]);
      const ours = await scorer.logProbabilities(batch);
      last.forEach((expected, id) => {
        expect(Math.abs((ours[id] ?? Number.NaN) - expected)).toBeLessThan(
          1e-4 * Math.max(1, Math.abs(expected)),
        );
      });
    }
    await scorer.release();
    const model = await EmbeddedLanguageModel.load(checkpoint, device);
    const texts = await model.generate(
      PROMPTS.map((prompt) => ({
        prompt,
        n: 1,
        temperature: 0,
        topP: 1,
        topK: 0,
        maxTokens: TOKENS,
        stop: [],
        seed: 1,
      })),
    );
    await model.release();
    expect(texts.map(([sample]) => sample?.text.trim())).toEqual(
      peer.map(({ text }) => text.trim()),
    );
  });
});
