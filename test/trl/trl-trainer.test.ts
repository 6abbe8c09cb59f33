/**
 * @file The half of the TRL trainer that is ours, through the real local launcher: the job
 * that is written, found again, failed, finished and taken over.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { localLauncher } from "../../src/launchers/local.js";
import type {
  DpoSettings,
  StepMetrics,
  TrainingJob,
} from "../../src/training/trainer.js";
import { trlTrainer } from "../../src/trl/trl-trainer.js";
import {
  DPO_SETTINGS,
  PREFERENCE_ROWS,
  SFT_SETTINGS,
  SUPERVISED_ROWS,
  temporaryFolder,
  TINY_LLAMA,
} from "../invariants/tiny-model.js";
import { scriptedTrainer, type Script } from "./scripted-trainer.js";

const root = temporaryFolder();
let folder: string;
let count = 0;

beforeEach(() => {
  folder = join(root(), String(++count));
  mkdirSync(folder);
});

function trainer(script: Script = {}) {
  return trlTrainer({
    launcher: localLauncher,
    python: scriptedTrainer(folder, script),
    nodes: 1,
    processesPerNode: 2,
    strategy: "ddp",
    precision: "float32",
    device: "cpu",
  });
}

interface Told {
  readonly steps: number[];
  readonly recorded: number[];
}

function job(told: Told = { steps: [], recorded: [] }): TrainingJob {
  return {
    checkpoint: TINY_LLAMA,
    output: join(folder, "out"),
    onStep: ({ step }: StepMetrics, _total, recorded) =>
      (recorded ? told.recorded : told.steps).push(step),
  };
}

const starts = (): string[] =>
  readFileSync(join(folder, "starts"), "utf8").split("\n").filter(Boolean);
const working = (name: string): string => join(folder, "out.training", name);
const supervised = { rows: SUPERVISED_ROWS, settings: SFT_SETTINGS };

describe("a job of TRL", () => {
  it("is started with torchrun and becomes a checkpoint of the base's form", async () => {
    const told: Told = { steps: [], recorded: [] };
    let scores: readonly (number | null)[] = [];
    const proof = {
      rows: SUPERVISED_ROWS.filter((row) => "prompt" in row),
      onScores: (told: readonly (number | null)[]) => {
        scores = told;
      },
    };
    await trainer().sft({ ...job(told), ...supervised, proof });
    expect(starts()).toHaveLength(1);
    expect(starts()[0]).toMatch(
      /^-m torch\.distributed\.run --nnodes 1 --node-rank 0 --nproc-per-node 2 --master-addr 127\.0\.0\.1 --master-port \d+ --local-addr 127\.0\.0\.1 -m autodidact_trainer$/,
    );
    expect(told.steps).toEqual(told.steps.map((_, i) => i + 1));
    expect(told.steps.length).toBeGreaterThan(0);
    expect(scores).toEqual(proof.rows.map(() => -1));
    const [made, base] = await Promise.all(
      [join(folder, "out"), TINY_LLAMA].map((path) => openCheckpoint(path)),
    );
    expect(await made?.readParameter("model.norm.weight")).toEqual(
      await base?.readParameter("model.norm.weight"),
    );
    expect(existsSync(working(""))).toBe(false);
  });

  it("that is done is told again and not run again", async () => {
    await trainer().sft({ ...job(), ...supervised });
    const told: Told = { steps: [], recorded: [] };
    await trainer().sft({ ...job(told), ...supervised });
    expect(starts()).toHaveLength(1);
    expect(told.steps).toEqual([]);
    expect(told.recorded.length).toBeGreaterThan(0);
  });

  it("that was killed goes on, and no step is told twice", async () => {
    const told: Told = { steps: [], recorded: [] };
    const setbacks: string[] = [];
    await trainer({ diesAfter: 2 }).sft({
      ...job(told),
      ...supervised,
      onSetback: (message) => setbacks.push(message),
    });
    expect(setbacks).toEqual([
      expect.stringMatching(
        /^The training was lost after step 2 \(ended with .*\) and is started again from its last saved state\.$/,
      ),
    ]);
    expect(starts()).toHaveLength(2);
    expect(told.steps).toEqual(told.steps.map((_, i) => i + 1));
  });

  it("that is interrupted keeps what it did for the next call", async () => {
    const stopping = new AbortController();
    const interrupted = trainer({ slow: 700 }).sft({
      ...job(),
      ...supervised,
      signal: stopping.signal,
      onStep: ({ step }) => {
        if (step === 1) stopping.abort(new Error("Ctrl-C"));
      },
    });
    await expect(interrupted).rejects.toMatchObject({ code: "INTERRUPTED" });
    const told: Told = { steps: [], recorded: [] };
    await trainer().sft({ ...job(told), ...supervised });
    expect(told.recorded[0]).toBe(1);
    expect(told.steps[0]).toBe(told.recorded.length + 1);
  });

  it("that failed for good says so in its own words, made harmless, and is not tried again", async () => {
    const failure = {
      code: "DEVICE",
      message: "The trainer ran out of memory.\u001b[31m\nLower batchSize.",
      final: true,
    };
    const failed = trainer({ failure }).sft({ ...job(), ...supervised });
    await expect(failed).rejects.toMatchObject({
      code: "DEVICE",
      message: expect.not.stringMatching(/[\u001b\n]/) as string,
    });
    expect(starts()).toHaveLength(1);
    // What was written is taken up when the cause is mended.
    await trainer().sft({ ...job(), ...supervised });
    expect(existsSync(join(folder, "out", "model.safetensors"))).toBe(true);
  });

  it("whose weights are not those it wrote is not taken", async () => {
    const spoiled = trainer({ spoils: "0" }).sft({ ...job(), ...supervised });
    await expect(spoiled).rejects.toMatchObject({ code: "JOB" });
    expect(existsSync(join(folder, "out"))).toBe(false);
  });

  it("does not begin over another job's half-finished training", async () => {
    mkdirSync(working(""), { recursive: true });
    writeFileSync(working("job.json"), JSON.stringify({ hash: "other" }));
    const refused = trainer().sft({ ...job(), ...supervised });
    await expect(refused).rejects.toMatchObject({ code: "LEDGER" });
    expect(existsSync(join(folder, "starts"))).toBe(false);
  });
});

describe("what TRL is given", () => {
  const rows = (name: string): unknown[] =>
    readFileSync(working(name), "utf8")
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line) as unknown);

  it("is the plan of the embedded trainer, rehearsals included", async () => {
    const settings: DpoSettings = {
      ...DPO_SETTINGS,
      ...{ rehearsalEvery: 2, rehearsalBatchSize: 1, epochs: 1 },
    };
    const preferring = {
      ...{ rows: PREFERENCE_ROWS, rehearsal: SUPERVISED_ROWS, settings },
    };
    const failure = { code: "JOB", message: "kept for this test", final: true };
    await expect(
      trainer({ failure }).dpo({ ...job(), ...preferring }),
    ).rejects.toThrow("kept for this test");
    const plan = rows("plan.jsonl") as {
      readonly step: number;
      readonly rate: number;
      readonly rehearsal: boolean;
    }[];
    const main = plan.filter(({ rehearsal }) => !rehearsal);
    expect(main.map(({ step }) => step)).toEqual(main.map((_, i) => i + 1));
    expect(main[0]?.rate).toBe(settings.learningRate);
    const rehearsed = plan.filter(({ rehearsal }) => rehearsal);
    expect(rehearsed.map(({ step }) => step)).toEqual(
      main.map(({ step }) => step).filter((step) => step % 2 === 0),
    );
    expect(rows("rows.jsonl")).toHaveLength(PREFERENCE_ROWS.length);
    expect(rows("rehearsal.jsonl")).toHaveLength(SUPERVISED_ROWS.length);
  });

  it.each([
    ["an int8 base", { rank: 2, alpha: 4, targets: null, base: "int8" }],
    ["an adapted head", { rank: 2, alpha: 4, targets: ["lm_head"] }],
  ] as const)("never is %s, which is refused by name", async (_what, lora) => {
    const settings = { ...SFT_SETTINGS, lora: { ...lora, output: "merged" } };
    const refused = trainer().sft({
      ...job(),
      rows: SUPERVISED_ROWS,
      settings: settings as typeof SFT_SETTINGS,
    });
    await expect(refused).rejects.toMatchObject({ code: "USAGE" });
    expect(existsSync(working(""))).toBe(false);
  });

  it.each([
    { strategy: "single", processesPerNode: 2, device: "cpu" },
    { strategy: "fsdp2", processesPerNode: 1, device: "cpu" },
  ] as const)("are no processes it could not use: %o", (options) => {
    expect(() =>
      trlTrainer({
        ...{ launcher: localLauncher, python: "python3", nodes: 1 },
        ...{ precision: "float32", ...options },
      }),
    ).toThrow(/strategy/);
  });
});
