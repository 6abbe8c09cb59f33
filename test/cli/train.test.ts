/**
 * @file `train sft`, `train dpo` and `train reward` with the real binary: the result, the metrics, and
 * going on after a kill.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { JudgedRow } from "../../src/pipelines/stages/prompt-rows.js";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { ROOT } from "./program.js";
import { TINY, workFolder, type WorkFolder } from "./stage-files.js";

const WORDS = ["cat", "dog", "sun", "sea", "red", "two", "hill", "rain"];

function sftData(work: WorkFolder): string {
  return work.write(
    "sft.jsonl",
    WORDS.map((word, i) =>
      i % 2 === 0
        ? { prompt: `The ${word} is`, completion: ` ${WORDS[i + 1]}.` }
        : {
            messages: [
              { role: "user", content: `What is a ${word}?` },
              { role: "assistant", content: `A ${word}.` },
            ],
          },
    ),
  );
}

function dpoData(work: WorkFolder): string {
  return work.write(
    "dpo.jsonl",
    WORDS.map((word, i) => ({
      prompt: `The ${word} is`,
      chosen: ` ${WORDS[(i + 1) % 8]}.`,
      rejected: " what?",
    })),
  );
}

interface Step {
  readonly step: number;
  readonly loss: number;
  readonly learning_rate: number;
}

test("sft: a row of metrics a step, linear decay from the rate given, and a checkpoint that opens", async () => {
  const work = workFolder();
  const result = await work.run(
    ...["train", "sft", "--model", TINY, "--data", sftData(work)],
    ...["--out", "out", "--lr", "0.01", "--epochs", "4", "--batch-size", "4"],
    ...["--metrics", "steps.jsonl"],
  );
  const steps = work.rows<Step>("steps.jsonl");
  // 8 rows / 4 = 2 steps an epoch; 8 steps; the rate falls by an eighth a step.
  expect(steps.map(({ step, learning_rate }) => [step, learning_rate])).toEqual(
    Array.from({ length: 8 }, (_, i) => [
      i + 1,
      expect.closeTo(0.01 * (1 - i / 8), 9) as number,
    ]),
  );
  expect(steps[0]).toMatchObject({
    grad_norm: expect.any(Number) as number,
    num_tokens: expect.any(Number) as number,
  });
  expect(steps[7]?.loss).toBeLessThan((steps[0]?.loss ?? 0) - 0.5);
  expect(result).toMatchObject({ code: 0 });
  expect(result.stdout).toMatch(
    /^8 rows, 8 steps, \d+ tokens, last loss \S+: out\n$/,
  );
  const checkpoint = await openCheckpoint(work.at("out"));
  expect(checkpoint.config.layers).toHaveLength(2);
  expect(existsSync(work.at("out.training"))).toBe(false);

  const before = work.picture();
  const again = await work.run(
    ...["train", "sft", "--model", TINY, "--data", sftData(work)],
    ...["--out", "out", "--lr", "0.01", "--epochs", "4", "--batch-size", "4"],
  );
  expect(again.stdout).toBe(
    "Already trained on these rows with these settings: out\n",
  );
  expect(work.picture()).toEqual(before);
});

test("dpo: begins at ln 2 and learns to prefer the chosen side", async () => {
  const work = workFolder();
  const result = await work.run(
    ...["train", "dpo", "--model", TINY, "--data", dpoData(work)],
    ...["--out", "out", "--lr", "0.01", "--epochs", "6", "--no-shuffle"],
    ...["--metrics", "steps.jsonl", "--json"],
  );
  const steps = work.rows<Step & Record<string, number>>("steps.jsonl");
  expect(steps).toHaveLength(6);
  expect(steps[0]?.loss).toBeCloseTo(Math.LN2, 6);
  expect(steps.at(-1)?.["rewards/accuracies"]).toBe(1);
  expect(steps.at(-1)?.loss).toBeLessThan(0.6);
  expect(JSON.parse(result.stdout)).toMatchObject({
    rows: 8,
    shortened: 0,
    // The tiny Llama has no more positions; 1024 were asked for.
    maxLength: 128,
    reused: false,
    last: { step: 6 },
  });
});

test("reward: learns which side is better, judges with what it learned, and writes nothing", async () => {
  const work = workFolder();
  dpoData(work);
  const pairs = [
    ...work.rows<object>("dpo.jsonl"),
    // Longer than the tiny Llama has positions.
    { prompt: "The cat is", chosen: " red".repeat(200), rejected: " two." },
  ];
  const trained = await work.run(
    ...["train", "reward", "--model", TINY, "--out", "out", "--lr", "0.01"],
    ...["--data", work.write("pairs.jsonl", pairs), "--epochs", "12"],
    ...["--metrics", "steps.jsonl", "--json"],
  );
  expect(JSON.parse(trained.stdout)).toMatchObject({ rows: 9, leftOut: 1 });
  expect(trained.stderr).toContain("1 of 9 rows have a side longer than 128");
  const steps = work.rows<Record<string, number>>("steps.jsonl");
  expect(steps.at(-1)).toMatchObject({ accuracy: 1 });
  expect(steps.at(-1)?.["margin"]).toBeGreaterThan(1);

  const answers = work.write("answers.jsonl", [
    { prompt: "The cat is", response: " dog." },
    { prompt: "The cat is", response: " what?" },
  ]);
  await work.run(
    ...["judge", "--reward-model", "out", "--data", answers],
    ...["--out", "judged.jsonl"],
  );
  const [better, worse] = work.rows<JudgedRow>("judged.jsonl");
  const reward = Number(better?.judgements[0]?.raw);
  expect(better?.score).toBeCloseTo(5 / (1 + Math.exp(-reward)), 12);
  expect(better?.score).toBeGreaterThan((worse?.score ?? 5) + 0.5);

  const speechless = await work.run(
    ...["generate", "--model", "out", "--prompt", "The cat is"],
  );
  expect(speechless).toMatchObject({ code: EXIT_CODES.BAD_CHECKPOINT });
  expect(speechless.stderr).toContain("is a reward model");
  const silent = await work.run(
    ...["judge", "--reward-model", TINY, "--data", answers, "--out", "b.jsonl"],
  );
  expect(silent.stderr).toContain("is no reward model");
});

test("what another training made is replaced only when that is asked for", async () => {
  const work = workFolder();
  const line = [
    ...["train", "sft", "--model", TINY, "--data", sftData(work)],
    ...["--out", "out", "--epochs", "1"],
  ];
  expect((await work.run(...line)).code).toBe(0);
  const before = work.picture();
  const refused = await work.run(...line, "--lr", "0.01");
  expect(refused.stderr).toBe(
    "out holds a model that was made from another base, other rows or other settings, and the result would replace it. Give --out a new folder, or --overwrite to replace it.\n",
  );
  expect(refused.code).toBe(EXIT_CODES.STORAGE);
  expect(work.picture()).toEqual(before);
  const replaced = await work.run(...line, "--lr", "0.01", "--overwrite");
  expect(replaced.code).toBe(0);
  expect(work.picture()).not.toEqual(before);
});

test("rows longer than --max-length are used in part, and that is said", async () => {
  const work = workFolder();
  const data = work.write("sft.jsonl", [
    { prompt: "A", completion: " b" },
    { prompt: "A", completion: ` ${WORDS.join(" ")}` },
  ]);
  const result = await work.run(
    ...["train", "sft", "--model", TINY, "--data", data, "--out", "out"],
    ...["--epochs", "1", "--max-length", "8"],
  );
  expect(result.stderr).toContain(
    "1 of 2 rows are longer than 8 tokens; only their start was used.\n",
  );
});

test("killed in the middle and asked again, it ends with the weights and metrics of an uninterrupted training", async () => {
  const work = workFolder();
  const line = (out: string): string[] => [
    ...["train", "sft", "--model", TINY, "--data", sftData(work)],
    ...["--out", work.at(out), "--metrics", work.at(`${out}.jsonl`)],
    ...["--lr", "0.01", "--epochs", "6", "--batch-size", "2"],
    ...["--save-every", "3"],
  ];
  expect((await work.run(...line("whole"))).code).toBe(0);
  const ended = await new Promise<NodeJS.Signals | null>((resolve) => {
    const child = spawn(
      process.execPath,
      [`${ROOT}/dist/cli/main.js`, ...line("killed")],
      // The second saved state kills the process before its header is written.
      {
        env: { ...process.env, AUTODIDACT_CRASH_AT: "training-checkpoint:2" },
        stdio: "ignore",
      },
    );
    child.on("close", (_code, signal) => {
      resolve(signal);
    });
  });
  expect(ended).toBe("SIGKILL");
  expect(existsSync(work.at("killed"))).toBe(false);
  expect((await work.run(...line("killed"))).code).toBe(0);
  const weights = (out: string): Buffer =>
    readFileSync(work.at(`${out}/model.safetensors`));
  expect(weights("killed").equals(weights("whole"))).toBe(true);
  expect(work.rows("killed.jsonl")).toEqual(work.rows("whole.jsonl"));
});

test("with a rank: an adapter in PEFT's format, on which preferences are trained and merged", async () => {
  const work = workFolder();
  const adapter = await work.run(
    ...["train", "sft", "--model", TINY, "--data", sftData(work)],
    ...["--out", "adapter", "--lr", "0.01", "--epochs", "1"],
    ...["--lora-rank", "4", "--lora-alpha", "8", "--lora-output", "adapter"],
    ...["--lora-targets", "q_proj, v_proj"],
  );
  expect(adapter).toMatchObject({
    code: 0,
    stderr: expect.any(String) as string,
  });
  expect(
    JSON.parse(readFileSync(work.at("adapter/adapter_config.json"), "utf8")),
  ).toMatchObject({
    base_model_name_or_path: TINY,
    r: 4,
    lora_alpha: 8,
    target_modules: ["q_proj", "v_proj"],
  });
  expect(existsSync(work.at("adapter/model.safetensors"))).toBe(false);

  const merged = await work.run(
    ...["train", "dpo", "--model", "adapter", "--data", dpoData(work)],
    ...["--out", "merged", "--lr", "0.01", "--epochs", "1", "--lora-rank", "2"],
    ...["--metrics", "steps.jsonl"],
  );
  expect(merged).toMatchObject({ code: 0 });
  // The reference is the model with the first adapter, where the second one begins.
  expect(work.rows<Step>("steps.jsonl")[0]?.loss).toBeCloseTo(Math.LN2, 6);
  await openCheckpoint(work.at("merged"));
});
