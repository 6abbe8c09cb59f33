/**
 * @file GGUF export against the real llama.cpp: it loads what we export, and adds
 * the greedy tokens that transformers adds.
 */
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  openCheckpoint,
  saveCheckpoint,
  type Checkpoint,
} from "../../src/checkpoints/checkpoint.js";
import type { DecoderConfig } from "../../src/checkpoints/config/decoder-config.js";
import { exportGguf } from "../../src/gguf/gguf.js";
import type { GgmlType } from "../../src/gguf/gguf-file.js";
import { fixturesWith } from "../golden/family-cases.js";
import {
  greedyTokens,
  openLlama,
  type Llama,
  type LlamaModel,
  type LlamaSequence,
} from "./llama-cpp.js";

const run = promisify(execFile);
const PYTHON = process.env["AUTODIDACT_PYTHON"] ?? "python3";
const FIXTURES = "test/fixtures/checkpoints";
let work: string;
let llama: Llama;
beforeAll(async () => {
  // One thread: llama.cpp's spin locks crawl on a busy machine.
  llama = await openLlama(1);
  work = await mkdtemp(join(tmpdir(), "gguf-peers-"));
});
afterAll(async () => {
  await llama.dispose();
  await rm(work, { recursive: true });
});

async function withLlama<T>(
  checkpoint: Checkpoint,
  type: GgmlType,
  use: (model: LlamaModel) => Promise<T>,
): Promise<T> {
  const path = join(work, "model.gguf");
  await exportGguf({ checkpoint, path, type });
  const model = await llama.loadModel({ modelPath: path, useMmap: false });
  try {
    return await use(model);
  } finally {
    await model.dispose();
  }
}

async function withSequence<T>(
  model: LlamaModel,
  use: (sequence: LlamaSequence) => Promise<T>,
  batchSize = 128,
): Promise<T> {
  const context = await model.createContext({
    contextSize: 128,
    batchSize,
    threads: 1,
    flashAttention: false,
    experimentalKvCacheKeyType: "F32",
    experimentalKvCacheValueType: "F32",
  });
  try {
    return await use(context.getSequence());
  } finally {
    await context.dispose();
  }
}

function greedy(
  model: LlamaModel,
  row: readonly number[],
  count: number,
): Promise<number[]> {
  return withSequence(model, (sequence) => greedyTokens(sequence, row, count));
}

async function fixture(family: string): Promise<{
  readonly rows: readonly (readonly number[])[];
  readonly continuations: readonly (readonly number[])[];
}> {
  const { logits, greedy } = JSON.parse(
    await readFile(join(FIXTURES, family, "expected.json"), "utf8"),
  ) as {
    logits: { rows: number[][] };
    greedy: { continuations: number[][] };
  };
  return { rows: logits.rows, continuations: greedy.continuations };
}

describe.each(fixturesWith("gguf"))("%s in llama.cpp", (family) => {
  it.each(["f32", "f16"] as const)(
    "adds the 64 greedy tokens of transformers to each row (%s)",
    async (type) => {
      const checkpoint = await openCheckpoint(join(FIXTURES, family));
      const { rows, continuations } = await fixture(family);
      await withLlama(checkpoint, type, async (model) => {
        for (const [index, row] of rows.entries())
          expect(await greedy(model, row, 64)).toEqual(continuations[index]);
      });
    },
  );

  it("predicts nearly the same next tokens with 8-bit weights", async () => {
    const checkpoint = await openCheckpoint(join(FIXTURES, family));
    const { rows, continuations } = await fixture(family);
    const [prompt = [], continuation = []] = [rows[0], continuations[0]];
    const text = [...prompt, ...continuation];
    const predicted = await withLlama(checkpoint, "q8_0", (model) =>
      withSequence(
        model,
        (sequence) =>
          sequence.controlledEvaluate(
            text.map((token) => [
              token,
              { generateNext: { token: true, options: { temperature: 0 } } },
            ]),
          ),
        // Its AMX kernel for 8-bit blocks gives other numbers than its other kernels for
        // matrices as small as these; a single row does not go there.
        1,
      ),
    );
    const first = prompt.length - 1;
    const agreeing = continuation.filter(
      (token, i) => predicted[first + i]?.next.token === token,
    );
    // Random weights decide by small margins; a wrong layout agrees by chance only.
    expect(agreeing.length).toBeGreaterThan(0.8 * continuation.length);
  });

  it("reads text as the checkpoint's tokenizer does", async () => {
    const checkpoint = await openCheckpoint(join(FIXTURES, family));
    await withLlama(checkpoint, "f16", async (model) => {
      for (const text of [
        "Hello world, it's 1234 o'clock",
        "中文 naïve 👍🏽",
        "two  spaces\n\nand lines",
      ])
        expect(model.tokenize(text, false)).toEqual(
          await withoutBos(checkpoint, text),
        );
    });
  });
});

function withoutBos(
  { tokenizer }: Checkpoint,
  text: string,
): Promise<number[]> {
  return tokenizer.encode(text, { addSpecialTokens: false });
}

it("reads and writes the nursery's words as its tokenizer does", async () => {
  const checkpoint = await openCheckpoint("nursery/m0");
  const { tokenizer } = checkpoint;
  const prompt = tokenizer.applyChatTemplate(
    [{ role: "user", content: "reverse the letters : c a t" }],
    { addGenerationPrompt: true },
  );
  const ids = await tokenizer.encode(prompt, { addSpecialTokens: false });
  const written = "<|user|> reverse the letters : c a t <|assistant|>";
  expect(tokenizer.trust(written)).toBe(prompt);
  await withLlama(checkpoint, "f16", async (model) => {
    expect(model.tokenize(written, true)).toEqual(ids);
    expect(model.detokenize(ids.slice(1, 5), false).trim()).toBe(
      await tokenizer.decode(ids.slice(1, 5)),
    );
  });
});

/** Variants of fixtures that llama.cpp can compute, by what is changed. */
const VARIANTS: readonly [string, (config: DecoderConfig) => DecoderConfig][] =
  [
    ["mistral", withoutWindows],
    ["qwen3", withoutWindows],
    [
      "smollm3",
      (config) => ({
        ...config,
        layers: [0, 0, 0, 1].map((layer) => config.layers[layer]!),
      }),
    ],
  ];

function withoutWindows(config: DecoderConfig): DecoderConfig {
  const layers = config.layers.map((layer) => ({
    ...layer,
    slidingWindow: null,
  }));
  return { ...config, layers };
}

it.each(VARIANTS)(
  "computes %s as transformers does where llama.cpp can",
  async (family, change) => {
    const source = await openCheckpoint(join(FIXTURES, family));
    const folder = join(work, family);
    await saveCheckpoint({
      folder,
      config: change(source.config),
      tokenizerFrom: source.folder,
      // Layers beyond the fixture's two repeat them.
      readParameter: (name) =>
        source.readParameter(
          name.replace(/layers\.(\d)/, (_, n) => `layers.${Number(n) % 2}`),
        ),
    });
    const { rows } = await fixture(family);
    const child = run(PYTHON, ["test/peers/checkpoints-peer.py"], {
      maxBuffer: 1 << 26,
    });
    child.child.stdin?.end(JSON.stringify([{ folder, rows, greedy: 24 }]));
    const [finding] = JSON.parse((await child).stdout) as {
      greedy: number[][];
    }[];
    const checkpoint = await openCheckpoint(folder);
    await withLlama(checkpoint, "f32", async (model) => {
      for (const [index, row] of rows.entries())
        expect(await greedy(model, row, 24)).toEqual(finding?.greedy[index]);
    });
  },
);
