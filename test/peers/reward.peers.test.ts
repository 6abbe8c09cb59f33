/**
 * @file A reward model that was trained here gives the logits of transformers' sequence
 * classifier, text and conversations, padded and not.
 */
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import type { Prompt } from "../../src/data/records.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { embeddedRewardModelHost } from "../../src/generation/reward-model.js";
import { trainReward } from "../../src/training/reward.js";
import {
  PREFERENCE_ROWS,
  SFT_SETTINGS,
  temporaryFolder,
  TINY_LLAMA,
} from "../invariants/tiny-model.js";

const python = process.env["AUTODIDACT_PYTHON"] ?? "";
const folder = temporaryFolder();

const joined = (prompt: Prompt, completion: Prompt): unknown =>
  typeof prompt === "string" && typeof completion === "string"
    ? prompt + completion
    : [...prompt, ...completion];

it("equals the logits of AutoModelForSequenceClassification", async () => {
  const device = openDevice("cpu");
  const output = join(folder(), "reward");
  const settings = { ...SFT_SETTINGS, epochs: 4, centerRewardsCoefficient: 0 };
  await trainReward(
    { checkpoint: TINY_LLAMA, output, rows: PREFERENCE_ROWS, settings },
    device,
  );
  const answers = PREFERENCE_ROWS.flatMap(({ prompt, chosen, rejected }) =>
    [chosen, rejected].map((completion) => ({ prompt, completion })),
  );
  const path = join(folder(), "answers.json");
  writeFileSync(
    path,
    JSON.stringify(
      answers.map(({ prompt, completion }) => joined(prompt, completion)),
    ),
  );
  const { stdout } = await promisify(execFile)(python, [
    "test/peers/reward-peer.py",
    output,
    path,
  ]);
  const theirs = JSON.parse(stdout) as Record<"together" | "alone", number[]>;
  const ours = await embeddedRewardModelHost(device).withRewardModel(
    output,
    (model) => model.rewards(answers),
  );
  for (const rewards of [theirs.together, theirs.alone]) {
    expect(rewards).toHaveLength(ours.length);
    rewards.forEach((reward, i) => {
      expect(Math.abs(reward - (ours[i] ?? Number.NaN))).toBeLessThan(1e-4);
    });
  }
});
