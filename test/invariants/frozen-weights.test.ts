/**
 * @file Weights that a graph reads from a file of the cache give the numbers of those in
 * memory, to the bit; and a cache that vanishes meanwhile changes nothing.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  openCheckpoint,
  type Checkpoint,
} from "../../src/checkpoints/checkpoint.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { compile } from "../../src/engine/runtime/executable.js";
import {
  frozenWeights,
  type FrozenWeights,
} from "../../src/models/frozen-weights.js";
import { extend } from "../../src/models/inference-calls.js";
import { buildInferenceGraph } from "../../src/models/inference-graph.js";
import { PackedScorer } from "../../src/models/packed-scorer.js";
import { packSequences } from "../../src/models/packing.js";
import { loadParameters } from "../../src/models/parameters.js";
import { weightCache } from "../../src/models/weight-cache.js";

const device = openDevice("cpu");
const ROWS = [5, 17, 40].map((length, i) =>
  Array.from({ length }, (_, t) => 3 + ((7 * t + i) % 90)),
);

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "autodidact-frozen-"));
});
afterAll(() => rm(root, { recursive: true }));

async function logits(
  { config }: Checkpoint,
  weights: FrozenWeights,
): Promise<Float32Array> {
  const executable = await compile(
    buildInferenceGraph(await weights.open(), {
      capacity: config.maxPositions,
      vocabulary: config.vocabSize,
    }),
    device,
  );
  const extension = await extend(
    { config, executable },
    { prefix: [], rows: ROWS },
  );
  await executable.release();
  return extension.logits;
}

const sequences = (length: number) =>
  packSequences(
    ROWS.map((ids) => ({ ids: ids.slice(0, length), completionStart: 2 })),
  );

describe.each([
  { family: "llama", levels: null },
  { family: "llama", levels: 63 },
  { family: "gemma2", levels: null },
  { family: "gemma2", levels: 63 },
  { family: "phi3", levels: 63 },
])("the weights of $family, int8 levels $levels", ({ family, levels }) => {
  let checkpoint: Checkpoint;
  let inMemory: FrozenWeights;
  let inFile: FrozenWeights;
  let folder: string;
  beforeAll(async () => {
    checkpoint = await openCheckpoint(`test/fixtures/checkpoints/${family}`);
    inMemory = frozenWeights(checkpoint, { levels, cache: null });
    folder = join(root, `${family}-${levels}`);
    inFile = frozenWeights(checkpoint, {
      levels,
      cache: weightCache(folder, 1e9),
    });
  });

  it("give the same logits from a file", async () => {
    const { tensors } = await inFile.open();
    for (const tensor of Object.values(tensors))
      expect(tensor).toHaveProperty("place");
    const expected = await logits(checkpoint, inMemory);
    expect(expected.every(Number.isFinite)).toBe(true);
    expect(await logits(checkpoint, inFile)).toEqual(expected);
  });

  it("give the same scores from a file, before and after it vanished", async () => {
    const [near, far] = [inMemory, inFile].map(
      (weights) => new PackedScorer(weights, device),
    ) as [PackedScorer, PackedScorer];
    for (const length of [4, 12, 40]) {
      const batch = sequences(length);
      const expected = await near.logProbabilities(batch);
      expect(await far.logProbabilities(batch)).toEqual(expected);
      await rm(folder, { recursive: true, force: true });
      expect(await far.logProbabilities(batch)).toEqual(expected);
    }
    await near.release();
    await far.release();
  });
});

it("score as the weights do that training feeds", async () => {
  const checkpoint = await openCheckpoint("test/fixtures/checkpoints/llama");
  const { config } = checkpoint;
  const base = await loadParameters(checkpoint);
  const fed = new PackedScorer({ config, base, adapter: null }, device);
  const frozen = new PackedScorer(
    frozenWeights(checkpoint, { levels: null }),
    device,
  );
  const batch = sequences(40);
  expect(await frozen.logProbabilities(batch)).toEqual(
    await fed.logProbabilities(batch),
  );
  await fed.release();
  await frozen.release();
});
