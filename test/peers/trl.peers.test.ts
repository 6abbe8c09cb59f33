/**
 * @file The Python trainer under torchrun: its own checks, every step's numbers beside the
 * embedded trainer and plain TRL in float32, with one process and two.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { embeddedTrainer } from "../../src/training/embedded-trainer.js";
import { localLauncher } from "../../src/launchers/local.js";
import type {
  DpoSettings,
  StepMetrics,
  Trainer,
} from "../../src/training/trainer.js";
import { trlTrainer } from "../../src/trl/trl-trainer.js";
import {
  expectSameCurve,
  followCurve,
  readCurve,
} from "../golden/training-curve.js";
import {
  DPO_SETTINGS,
  PREFERENCE_ROWS,
  SFT_SETTINGS,
  SUPERVISED_ROWS,
  temporaryFolder,
  TINY_LLAMA,
} from "../invariants/tiny-model.js";

const python = process.env["AUTODIDACT_PYTHON"] ?? "";
const folder = temporaryFolder();
const embedded = embeddedTrainer(openDevice("cpu"));

function trl(processesPerNode: number): Trainer {
  return trlTrainer({
    ...{ launcher: localLauncher, python, nodes: 1, processesPerNode },
    ...{ strategy: "ddp", precision: "float32", device: "cpu" },
  });
}

test.each([
  "-m ruff check .",
  "-m ruff format --check .",
  "-m mypy",
  "-m pytest -q",
])("the package of python/ passes %s", (line) => {
  const { status, stdout, stderr } = spawnSync(python, line.split(" "), {
    cwd: "python",
    encoding: "utf8",
  });
  expect(status, stdout + stderr).toBe(0);
});

describe("the steps of the Python trainer", () => {
  // Curves that plain TRL made and that the embedded trainer follows (test/golden).
  it.each([
    ["sft", 1],
    ["sft", 2],
    ["sft-chat", 2],
    ["sft-lora", 2],
    ["dpo", 2],
    ["dpo-chat", 2],
    ["dpo-normalized", 1],
    ["dpo-lora", 2],
  ] as const)("are those of plain TRL: %s, processes: %i", async (name, n) => {
    const curve = readCurve(`test/fixtures/training/${name}.json`);
    const path = join(folder(), `${name}-${n}`);
    expectSameCurve(await followCurve(curve, path, trl(n)), curve.steps);
  });

  const weighted = { rows: SUPERVISED_ROWS, settings: SFT_SETTINGS };
  const settings: DpoSettings = {
    ...DPO_SETTINGS,
    ...{ batchSize: 2, gradientAccumulation: 2, schedule: "cosine" },
    ...{ labelSmoothing: 0.1, nllWeight: 0.3, lengthNormalized: true },
  };
  const everything = {
    ...{ rows: PREFERENCE_ROWS, rehearsal: SUPERVISED_ROWS, settings },
  };
  // What plain TRL has no name for.
  it.each([
    ["rows with weights", 2],
    ["smoothing, likelihood and rehearsal", 1],
    ["smoothing, likelihood and rehearsal", 2],
  ] as const)(
    "are the embedded trainer's: %s, processes: %i",
    async (what, n) => {
      const train = async (trainer: Trainer, output: string) => {
        const steps: StepMetrics[] = [];
        let scores: readonly (number | null)[] = [];
        const job = {
          ...{ checkpoint: TINY_LLAMA, output },
          onStep: (metrics: StepMetrics) => steps.push(metrics),
          proof: {
            rows: SUPERVISED_ROWS.filter((row) => "prompt" in row),
            onScores: (told: typeof scores) => (scores = told),
          },
        };
        await (what === "rows with weights"
          ? trainer.sft({ ...job, ...weighted })
          : trainer.dpo({ ...job, ...everything }));
        return { steps, scores, weights: await weightsOf(output) };
      };
      const theirs = await train(trl(n), join(folder(), `${what}-${n}`));
      const ours = await train(embedded, join(folder(), `${what}-${n}-ours`));
      expectSameCurve(theirs.steps, ours.steps);
      expect(farthest(theirs.weights, ours.weights)).toBeLessThan(1e-4);
      expect(theirs.scores).toHaveLength(7);
      theirs.scores.forEach((score, i) => {
        expect(score).toBeCloseTo(ours.scores[i] ?? Number.NaN, 3);
      });
    },
  );
});

async function weightsOf(path: string): Promise<Float32Array[]> {
  const { parameters, readParameter } = await openCheckpoint(path);
  return Promise.all(parameters.map(({ name }) => readParameter(name)));
}

function farthest(left: Float32Array[], right: Float32Array[]): number {
  return Math.max(
    ...left.map((values, i) =>
      values.reduce(
        (most, value, j) =>
          Math.max(most, Math.abs(value - (right[i]?.[j] ?? Number.NaN))),
        0,
      ),
    ),
  );
}
