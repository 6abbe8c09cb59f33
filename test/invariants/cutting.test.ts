/**
 * @file The same training work, cut differently: packed together or one by one, in one
 * batch or accumulated. Losses and gradients must be the same up to rounding.
 */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { liveExecutables } from "../../src/engine/runtime/executable.js";
import { encodePair, encodeSupervised } from "../../src/models/encode-rows.js";
import { packSequences } from "../../src/models/packing.js";
import { loadParameters } from "../../src/models/parameters.js";
import {
  targetCount,
  type TokenSequence,
} from "../../src/models/token-sequence.js";
import { trainDpo } from "../../src/training/dpo.js";
import { preferenceObjective } from "../../src/training/objectives/preference.js";
import {
  supervisedObjective,
  totalTargetWeight,
} from "../../src/training/objectives/supervised.js";
import { pairGroups, sides } from "../../src/training/preference-pair.js";
import { trainSft } from "../../src/training/sft.js";
import type { StepMetrics } from "../../src/training/trainer.js";
import { TrainingModel } from "../../src/training/training-model.js";
import {
  curveDistance,
  DPO_SETTINGS,
  PREFERENCE_ROWS,
  SFT_SETTINGS,
  SUPERVISED_ROWS,
  temporaryFolder,
  TINY_LLAMA,
} from "./tiny-model.js";

const device = openDevice("cpu");
const folder = temporaryFolder();
const MAX_LENGTH = 128;

let model: TrainingModel;
let supervised: TokenSequence[];
let chosen: TokenSequence[];
let rejected: TokenSequence[];

beforeAll(async () => {
  const checkpoint = await openCheckpoint(TINY_LLAMA);
  const { tokenizer, config } = checkpoint;
  const base = await loadParameters(checkpoint);
  model = new TrainingModel({ config, base, adapter: null }, device);
  supervised = await Promise.all(
    SUPERVISED_ROWS.map((row) => encodeSupervised(tokenizer, row, MAX_LENGTH)),
  );
  chosen = await Promise.all(
    PREFERENCE_ROWS.map(({ prompt, chosen: completion }) =>
      encodePair(tokenizer, { prompt, completion }),
    ),
  );
  rejected = await Promise.all(
    PREFERENCE_ROWS.map(({ prompt, rejected: completion }) =>
      encodePair(tokenizer, { prompt, completion }),
    ),
  );
});
afterAll(() => model.release());

interface Step {
  readonly losses: readonly number[];
  readonly gradients: Float32Array;
}

/** Loss of each part and the gradient of their sum. */
async function supervisedParts(
  parts: readonly (readonly TokenSequence[])[],
  rowLength = 0,
): Promise<Step> {
  const batches = parts.map((part) => packSequences(part, rowLength));
  const weight = totalTargetWeight(batches);
  const losses: number[] = [];
  for (const [index, batch] of batches.entries()) {
    const objective = supervisedObjective(batch, weight);
    losses.push((await model.backward(batch, objective, index > 0)).loss);
  }
  return { losses, gradients: model.gradients.values.slice() };
}

async function preferenceParts(
  parts: readonly (readonly number[])[],
  prompts: "shared" | "computed twice" = "shared",
): Promise<Step> {
  const losses: number[] = [];
  for (const [index, pairs] of parts.entries()) {
    const encoded = pairs.map((i) => ({
      chosen: chosen[i] as TokenSequence,
      rejected: rejected[i] as TokenSequence,
    }));
    const sequences = sides(encoded);
    const batch =
      prompts === "shared"
        ? packSequences(sequences, 0, pairGroups(encoded))
        : packSequences(sequences);
    // Any numbers will do for the reference, as long as each pair keeps its own.
    const reference = Float32Array.from([
      ...pairs.map((i) => -20 - i),
      ...pairs.map((i) => -18 - 2 * i),
    ]);
    const objective = preferenceObjective(
      batch,
      reference,
      { ...DPO_SETTINGS, nllWeight: 0.3 },
      {
        pairs: chosen.length,
        chosenTokens: chosen.reduce((n, side) => n + targetCount(side), 0),
      },
    );
    losses.push((await model.backward(batch, objective, index > 0)).loss);
  }
  return { losses, gradients: model.gradients.values.slice() };
}

function expectSameStep(left: Step, right: Step): void {
  const total = (values: readonly number[]): number =>
    values.reduce((a, b) => a + b, 0);
  const loss = total(left.losses);
  expect(Math.abs(loss - total(right.losses)) / loss).toBeLessThan(1e-6);
  let distance = 0;
  let size = 0;
  left.gradients.forEach((g, i) => {
    distance += (g - (right.gradients[i] ?? Number.NaN)) ** 2;
    size += g * g;
  });
  expect(Math.sqrt(distance / size)).toBeLessThan(1e-5);
}

const ALL_PAIRS = PREFERENCE_ROWS.map((_, i) => i);

it("packing changes neither the supervised loss nor its gradient", async () => {
  const packed = await supervisedParts([supervised]);
  const single = await supervisedParts(supervised.map((row) => [row]));
  const wide = await supervisedParts([supervised], 128);
  expect(single.losses).toHaveLength(supervised.length);
  expectSameStep(packed, single);
  expectSameStep(packed, wide);
});

it("packing changes neither the preference loss nor its gradient", async () => {
  const packed = await preferenceParts([ALL_PAIRS]);
  const single = await preferenceParts(ALL_PAIRS.map((i) => [i]));
  expectSameStep(packed, single);
});

it("a prompt that both sides share changes neither the preference loss nor its gradient", async () => {
  expectSameStep(
    await preferenceParts([ALL_PAIRS]),
    await preferenceParts([ALL_PAIRS], "computed twice"),
  );
});

it("one compiled graph serves batches of any number of rows", async () => {
  await supervisedParts([supervised], 128);
  const compiled = liveExecutables();
  const one = supervised.slice(0, 1);
  await supervisedParts([one, [...supervised, ...supervised]], 128);
  expect(packSequences(one, 128).rows).toBe(1);
  expect(liveExecutables()).toBe(compiled);
});

it("the order of the sequences in a pack changes nothing", async () => {
  expectSameStep(
    await supervisedParts([supervised]),
    await supervisedParts([[...supervised].reverse()]),
  );
});

/** Bounds of the trajectory contract. */
const STEP_TOLERANCE = 1e-4;
const MEAN_TOLERANCE = 1e-5;

function expectSameCurves(
  left: readonly StepMetrics[],
  right: readonly StepMetrics[],
): void {
  expect(left).toHaveLength(right.length);
  const loss = curveDistance(left, right, "loss");
  expect(loss.largest).toBeLessThan(STEP_TOLERANCE);
  expect(loss.mean).toBeLessThan(MEAN_TOLERANCE);
  const norm = curveDistance(left, right, "grad_norm");
  expect(norm.largest).toBeLessThan(1e-2);
  expect(norm.mean).toBeLessThan(1e-3);
}

const CUTS = [
  { batchSize: 8, gradientAccumulation: 1 },
  { batchSize: 1, gradientAccumulation: 8 },
] as const;

it("a supervised run of one batch of eight equals one of eight batches of one", async () => {
  const [whole, accumulated] = await Promise.all(
    CUTS.map(async (cut, i) => {
      const curve: StepMetrics[] = [];
      await trainSft(
        {
          checkpoint: TINY_LLAMA,
          output: join(folder(), `sft-${i}`),
          rows: SUPERVISED_ROWS,
          settings: { ...SFT_SETTINGS, ...cut, epochs: 10 },
          onStep: (metrics) => curve.push(metrics),
        },
        device,
      );
      return curve;
    }),
  );
  expectSameCurves(whole ?? [], accumulated ?? []);
  expect(whole?.at(-1)?.loss).toBeLessThan((whole?.[0]?.loss ?? 0) - 1);
});

it("a preference run of one batch of eight equals one of eight batches of one", async () => {
  const [whole, accumulated] = await Promise.all(
    CUTS.map(async (cut, i) => {
      const curve: StepMetrics[] = [];
      await trainDpo(
        {
          checkpoint: TINY_LLAMA,
          output: join(folder(), `dpo-${i}`),
          rows: PREFERENCE_ROWS,
          rehearsal: SUPERVISED_ROWS,
          settings: { ...DPO_SETTINGS, ...cut, epochs: 10 },
          onStep: (metrics) => curve.push(metrics),
        },
        device,
      );
      return curve;
    }),
  );
  expectSameCurves(whole ?? [], accumulated ?? []);
  expect(whole?.at(-1)?.loss).toBeLessThan(0.5);
});
