/**
 * @file What is generated for a request depends on that request alone, and the cache
 * says what a plain forward pass says.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  openCheckpoint,
  type Checkpoint,
} from "../../src/checkpoints/checkpoint.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import {
  compile,
  liveExecutables,
  type Executable,
} from "../../src/engine/runtime/executable.js";
import { decode } from "../../src/generation/decoding.js";
import type {
  DecodedSample,
  DecodingRequest,
} from "../../src/generation/decoding-batch.js";
import { EmbeddedLanguageModel } from "../../src/generation/embedded-language-model.js";
import type { GenerationRequest } from "../../src/generation/language-model.js";
import { buildInferenceGraph } from "../../src/models/inference-graph.js";
import { joinProjections } from "../../src/models/joined-projections.js";
import { PackedScorer } from "../../src/models/packed-scorer.js";
import { packSequences } from "../../src/models/packing.js";
import {
  loadParameters,
  type ParameterSet,
} from "../../src/models/parameters.js";
import { TINY_LLAMA } from "./tiny-model.js";

const device = openDevice("cpu");

const PROMPTS = [
  "The quick brown fox jumps over the lazy dog",
  "She sells",
  "What is the sum of 12 and 30?",
  "one",
  "Write the letters of the word",
  "Answer the question:",
  "The lazy dog sleeps on the shore and",
] as const;

/** Requests that differ in everything: length, samples, temperature, cut-offs, seed. */
const REQUESTS: readonly GenerationRequest[] = PROMPTS.map((prompt, i) => ({
  prompt,
  n: 1 + (i % 3),
  temperature: [0, 0.7, 1, 1.5][i % 4] ?? 1,
  topP: i % 2 === 0 ? 0.9 : 1,
  topK: i % 3 === 0 ? 20 : 0,
  maxTokens: 8 + 7 * i,
  stop: i === 2 ? ["e"] : [],
  seed: 100 + i,
}));

describe.each(["float32", "int8"] as const)(
  "answers of %s weights",
  (format) => {
    let model: EmbeddedLanguageModel;
    let together: readonly (readonly unknown[])[];
    beforeAll(async () => {
      model = await EmbeddedLanguageModel.load(
        await openCheckpoint(TINY_LLAMA),
        device,
        format,
      );
      together = await model.generate(REQUESTS);
    });
    afterAll(() => model.release());

    const texts = (
      rows: readonly (readonly unknown[])[],
    ): readonly (readonly string[])[] =>
      (rows as readonly (readonly { readonly text: string }[])[]).map((row) =>
        row.map(({ text }) => text),
      );

    it("are as many as were asked for, and no two sampled requests alike", () => {
      expect(together.map((row) => row.length)).toEqual(
        REQUESTS.map(({ n }) => n),
      );
      expect(new Set(texts(together).flat()).size).toBeGreaterThan(8);
    });

    it("are the same one request at a time", async () => {
      const single: (readonly unknown[])[] = [];
      for (const request of REQUESTS)
        single.push(...(await model.generate([request])));
      expect(texts(single)).toEqual(texts(together));
    });

    it("are the same in another order, among other requests", async () => {
      const others = REQUESTS.map((request) => ({ ...request, seed: 7, n: 4 }));
      const mixed = await model.generate([...others, ...REQUESTS].reverse());
      const ours = [...mixed].reverse().slice(others.length);
      expect(texts(ours)).toEqual(texts(together));
    });

    it("are the same when asked for again, to the last bit", async () => {
      expect(await model.generate(REQUESTS)).toEqual(together);
    });

    it("keep their first samples when more are asked for", async () => {
      const more = await model.generate(
        REQUESTS.map((request) => ({ ...request, n: request.n + 2 })),
      );
      expect(texts(more).map((row, i) => row.slice(0, REQUESTS[i]?.n))).toEqual(
        texts(together),
      );
    });

    it("change with the seed", async () => {
      const others = await model.generate(
        REQUESTS.map((request) => ({ ...request, seed: request.seed + 1 })),
      );
      const changed = texts(others).map(
        (row, i) => JSON.stringify(row) !== JSON.stringify(texts(together)[i]),
      );
      expect(changed).toEqual(
        REQUESTS.map(({ temperature }) => temperature > 0),
      );
    });

    it("end before a stop text and never contain it", () => {
      const stopped = (
        together as readonly (readonly {
          readonly text: string;
          readonly finishReason: string;
        }[])[]
      )[2];
      for (const { text } of stopped ?? []) expect(text).not.toContain("e");
      expect(stopped?.map(({ finishReason }) => finishReason)).toContain(
        "stop",
      );
    });
  },
);

describe.each(["llama", "mistral", "gemma2", "phi3"])(
  "the cache of %s",
  (family) => {
    let checkpoint: Checkpoint;
    let parameters: ParameterSet;
    let executable: Executable;
    let batched: DecodedSample[][];
    beforeAll(async () => {
      checkpoint = await openCheckpoint(`test/fixtures/checkpoints/${family}`);
      parameters = await loadParameters(checkpoint);
      const { config } = checkpoint;
      executable = await compile(
        buildInferenceGraph(joinProjections(config, parameters.tensors), {
          capacity: config.maxPositions,
          vocabulary: config.vocabSize,
        }),
        device,
      );
      batched = await sample(requests);
    });
    afterAll(() => executable.release());

    const requests: readonly DecodingRequest[] = [5, 23, 1, 40].map(
      (length, i) => ({
        promptIds: Array.from({ length }, (_, t) => 3 + ((7 * t + i) % 90)),
        n: 3,
        seed: i,
        maxTokens: 30,
        temperature: 1,
        topP: 1,
        topK: 0,
        ended: null,
      }),
    );

    function sample(
      some: readonly DecodingRequest[],
    ): Promise<DecodedSample[][]> {
      const { config } = checkpoint;
      const vocabulary = config.vocabSize;
      const eosTokenIds = new Set<number>();
      return decode({ config, executable, eosTokenIds, vocabulary }, some);
    }

    it("gives the log-probabilities of a plain forward pass", async () => {
      const { config } = checkpoint;
      const scorer = new PackedScorer(
        { config, base: parameters, adapter: null },
        device,
      );
      const written = batched.flatMap((row, i) =>
        row.map(({ ids, logprobs }) => ({
          promptIds: requests[i]?.promptIds ?? [],
          ids,
          logprobs,
        })),
      );
      const batch = packSequences(
        written.map(({ promptIds, ids }) => ({
          ids: [...promptIds, ...ids],
          completionStart: promptIds.length,
        })),
      );
      const scored = await scorer.logProbabilities(batch);
      await scorer.release();
      const cached = written.flatMap(({ logprobs }) => logprobs);
      const distances = cached.map((logprob, slot) =>
        Math.abs(logprob - (scored[slot] ?? Number.NaN)),
      );
      expect(cached).toHaveLength(4 * 3 * 30);
      expect(Math.max(...distances)).toBeLessThan(1e-4);
    });

    it("gives the same tokens alone and in company, with probabilities equal up to rounding", async () => {
      const alone: DecodedSample[][] = [];
      for (const request of requests) alone.push(...(await sample([request])));
      const tokens = (rows: readonly (readonly DecodedSample[])[]) =>
        rows.map((row) => row.map(({ ids }) => ids));
      expect(tokens(alone)).toEqual(tokens(batched));
      // The same bits on the machines measured; other kernels may sum in another order.
      const logprobs = (rows: readonly (readonly DecodedSample[])[]) =>
        rows.flatMap((row) => row.flatMap((one) => one.logprobs));
      const expected = logprobs(batched);
      const distances = logprobs(alone).map((logprob, i) =>
        Math.abs(logprob - (expected[i] ?? Number.NaN)),
      );
      expect(Math.max(...distances)).toBeLessThan(1e-4);
    });
  },
);

it("leaves nothing compiled behind", async () => {
  const before = liveExecutables();
  const model = await EmbeddedLanguageModel.load(
    await openCheckpoint(TINY_LLAMA),
    device,
  );
  await model.generate(REQUESTS.slice(0, 2));
  await model.score([{ prompt: "She sells", completion: " sea shells" }]);
  expect(liveExecutables()).toBe(before + 2);
  await model.release();
  expect(liveExecutables()).toBe(before);
});
