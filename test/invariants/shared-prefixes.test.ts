/**
 * @file What prompts share is computed once, and nobody can tell from the answers: with
 * and without sharing, alone and in company, in stretches of any length.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  openCheckpoint,
  type Checkpoint,
} from "../../src/checkpoints/checkpoint.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { int8Levels } from "../../src/engine/runtime/int8-range.js";
import {
  compile,
  type Executable,
} from "../../src/engine/runtime/executable.js";
import { decode } from "../../src/generation/decoding.js";
import type {
  DecodedSample,
  DecodingRequest,
} from "../../src/generation/decoding-batch.js";
import { EmbeddedLanguageModel } from "../../src/generation/embedded-language-model.js";
import type { SharingLimits } from "../../src/generation/prefix-tree.js";
import { encodeOptions } from "../../src/models/encode-options.js";
import { buildInferenceGraph } from "../../src/models/inference-graph.js";
import { joinProjections } from "../../src/models/joined-projections.js";
import { PackedScorer } from "../../src/models/packed-scorer.js";
import { packSequences } from "../../src/models/packing.js";
import { loadParameters } from "../../src/models/parameters.js";
import { loadQuantized } from "../../src/models/quantized-weights.js";
import { TINY_LLAMA } from "./tiny-model.js";

const device = openDevice("cpu");

const SHARED: SharingLimits = { shortest: 3, spared: 3, longest: 100 };
const CUT: SharingLimits = { ...SHARED, longest: 7 };
const APART: SharingLimits = {
  ...SHARED,
  shortest: Number.POSITIVE_INFINITY,
};
/** As for the cache against a plain forward pass: other kernels may sum in another order. */
const TOLERANCE = 1e-4;

/** A rubric, two requests in it, answers to each; one prompt that shares nothing, one twice. */
const PROMPTS: readonly (readonly number[])[] = (() => {
  const draw = (length: number, seed: number) =>
    Array.from({ length }, (_, t) => 3 + ((7 * t + 13 * seed) % 90));
  const rubric = draw(21, 1);
  const prompts = [2, 3].flatMap((request) =>
    [4, 5, 6].map((answer) => [
      ...rubric,
      ...draw(4 + request, request),
      ...draw(answer, 10 * request + answer),
    ]),
  );
  return [...prompts, draw(30, 9), prompts[1] ?? [], rubric];
})();

function requests(temperature: number): DecodingRequest[] {
  return PROMPTS.map((promptIds, seed) => ({
    promptIds,
    n: temperature === 0 ? 1 : 3,
    seed,
    maxTokens: 24,
    temperature,
    topP: 1,
    topK: 0,
    ended: null,
  }));
}

const tokens = (rows: readonly (readonly DecodedSample[])[]) =>
  rows.map((row) => row.map(({ ids }) => ids));
const logprobs = (rows: readonly (readonly DecodedSample[])[]) =>
  rows.flatMap((row) => row.flatMap((one) => one.logprobs));

function distance(a: readonly number[], b: readonly number[]): number {
  expect(a).toHaveLength(b.length);
  return Math.max(
    ...a.map((value, i) => Math.abs(value - (b[i] ?? Number.NaN))),
  );
}

describe.each([
  { family: "llama", format: "float32" },
  { family: "llama", format: "int8" },
  { family: "mistral", format: "float32" },
  { family: "gemma2", format: "float32" },
  { family: "phi3", format: "float32" },
] as const)("prompts with shared beginnings, $family $format", (one) => {
  let checkpoint: Checkpoint;
  let executable: Executable;
  /** Prompt tokens that were run, padding included. */
  let prefilled = 0;

  beforeAll(async () => {
    checkpoint = await openCheckpoint(
      `test/fixtures/checkpoints/${one.family}`,
    );
    const { config } = checkpoint;
    const { base, quantized } =
      one.format === "int8"
        ? await loadQuantized(checkpoint, await int8Levels(device))
        : { base: await loadParameters(checkpoint), quantized: {} };
    const model = joinProjections(config, { ...base.tensors, ...quantized });
    const compiled = await compile(
      buildInferenceGraph(model, {
        capacity: config.maxPositions,
        vocabulary: config.vocabSize,
      }),
      device,
    );
    executable = {
      run: (feeds) => {
        const [rows = 0, width = 0] = feeds["ids"]?.shape ?? [];
        if (width > 1) prefilled += rows * width;
        return compiled.run(feeds);
      },
      release: () => compiled.release(),
    };
  });
  afterAll(() => executable.release());

  function sample(
    some: readonly DecodingRequest[],
    sharing: SharingLimits,
  ): Promise<DecodedSample[][]> {
    const { config } = checkpoint;
    const model = {
      config,
      executable,
      eosTokenIds: new Set<number>(),
      vocabulary: config.vocabSize,
    };
    return decode(model, some, { sharing });
  }

  it.each([0, 1])(
    "are answered the same shared, cut and apart, at temperature %s",
    async (temperature) => {
      const apart = await sample(requests(temperature), APART);
      for (const limits of [SHARED, CUT]) {
        const shared = await sample(requests(temperature), limits);
        expect(tokens(shared)).toEqual(tokens(apart));
        expect(distance(logprobs(shared), logprobs(apart))).toBeLessThan(
          TOLERANCE,
        );
      }
    },
  );

  it("are answered the same one at a time", async () => {
    const together = await sample(requests(1), SHARED);
    const alone: DecodedSample[][] = [];
    for (const request of requests(1))
      alone.push(...(await sample([request], SHARED)));
    expect(tokens(alone)).toEqual(tokens(together));
    expect(distance(logprobs(alone), logprobs(together))).toBeLessThan(
      TOLERANCE,
    );
  });

  it("are computed once where they are the same", async () => {
    prefilled = 0;
    await sample(requests(1), APART);
    const apart = prefilled;
    prefilled = 0;
    await sample(requests(1), SHARED);
    expect(prefilled).toBeLessThan(apart / 2);
  });
});

it("weighs options behind shared beginnings as the packed rows do", async () => {
  const checkpoint = await openCheckpoint(TINY_LLAMA);
  const { config, tokenizer } = checkpoint;
  const base = await loadParameters(checkpoint);
  const rubric =
    "The quick brown fox jumps over the lazy dog. She sells sea shells on the shore. Answer the question: ";
  const questions = ["What is the sum of 12 and 30?", "Why?"].flatMap(
    (request) =>
      [" 42", " Because the fox is quick.", " one"].map((answer) => ({
        prompt: `${rubric}${request}${answer} Score:`,
        prefix: " ",
        options: ["1", "2", "3"],
      })),
  );
  const model = await EmbeddedLanguageModel.load(checkpoint, device);
  const found = await model.optionLogprobs(questions);
  await model.release();
  const scorer = new PackedScorer({ config, base, adapter: null }, device);
  const expected = await scorer.logProbabilities(
    packSequences(await encodeOptions(tokenizer, questions)),
  );
  await scorer.release();
  const weighed = [...expected.slice(0, found.flat().length)];
  expect(distance(found.flat(), weighed)).toBeLessThan(TOLERANCE);
});
