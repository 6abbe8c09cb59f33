/**
 * @file What a reward model must keep to: its gradients are those of its loss, a reward
 * does not depend on what it is computed with, and an adapter learns beside the head.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { parseConfig } from "../../src/checkpoints/config/config-file.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import {
  embeddedRewardModelHost,
  type AnsweredPrompt,
} from "../../src/generation/reward-model.js";
import { packSequences } from "../../src/models/packing.js";
import { loadParameters } from "../../src/models/parameters.js";
import {
  REWARD_HEAD,
  rewardSequence,
  withRewardHead,
} from "../../src/models/reward-head.js";
import { rankingObjective } from "../../src/training/objectives/ranking.js";
import { pairGroups, sides } from "../../src/training/preference-pair.js";
import { encodeRanked, trainReward } from "../../src/training/reward.js";
import type { StepMetrics } from "../../src/training/trainer.js";
import { TrainingModel } from "../../src/training/training-model.js";
import {
  PREFERENCE_ROWS,
  SFT_SETTINGS,
  temporaryFolder,
  TINY_LLAMA,
} from "./tiny-model.js";

const device = openDevice("cpu");
const folder = temporaryFolder();
const SETTINGS = { ...SFT_SETTINGS, epochs: 12, centerRewardsCoefficient: 0 };

async function train(
  name: string,
  changes: Partial<typeof SETTINGS & { lora: object }> = {},
): Promise<{ readonly output: string; readonly last: StepMetrics }> {
  const steps: StepMetrics[] = [];
  const output = join(folder(), name);
  await trainReward(
    {
      checkpoint: TINY_LLAMA,
      output,
      rows: PREFERENCE_ROWS,
      settings: { ...SETTINGS, ...changes },
      onStep: (step) => steps.push(step),
    },
    device,
  );
  return { output, last: steps.at(-1) as StepMetrics };
}

it("has the gradient of its loss, in the head and below it", async () => {
  const checkpoint = withRewardHead(await openCheckpoint(TINY_LLAMA), 1);
  const { tokenizer, config } = checkpoint;
  const pairs = await Promise.all(
    PREFERENCE_ROWS.slice(0, 3).map((row) =>
      encodeRanked(tokenizer, row, config.padTokenId),
    ),
  );
  const base = await loadParameters(checkpoint);
  const model = new TrainingModel({ config, base, adapter: null }, device);
  const batch = packSequences(sides(pairs), 0, pairGroups(pairs));
  const loss = async (): Promise<number> =>
    (
      await model.backward(
        batch,
        rankingObjective(batch, {
          margins: [0, 0.5, 1],
          centerRewardsCoefficient: 0.1,
          stepPairs: 3,
        }),
      )
    ).loss;
  await loss();
  const gradients = new Map(
    base.shapes.map(({ name }) => [name, [...model.gradients.data(name)]]),
  );
  for (const name of [
    REWARD_HEAD,
    "model.layers.1.mlp.down_proj.weight",
    "model.layers.0.self_attn.q_proj.weight",
  ]) {
    const data = base.data(name);
    const found = gradients.get(name) ?? [];
    const steepest = found.reduce(
      (best, value, i) =>
        Math.abs(value) > Math.abs(found[best] ?? 0) ? i : best,
      0,
    );
    const value = data[steepest] ?? 0;
    const step = 1e-2;
    data[steepest] = value + step;
    const above = await loss();
    data[steepest] = value - step;
    const below = await loss();
    data[steepest] = value;
    const measured = (above - below) / (2 * step);
    expect(found[steepest]).not.toBe(0);
    expect(Math.abs((found[steepest] ?? 0) / measured - 1)).toBeLessThan(0.02);
  }
  await model.release();
});

describe("a trained one", () => {
  let output = "";
  let last: StepMetrics | undefined;
  beforeAll(async () => {
    ({ output, last } = await train("plain"));
  });

  it("ranks what it was shown", () => {
    expect(last).toMatchObject({ accuracy: 1 });
  });

  it("gives the same reward in a batch and alone", async () => {
    const answers: AnsweredPrompt[] = PREFERENCE_ROWS.flatMap(
      ({ prompt, chosen, rejected }) => [
        { prompt, completion: chosen },
        { prompt, completion: rejected },
      ],
    );
    await embeddedRewardModelHost(device).withRewardModel(
      output,
      async (model) => {
        const together = await model.rewards(answers);
        for (const [i, answer] of answers.entries()) {
          const [alone] = await model.rewards([answer]);
          expect(together[i]).toBeCloseTo(alone ?? Number.NaN, 5);
        }
        expect(Math.max(...together) - Math.min(...together)).toBeGreaterThan(
          0.1,
        );
      },
    );
  });

  it("is a sequence classifier with one label", () => {
    const raw = JSON.parse(
      readFileSync(join(output, "config.json"), "utf8"),
    ) as Record<string, unknown>;
    expect(raw).toMatchObject({
      architectures: ["LlamaForSequenceClassification"],
      id2label: { 0: "LABEL_0" },
      // The tiny Llama names no padding; its end of text pads, as in TRL.
      pad_token_id: 2,
    });
    expect(parseConfig(raw, "config.json").rewardHead).toBe(true);
  });

  it("can be trained further", async () => {
    const again = join(folder(), "again");
    const steps: StepMetrics[] = [];
    await trainReward(
      {
        checkpoint: output,
        output: again,
        rows: PREFERENCE_ROWS,
        settings: { ...SETTINGS, epochs: 1 },
        onStep: (step) => steps.push(step),
      },
      device,
    );
    expect(steps[0]?.loss).toBeLessThan(0.3);
  });
});

it("learns an adapter and the head, and writes the whole model", async () => {
  const lora = { rank: 4, alpha: 8, targets: null, output: "merged" } as const;
  const { output, last } = await train("lora", { lora, epochs: 20 });
  expect(last.accuracy).toBe(1);
  const before = withRewardHead(await openCheckpoint(TINY_LLAMA), 5);
  const after = await openCheckpoint(output);
  for (const name of [REWARD_HEAD, "model.layers.0.mlp.up_proj.weight"])
    expect(await after.readParameter(name)).not.toEqual(
      await before.readParameter(name),
    );
  const embedding = "model.embed_tokens.weight";
  expect(await after.readParameter(embedding)).toEqual(
    await before.readParameter(embedding),
  );
  await expect(
    train("adapter", { lora: { ...lora, output: "adapter" } }),
  ).rejects.toMatchObject({ code: "USAGE" });
});

describe("the reward stands after the last token that is not padding", () => {
  it.each([
    { ids: [5, 6, 2, 2], read: [5, 6] },
    { ids: [5, 2, 6], read: [5, 2, 6] },
    { ids: [2, 2], read: [2] },
  ])("$ids", ({ ids, read }) => {
    expect(rewardSequence(ids, 2).ids).toEqual(read);
  });

  it("after the last of all where nothing pads", () => {
    expect(rewardSequence([5, 2], null).ids).toEqual([5, 2]);
  });
});
