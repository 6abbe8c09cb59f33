/**
 * @file What int8 weights may change: log-probabilities and gradients a little, and
 * nothing else. The same bits again, whatever else is in the batch; a preference run
 * still starts at ln 2; the base is never touched.
 */
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { int8Levels } from "../../src/engine/runtime/int8-range.js";
import { EmbeddedLanguageModel } from "../../src/generation/embedded-language-model.js";
import { encodeSupervised } from "../../src/models/encode-rows.js";
import { initializeLora, loraB } from "../../src/models/lora.js";
import { packSequences } from "../../src/models/packing.js";
import { loadParameters } from "../../src/models/parameters.js";
import {
  loadQuantized,
  type WeightFormat,
} from "../../src/models/quantized-weights.js";
import { trainDpo } from "../../src/training/dpo.js";
import {
  supervisedObjective,
  totalTargetWeight,
} from "../../src/training/objectives/supervised.js";
import type { StepMetrics } from "../../src/training/trainer.js";
import { TrainingModel } from "../../src/training/training-model.js";
import {
  DPO_SETTINGS,
  PREFERENCE_ROWS,
  SUPERVISED_ROWS,
  temporaryFolder,
  TINY_LLAMA,
} from "./tiny-model.js";

const device = openDevice("cpu");
const folder = temporaryFolder();
const LORA = {
  rank: 4,
  alpha: 8,
  targets: ["q_proj", "v_proj", "gate_proj", "down_proj"],
} as const;
const PAIRS = PREFERENCE_ROWS.map(({ prompt, chosen }) => ({
  prompt,
  completion: chosen,
}));

let plain: EmbeddedLanguageModel;
let int8: EmbeddedLanguageModel;
beforeAll(async () => {
  const checkpoint = await openCheckpoint(TINY_LLAMA);
  plain = await EmbeddedLanguageModel.load(checkpoint, device);
  int8 = await EmbeddedLanguageModel.load(checkpoint, device, "int8");
});
afterAll(async () => {
  await plain.release();
  await int8.release();
});

it("has an identity of its own, so that nothing made with other weights is taken for its", () => {
  expect(int8.identity).not.toBe(plain.identity);
  expect(int8.identity).toContain(plain.identity);
});

it("scores within a twentieth of a nat a token of float32", async () => {
  const exact = await plain.score(PAIRS);
  const rounded = await int8.score(PAIRS);
  const apart = rounded.map(
    ({ logprob, tokens }, i) =>
      Math.abs(logprob - (exact[i]?.logprob ?? Number.NaN)) / tokens,
  );
  expect(Math.max(...apart)).toBeLessThan(0.05);
  expect(Math.max(...apart)).toBeGreaterThan(0);
});

it("scores the same alone as together", async () => {
  const together = await int8.score(PAIRS);
  for (const [i, pair] of PAIRS.entries()) {
    const [alone] = await int8.score([pair]);
    expect(alone?.logprob).toBeCloseTo(together[i]?.logprob ?? Number.NaN, 4);
  }
});

/** Gradient of the adapter, B drawn too so that both halves learn. */
async function adapterGradient(format: WeightFormat): Promise<Float32Array> {
  const checkpoint = await openCheckpoint(TINY_LLAMA);
  const { config, tokenizer } = checkpoint;
  const weights =
    format === "int8"
      ? await loadQuantized(checkpoint, await int8Levels(device))
      : { base: await loadParameters(checkpoint) };
  const parameters = initializeLora(checkpoint.parameters, LORA, 1);
  for (const { name } of parameters.shapes) {
    if (!name.endsWith(loraB(""))) continue;
    parameters.data(name).forEach((_, i, data) => {
      data[i] = 0.02 * Math.sin(i);
    });
  }
  const model = new TrainingModel(
    { config, ...weights, adapter: { settings: LORA, parameters } },
    device,
  );
  const batch = packSequences(
    await Promise.all(
      SUPERVISED_ROWS.map((row) => encodeSupervised(tokenizer, row, 128)),
    ),
  );
  const total = totalTargetWeight([batch]);
  await model.backward(batch, supervisedObjective(batch, total));
  await model.release();
  return model.gradients.values.slice();
}

it("gives an adapter over an int8 base nearly the gradient of one over float32", async () => {
  const exact = await adapterGradient("float32");
  const rounded = await adapterGradient("int8");
  let apart = 0;
  let size = 0;
  exact.forEach((value, i) => {
    apart += (value - (rounded[i] ?? Number.NaN)) ** 2;
    size += value * value;
  });
  const distance = Math.sqrt(apart / size);
  expect(distance).toBeLessThan(0.1);
  expect(distance).toBeGreaterThan(0);
});

it("starts a preference run over an int8 base at ln 2 and ends near the float32 one", async () => {
  const run = async (name: string, base: WeightFormat) => {
    const curve: StepMetrics[] = [];
    await trainDpo(
      {
        checkpoint: TINY_LLAMA,
        output: join(folder(), name),
        rows: PREFERENCE_ROWS,
        rehearsal: [],
        settings: {
          ...DPO_SETTINGS,
          learningRate: 2e-2,
          lora: { ...LORA, output: "merged", base },
        },
        onStep: (step) => void curve.push(step),
      },
      device,
    );
    return curve;
  };
  const exact = await run("float32", "float32");
  const rounded = await run("int8", "int8");
  expect(rounded[0]?.loss).toBeCloseTo(Math.LN2, 6);
  const last = exact.at(-1)?.loss ?? Number.NaN;
  expect(last).toBeLessThan(0.6);
  expect(Math.abs((rounded.at(-1)?.loss ?? Number.NaN) - last)).toBeLessThan(
    0.05,
  );
});
