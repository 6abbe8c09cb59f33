/**
 * @file LoRA against the real PEFT: loss and adapter gradients of its random adapters,
 * and what a training job writes, merged or as an adapter.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mergeAdapter, openAdapter } from "../../src/checkpoints/adapter.js";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { openModel } from "../../src/checkpoints/open-model.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { loraA, loraB, loraShapes } from "../../src/models/lora.js";
import { PackedScorer } from "../../src/models/packed-scorer.js";
import { packSequences } from "../../src/models/packing.js";
import { loadParameters, ParameterSet } from "../../src/models/parameters.js";
import {
  supervisedObjective,
  totalTargetWeight,
} from "../../src/training/objectives/supervised.js";
import { trainSft } from "../../src/training/sft.js";
import type { LoraOptions } from "../../src/training/trainer.js";
import { TrainingModel } from "../../src/training/training-model.js";
import {
  SFT_SETTINGS,
  SUPERVISED_ROWS,
  temporaryFolder,
  TINY_LLAMA,
} from "../invariants/tiny-model.js";
import { fixturesWith } from "./family-cases.js";
import {
  expectGradients,
  folderOfFamily,
  logSoftmax,
  readReference,
  relativeError,
  type ModelReference,
} from "./fixture.js";

const device = openDevice("cpu");
const folder = temporaryFolder();

describe.each(fixturesWith("adapter"))(
  "the adapter of %s, merged",
  (family) => {
    it("gives PEFT's logits", async () => {
      const at = join(folderOfFamily(family), "lora");
      const { last } = JSON.parse(
        readFileSync(join(at, "expected.json"), "utf8"),
      ) as { readonly last: readonly (readonly number[])[] };
      const { config, ...checkpoint } = mergeAdapter(
        await openCheckpoint(folderOfFamily(family)),
        await openAdapter(at),
      );
      const base = await loadParameters({ config, ...checkpoint });
      const scorer = new PackedScorer({ config, base, adapter: null }, device);
      const options = Array.from({ length: config.vocabSize }, (_, id) => id);
      const { rows } = readReference(family).logits;
      const found = await scorer.logProbabilities(
        packSequences(
          rows.map((ids) => ({ ids, completionStart: ids.length, options })),
        ),
      );
      await scorer.release();
      last.forEach((logits, i) => {
        const start = i * config.vocabSize;
        expect(
          relativeError(
            found.slice(start, start + config.vocabSize),
            logSoftmax(logits),
          ),
        ).toBeLessThan(1e-4);
      });
    });
  },
);

describe.each(fixturesWith("lora"))("the adapter of %s", (family) => {
  it("has PEFT's supervised loss and gradients", async () => {
    const at = join(folderOfFamily(family), "lora");
    const { sft } = JSON.parse(
      readFileSync(join(at, "expected.json"), "utf8"),
    ) as Pick<ModelReference, "sft">;
    const checkpoint = await openCheckpoint(folderOfFamily(family));
    const adapter = await openAdapter(at);
    const [{ rank = 0, scale = 0 } = {}] = adapter.layers;
    const targets = adapter.layers.map(
      ({ layer }) => layer.split(".").at(-1) ?? "",
    );
    const settings = { rank, alpha: scale * rank, targets };
    const parameters = new ParameterSet(
      loraShapes(checkpoint.parameters, settings),
    );
    for (const { layer } of adapter.layers) {
      const { a, b } = await adapter.read(layer);
      parameters.data(loraA(layer)).set(a);
      parameters.data(loraB(layer)).set(b);
    }
    const model = new TrainingModel(
      {
        config: checkpoint.config,
        base: await loadParameters(checkpoint),
        adapter: { settings, parameters },
      },
      device,
    );
    try {
      const batch = packSequences(
        sft.rows.map(({ prompt, completion }) => ({
          ids: [...prompt, ...completion],
          completionStart: prompt.length,
        })),
      );
      const { loss } = await model.backward(
        batch,
        supervisedObjective(batch, totalTargetWeight([batch])),
      );
      expect(relativeError([loss], [sft.loss])).toBeLessThan(1e-5);
      expectGradients(model.gradients, sft.gradients, 1e-3);
    } finally {
      await model.release();
    }
  });
});

const LORA = {
  rank: 4,
  alpha: 8,
  targets: ["q_proj", "down_proj"],
} as const satisfies Omit<LoraOptions, "output">;

const train = (output: string, lora: LoraOptions): Promise<void> =>
  trainSft(
    {
      checkpoint: TINY_LLAMA,
      output,
      rows: SUPERVISED_ROWS,
      settings: { ...SFT_SETTINGS, learningRate: 2e-2, lora },
    },
    device,
  );

it("writes the same model merged and as an adapter, and changes adapted layers only", async () => {
  const [merged, apart] = [join(folder(), "merged"), join(folder(), "apart")];
  await train(merged, { ...LORA, output: "merged" });
  await train(apart, { ...LORA, output: "adapter" });
  expect(existsSync(join(apart, "model.safetensors"))).toBe(false);
  const [base, whole, adapted] = [
    await openCheckpoint(TINY_LLAMA),
    await openCheckpoint(merged),
    await openModel(apart),
  ];
  const changed: string[] = [];
  for (const { name } of base.parameters) {
    const weight = await whole.readParameter(name);
    expect(await adapted.readParameter(name)).toEqual(weight);
    const before = await base.readParameter(name);
    if (weight.some((value, i) => value !== before[i])) changed.push(name);
  }
  expect(changed).toEqual(
    base.parameters
      .map(({ name }) => name)
      .filter((name) => /\.(q_proj|down_proj)\.weight$/.test(name)),
  );
});

it("refuses layers that the model does not have, and names those it has", async () => {
  for (const targets of [["qkv_proj"], ["embed_tokens"], []])
    await expect(
      train(join(folder(), "refused"), { ...LORA, targets, output: "merged" }),
    ).rejects.toMatchObject({
      code: "USAGE",
      message: expect.stringContaining("q_proj, k_proj, v_proj") as string,
    });
  expect(existsSync(join(folder(), "refused"))).toBe(false);
});
