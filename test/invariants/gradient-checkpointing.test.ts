/**
 * @file Computing activations again instead of keeping them changes no bit of a gradient,
 * and is not part of what makes a training the same training.
 */
import { existsSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { encodeSupervised } from "../../src/models/encode-rows.js";
import { initializeLora } from "../../src/models/lora.js";
import { packSequences } from "../../src/models/packing.js";
import { loadParameters } from "../../src/models/parameters.js";
import {
  supervisedObjective,
  totalTargetWeight,
} from "../../src/training/objectives/supervised.js";
import { trainSft } from "../../src/training/sft.js";
import { TrainingModel } from "../../src/training/training-model.js";
import {
  SFT_SETTINGS,
  SUPERVISED_ROWS,
  temporaryFolder,
  TINY_LLAMA,
} from "./tiny-model.js";

const device = openDevice("cpu");
const folder = temporaryFolder();
const LORA = { rank: 2, alpha: 4, targets: ["q_proj", "down_proj"] };

async function gradients(options: {
  readonly checkpoint: string;
  readonly lora: boolean;
  readonly gradientCheckpointing: boolean;
}): Promise<Float32Array> {
  const checkpoint = await openCheckpoint(options.checkpoint);
  const base = await loadParameters(checkpoint);
  const { config } = checkpoint;
  const adapter = options.lora
    ? { settings: LORA, parameters: initializeLora(base.shapes, LORA, 1) }
    : null;
  // B starts at zero, and with it every gradient of A.
  adapter?.parameters.values.forEach((value, i, all) => {
    all[i] = value + 0.01 * Math.sin(i);
  });
  const model = new TrainingModel({ config, base, adapter }, device, options);
  const batch = packSequences(
    await Promise.all(
      SUPERVISED_ROWS.map((row) =>
        encodeSupervised(checkpoint.tokenizer, row, 128),
      ),
    ),
  );
  await model.backward(
    batch,
    supervisedObjective(batch, totalTargetWeight([batch])),
  );
  await model.release();
  return model.gradients.values;
}

describe("gradient checkpointing", () => {
  // Gemma 2 has windows, soft caps and norms after each branch.
  it.each(["llama", "gemma2", "phi3"])(
    "gives the same bits, with %s",
    async (family) => {
      const checkpoint = join(TINY_LLAMA, "..", family);
      for (const lora of [false, true]) {
        const of = { checkpoint, lora };
        const kept = await gradients({ ...of, gradientCheckpointing: false });
        const again = await gradients({ ...of, gradientCheckpointing: true });
        expect(kept.some((value) => value !== 0)).toBe(true);
        expect(again).toEqual(kept);
      }
    },
  );

  it("trains the same weights, and a training done without it is done with it", async () => {
    const output = join(folder(), "trained");
    const train = async (gradientCheckpointing: boolean): Promise<number> => {
      let computed = 0;
      await trainSft(
        {
          checkpoint: TINY_LLAMA,
          output,
          rows: SUPERVISED_ROWS,
          settings: { ...SFT_SETTINGS, gradientCheckpointing },
          onStep: (_metrics, _total, recorded) => (computed += +!recorded),
        },
        device,
      );
      return computed;
    };
    const weights = (): Promise<Buffer> =>
      readFile(join(output, "model.safetensors"));
    expect(await train(false)).toBeGreaterThan(0);
    const kept = await weights();
    expect(await train(true)).toBe(0);
    await rm(output, { recursive: true });
    expect(existsSync(output)).toBe(false);
    expect(await train(true)).toBeGreaterThan(0);
    expect((await weights()).equals(kept)).toBe(true);
  });
});
