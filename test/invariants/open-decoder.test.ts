/**
 * @file Requests that come one by one get what they get alone, whatever else is running,
 * what is given up leaves nothing behind, and nobody is overtaken.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import type { DecoderConfig } from "../../src/checkpoints/config/decoder-config.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import {
  compile,
  type Executable,
} from "../../src/engine/runtime/executable.js";
import { decode } from "../../src/generation/decoding.js";
import type {
  DecodedToken,
  DecodingModel,
  DecodingRequest,
} from "../../src/generation/decoding-batch.js";
import { OpenDecoder } from "../../src/generation/open-decoder.js";
import { OpenScorer } from "../../src/generation/open-scorer.js";
import { buildInferenceGraph } from "../../src/models/inference-graph.js";
import { joinProjections } from "../../src/models/joined-projections.js";
import { PackedScorer } from "../../src/models/packed-scorer.js";
import {
  loadParameters,
  type ParameterSet,
} from "../../src/models/parameters.js";
import { TINY_LLAMA } from "./tiny-model.js";

const device = openDevice("cpu");
/** More than a new batch has memory for. */
const POSITIONS = 600;
const never = new AbortController().signal;

let config: DecoderConfig;
let base: ParameterSet;
let executable: Executable;
let model: DecodingModel;
beforeAll(async () => {
  const checkpoint = await openCheckpoint(TINY_LLAMA);
  config = checkpoint.config;
  base = await loadParameters(checkpoint);
  executable = await compile(
    buildInferenceGraph(joinProjections(config, base.tensors), {
      capacity: POSITIONS,
      vocabulary: config.vocabSize,
    }),
    device,
  );
  model = {
    config,
    executable,
    eosTokenIds: new Set(),
    vocabulary: config.vocabSize,
  };
});
afterAll(() => executable.release());

function request(
  length: number,
  changes: Partial<DecodingRequest> = {},
): DecodingRequest {
  return {
    promptIds: Array.from({ length }, (_, t) => 3 + ((7 * t + length) % 90)),
    n: 1,
    seed: length,
    maxTokens: 12,
    temperature: 1,
    topP: 1,
    topK: 0,
    ended: null,
    ...changes,
  };
}

/** Lets the decoder do some turns. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await new Promise(setImmediate);
}

it("gives what a request gets alone, whenever it comes", async () => {
  const requests = [5, 40, 1, 23, 9, 60, 17].map((length, i) =>
    request(length, {
      n: 1 + (i % 3),
      temperature: i % 2,
      maxTokens: 4 + 9 * i,
    }),
  );
  const decoder = new OpenDecoder(model, 4);
  const answers: Promise<unknown>[] = [];
  for (const [i, each] of requests.entries()) {
    answers.push(decoder.decode(each, never));
    await turns(5 * i);
  }
  for (const [i, answer] of answers.entries()) {
    const [alone] = await decode(model, [requests[i] as DecodingRequest]);
    expect((await answer) as unknown[]).toEqual(
      alone?.map(({ ids, finishReason }) => ({
        ids,
        finishReason,
        logprobs: expect.anything() as unknown,
      })),
    );
  }
});

it("goes beyond the positions that a batch begins with", async () => {
  const long = request(10, { maxTokens: POSITIONS - 10 });
  const decoder = new OpenDecoder(model, 2);
  const [answer, other] = await Promise.all([
    decoder.decode(long, never),
    decoder.decode(request(30, { maxTokens: 200 }), never),
  ]);
  const [[alone] = []] = await decode(model, [long]);
  expect(answer[0]?.ids).toEqual(alone?.ids);
  expect(other[0]?.ids).toHaveLength(200);
});

it("lets what is given up go and keeps the rest as it was", async () => {
  const decoder = new OpenDecoder(model, 4);
  const stop = new AbortController();
  let tokens = 0;
  const reason = new Error("hung up");
  const abandoned = decoder.decode(
    request(8, {
      n: 2,
      maxTokens: 100,
      onToken: () => {
        if (++tokens === 6) stop.abort(reason);
      },
    }),
    stop.signal,
  );
  const kept = request(20, { n: 2, maxTokens: 30 });
  const answer = decoder.decode(kept, never);
  const waiting = decoder.decode(request(6), stop.signal);
  await expect(abandoned).rejects.toBe(reason);
  await expect(waiting).rejects.toBe(reason);
  const [alone] = await decode(model, [kept]);
  expect((await answer).map(({ ids }) => ids)).toEqual(
    alone?.map(({ ids }) => ids),
  );
  expect(tokens).toBeLessThan(12);
  // All slots are free again.
  expect(await decoder.decode(request(3, { n: 4 }), never)).toHaveLength(4);
});

it("lets nobody overtake one that needs more slots", async () => {
  const decoder = new OpenDecoder(model, 2);
  const began: string[] = [];
  const named = (name: string, changes: Partial<DecodingRequest>) =>
    decoder.decode(
      request(5, {
        ...changes,
        onToken: () => {
          if (began.at(-1) !== name) began.push(name);
        },
      }),
      never,
    );
  const first = named("one slot", { maxTokens: 20 });
  await turns(20);
  await Promise.all([
    first,
    named("two slots", { n: 2, maxTokens: 5 }),
    named("one slot, later", {}),
  ]);
  expect(began).toEqual(["one slot", "two slots", "one slot, later"]);
});

it("fails those whom a failure hits, and goes on with the next", async () => {
  let fails = 0;
  const failing: DecodingModel = {
    ...model,
    executable: {
      ...executable,
      run: (feeds, options) => {
        if (fails-- === 1) throw new Error("out of memory");
        return executable.run(feeds, options);
      },
    },
  };
  const decoder = new OpenDecoder(failing, 2);
  for (const place of [1, 4]) {
    fails = place;
    await expect(decoder.decode(request(5, { n: 2 }), never)).rejects.toThrow(
      "out of memory",
    );
  }
  const [alone] = await decode(model, [request(5)]);
  expect((await decoder.decode(request(5), never))[0]?.ids).toEqual(
    alone?.[0]?.ids,
  );
});

it("tells the likeliest tokens of each place, as scoring the text does", async () => {
  const told: DecodedToken[] = [];
  const prompt = request(20, {
    temperature: 0,
    alternatives: 5,
    onToken: (_, token) => told.push(token),
  });
  const decoder = new OpenDecoder(model, 2);
  const [answer] = await decoder.decode(prompt, never);
  const packed = new PackedScorer({ config, base, adapter: null }, device, 5);
  const scorer = new OpenScorer(packed, 4096);
  const ids = [...prompt.promptIds, ...(answer?.ids ?? [])];
  const [scored, single] = await Promise.all([
    scorer.score(ids, never),
    scorer.score([3], never),
    scorer.score([...ids].reverse(), never),
  ]);
  await packed.release();
  expect(single).toEqual([]);
  expect(scored).toHaveLength(ids.length - 1);
  expect(told.map(({ token }) => token)).toEqual(answer?.ids);
  for (const [i, token] of told.entries()) {
    const place = scored[prompt.promptIds.length - 1 + i];
    expect(token.alternatives.map((each) => each.token)).toEqual(
      place?.alternatives.map((each) => each.token),
    );
    expect(token.alternatives[0]?.token).toBe(token.token);
    expect(place?.logprob).toBe(place?.alternatives[0]?.logprob);
    expect(place?.logprob).toBeCloseTo(token.logprob, 4);
    for (const [k, { logprob }] of token.alternatives.entries())
      expect(place?.alternatives[k]?.logprob).toBeCloseTo(logprob, 4);
  }
});
