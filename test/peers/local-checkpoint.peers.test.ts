/**
 * @file The checkpoint of recipes/local-checkpoint.yaml: its script makes one with the
 * installed transformers, the engine computes what transformers computes with it, and
 * transformers opens what LoRA makes of it.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { parameterCount } from "../../src/checkpoints/weights/parameter-table.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { VERDICT_SCALES } from "../../src/rewarding/scales.js";
import { encodeOptions } from "../../src/models/encode-options.js";
import { PackedScorer } from "../../src/models/packed-scorer.js";
import { packSequences } from "../../src/models/packing.js";
import { loadParameters } from "../../src/models/parameters.js";
import { trainSft } from "../../src/training/sft.js";
import { relativeError } from "../golden/fixture.js";
import { SFT_SETTINGS } from "../invariants/tiny-model.js";

const PYTHON = process.env["AUTODIDACT_PYTHON"] ?? "python3";
const PROMPTS = [
  "the letters c a t s backwards are",
  "<|im_start|>sort the digits : 8 3 5 1<|im_end|>",
];
const device = openDevice("cpu");

let workspace = "";
let made = "";
let trained = "";

function python(script: string, args: readonly string[], input = ""): string {
  const { status, stdout, stderr } = spawnSync(PYTHON, [script, ...args], {
    input,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  expect(status, stderr).toBe(0);
  return stdout;
}

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "autodidact-local-checkpoint-"));
  made = join(workspace, "made");
  trained = join(workspace, "trained");
  python("scripts/local-checkpoint/make.py", [
    ...["--out", made, "--steps", "2", "--rows", "2", "--length", "64"],
  ]);
  await trainSft(
    {
      checkpoint: made,
      output: trained,
      rows: [
        {
          prompt: [{ role: "user", content: "reverse the letters : c a t" }],
          completion: [{ role: "assistant", content: "t a c" }],
        },
      ],
      settings: {
        ...SFT_SETTINGS,
        lora: { rank: 4, alpha: 8, targets: null, output: "merged" },
      },
    },
    device,
  );
}, 300_000);

afterAll(() => {
  rmSync(workspace, { recursive: true, force: true });
});

test("it has 18 million parameters, and a score's token has its space", async () => {
  const { config, tokenizer } = await openCheckpoint(made);
  expect(parameterCount(config)).toBe(18_749_952);
  const SCORES = VERDICT_SCALES.points.texts;
  const prompt = [{ role: "user" as const, content: "rate it" }];
  const question = { prompt, prefix: "score : ", options: SCORES };
  const [{ options = [] } = {}] = await encodeOptions(tokenizer, [question]);
  expect(
    await Promise.all(options.map((id) => tokenizer.decode([id]))),
  ).toEqual(SCORES.map((score) => ` ${score}`));
});

test.each([
  ["as transformers saved it", () => made],
  ["after training with LoRA", () => trained],
])("%s, the engine has transformers' probabilities", async (_what, folder) => {
  const request = { folder: folder(), prompts: PROMPTS, tokens: 1 };
  const peer = JSON.parse(
    python("test/peers/nursery-peer.py", [], JSON.stringify(request)),
  ) as { readonly ids: readonly number[]; readonly last: readonly number[] }[];
  const checkpoint = await openCheckpoint(folder());
  const { config } = checkpoint;
  const base = await loadParameters(checkpoint);
  const scorer = new PackedScorer({ config, base, adapter: null }, device);
  const options = Array.from({ length: config.vocabSize }, (_, id) => id);
  for (const { ids, last } of peer) {
    const found = await scorer.logProbabilities(
      packSequences([{ ids, completionStart: ids.length, options }]),
    );
    expect(relativeError(found, last)).toBeLessThan(1e-4);
  }
  await scorer.release();
});
