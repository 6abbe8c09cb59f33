/**
 * @file Training that was stopped and taken up again ends with the same bits as
 * training that was not; so does the same job run twice. Nothing is left behind.
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openDevice } from "../../src/engine/runtime/device.js";
import { liveExecutables } from "../../src/engine/runtime/executable.js";
import { hashFile } from "../../src/foundation/hash.js";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { loadParameters } from "../../src/models/parameters.js";
import { encodePreference } from "../../src/training/preference-pair.js";
import { pairSums } from "../../src/training/reference.js";
import { TrainingModel } from "../../src/training/training-model.js";
import { trainDpo } from "../../src/training/dpo.js";
import { trainReward } from "../../src/training/reward.js";
import { trainSft } from "../../src/training/sft.js";
import type {
  OptimizationSettings,
  StepMetrics,
  TrainingJob,
} from "../../src/training/trainer.js";
import {
  DPO_SETTINGS,
  PREFERENCE_ROWS,
  SFT_SETTINGS,
  SUPERVISED_ROWS,
  temporaryFolder,
  TINY_LLAMA,
} from "./tiny-model.js";

const device = openDevice("cpu");
const folder = temporaryFolder();
const METHODS = ["sft", "dpo", "reward"] as const;
type Method = (typeof METHODS)[number];

/** Eight rows in batches of two, twice: eight steps; an awkward schedule with warm-up. */
const SHARED = {
  batchSize: 1,
  gradientAccumulation: 2,
  epochs: 2,
  schedule: "cosine",
  warmupRatio: 0.25,
  minLearningRateRatio: 0.1,
  weightDecay: 0.01,
} as const satisfies Partial<OptimizationSettings>;
const STEPS = 8;

function train(
  method: Method,
  job: TrainingJob,
  changes: Partial<OptimizationSettings> = {},
): Promise<void> {
  if (method === "reward") {
    const ranking = { centerRewardsCoefficient: 0.01, ...changes };
    const settings = { ...SFT_SETTINGS, ...SHARED, ...ranking };
    return trainReward({ ...job, rows: PREFERENCE_ROWS, settings }, device);
  }
  return method === "sft"
    ? trainSft(
        {
          ...job,
          rows: SUPERVISED_ROWS,
          settings: { ...SFT_SETTINGS, ...SHARED, ...changes },
        },
        device,
      )
    : trainDpo(
        {
          ...job,
          rows: PREFERENCE_ROWS,
          rehearsal: SUPERVISED_ROWS,
          settings: { ...DPO_SETTINGS, ...SHARED, nllWeight: 0.1, ...changes },
        },
        device,
      );
}

async function outcome(
  output: string,
  curve: readonly StepMetrics[],
): Promise<{
  readonly weights: string;
  readonly curve: readonly StepMetrics[];
}> {
  return { weights: await hashFile(join(output, "model.safetensors")), curve };
}

async function uninterrupted(method: Method, name: string) {
  const output = join(folder(), name);
  const curve: StepMetrics[] = [];
  await train(method, {
    checkpoint: TINY_LLAMA,
    output,
    onStep: (metrics) => curve.push(metrics),
  });
  return outcome(output, curve);
}

/** Trains and asks to stop after each of the steps named, until the end is reached. */
async function interrupted(
  method: Method,
  name: string,
  stops: readonly number[],
) {
  const output = join(folder(), name);
  let curve: StepMetrics[] = [];
  for (const stop of [...stops, null]) {
    const abort = new AbortController();
    curve = [];
    const run = train(method, {
      checkpoint: TINY_LLAMA,
      output,
      signal: abort.signal,
      onStep: (metrics) => {
        curve.push(metrics);
        if (metrics.step === stop) abort.abort();
      },
    });
    if (stop === null) await run;
    else {
      await expect(run).rejects.toMatchObject({ code: "INTERRUPTED" });
      expect(existsSync(output)).toBe(false);
      expect(readdirSync(`${output}.training`)).toContain("stopped.json");
    }
  }
  return outcome(output, curve);
}

describe.each(METHODS)("%s", (method) => {
  it("ends with the same bits when stopped twice and resumed, and when run again", async () => {
    const whole = await uninterrupted(method, `${method}-whole`);
    expect(whole.curve.map(({ step }) => step)).toEqual(
      Array.from({ length: STEPS }, (_, i) => i + 1),
    );
    expect(await uninterrupted(method, `${method}-again`)).toEqual(whole);
    expect(await interrupted(method, `${method}-cut`, [3, 6])).toEqual(whole);
    expect(readdirSync(folder()).sort()).not.toContain(
      `${method}-cut.training`,
    );
  });

  it.each<[string, (folder: string) => void]>([
    [
      "lost its last bytes",
      (folder) => {
        const path = join(folder, "state-5.safetensors");
        truncateSync(path, statSync(path).size - 4096);
      },
    ],
    [
      "lost a block within",
      (folder) => {
        const file = openSync(join(folder, "state-5.safetensors"), "r+");
        writeSync(file, new Uint8Array(64).fill(7), 0, 64, 4096);
        closeSync(file);
      },
    ],
    [
      "was never written",
      (folder) => {
        rmSync(join(folder, "state-5.safetensors"));
      },
    ],
    [
      "is one that was stopped before it",
      (folder) => {
        copyFileSync(
          join(folder, "state-5.safetensors"),
          join(folder, "state-3.safetensors"),
        );
        const path = join(folder, "stopped.json");
        const header = readFileSync(path, "utf8");
        writeFileSync(
          path,
          header.replaceAll(/"step":5|state-5/g, (found) =>
            found.replace("5", "3"),
          ),
        );
      },
    ],
    [
      "lost its header",
      (folder) => {
        writeFileSync(join(folder, "stopped.json"), "");
      },
    ],
  ])(
    "goes on from the flushed state where the last one %s",
    async (_, lose) => {
      const output = join(folder(), `${method}-power`);
      const steps = async (stop: number): Promise<readonly number[]> => {
        const abort = new AbortController();
        const fresh: number[] = [];
        const run = train(method, {
          checkpoint: TINY_LLAMA,
          output,
          saveEvery: 4,
          signal: abort.signal,
          onStep: ({ step }, _total, recorded) => {
            if (!recorded) fresh.push(step);
            if (step === stop) abort.abort();
          },
        });
        await run.catch((error: unknown) => {
          expect(error).toMatchObject({ code: "INTERRUPTED" });
        });
        return fresh;
      };
      expect(await steps(5)).toEqual([1, 2, 3, 4, 5]);
      expect(readdirSync(`${output}.training`)).toEqual(
        expect.arrayContaining(["state.json", "stopped.json"]),
      );
      lose(`${output}.training`);
      expect((await steps(6))[0]).toBe(5);
      // This one is whole: its steps are not computed again.
      expect((await steps(0))[0]).toBe(7);
      expect(await hashFile(join(output, "model.safetensors"))).toBe(
        await hashFile(join(folder(), `${method}-again`, "model.safetensors")),
      );
      rmSync(output, { recursive: true });
    },
  );

  it("depends on the seed", async () => {
    const output = join(folder(), `${method}-seed`);
    await train(method, { checkpoint: TINY_LLAMA, output }, { seed: 6 });
    const first = await readFile(join(output, "model.safetensors"));
    const other = await readFile(
      join(folder(), `${method}-whole`, "model.safetensors"),
    );
    expect(first.equals(other)).toBe(false);
  });

  it("does not train again what is finished, but tells the steps it took", async () => {
    const output = join(folder(), `${method}-whole`);
    const written = statSync(join(output, "model.safetensors")).mtimeMs;
    const steps: number[] = [];
    await train(method, {
      checkpoint: TINY_LLAMA,
      output,
      onStep: ({ step }) => steps.push(step),
    });
    expect(steps).toEqual(steps.map((_, index) => index + 1));
    expect(steps.length).toBeGreaterThan(1);
    expect(statSync(join(output, "model.safetensors")).mtimeMs).toBe(written);
  });

  it("refuses a half-finished training of another job and leaves it alone", async () => {
    const output = join(folder(), `${method}-other`);
    const abort = new AbortController();
    const onStep = ({ step }: StepMetrics): void => {
      if (step === 2) abort.abort();
    };
    const job = { checkpoint: TINY_LLAMA, output, signal: abort.signal };
    await expect(train(method, { ...job, onStep })).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    const state = join(`${output}.training`, "stopped.json");
    const before = await readFile(state, "utf8");
    await expect(
      train(method, { checkpoint: TINY_LLAMA, output }, { seed: 9 }),
    ).rejects.toMatchObject({ code: "LEDGER" });
    expect(await readFile(state, "utf8")).toBe(before);
  });

  it("leaves nothing compiled behind, finished or stopped", async () => {
    const before = liveExecutables();
    const output = join(folder(), `${method}-leak`);
    const abort = new AbortController();
    abort.abort();
    await expect(
      train(method, { checkpoint: TINY_LLAMA, output, signal: abort.signal }),
    ).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(liveExecutables()).toBe(before);
    await train(method, { checkpoint: TINY_LLAMA, output });
    expect(liveExecutables()).toBe(before);
  });
});

it("goes on with the reference's numbers where an earlier process stopped", async () => {
  const checkpoint = await openCheckpoint(TINY_LLAMA);
  const { config, tokenizer } = checkpoint;
  const base = await loadParameters(checkpoint);
  const model = new TrainingModel({ config, base, adapter: null }, device);
  const pairs = await Promise.all(
    PREFERENCE_ROWS.map((row) => encodePreference(tokenizer, row, 64)),
  );
  const whole = await pairSums(model, pairs, 1);
  const sums = new Float32Array(2 * pairs.length).fill(Number.NaN);
  let calls = 0;
  const between = async (): Promise<void> => {
    if (++calls === 3) throw new Error("stopped");
  };
  await expect(pairSums(model, pairs, 1, { sums, between })).rejects.toThrow(
    "stopped",
  );
  expect(sums.filter(Number.isNaN)).toHaveLength(2 * (pairs.length - 2));
  expect(await pairSums(model, pairs, 1, { sums, between })).toEqual(whole);
  // What was there is not computed again: only the stopped one was begun twice.
  expect(calls).toBe(pairs.length + 1);
  await model.release();
});

it("keeps the reference's numbers: a resumed run reads them and starts where it was", async () => {
  const output = join(folder(), "reference");
  const abort = new AbortController();
  await expect(
    train("dpo", {
      checkpoint: TINY_LLAMA,
      output,
      signal: abort.signal,
      onStep: ({ step }) => {
        if (step === 4) abort.abort();
      },
    }),
  ).rejects.toMatchObject({ code: "INTERRUPTED" });
  const files = readdirSync(`${output}.training`).filter((name) =>
    name.startsWith("reference-"),
  );
  expect(files).toHaveLength(1);
  const path = join(`${output}.training`, files[0] ?? "");
  const [hash, written] = [await hashFile(path), statSync(path).mtimeMs];
  // Stopped once more: were the numbers computed anew, they would come from moved weights.
  const again = new AbortController();
  await expect(
    train("dpo", {
      checkpoint: TINY_LLAMA,
      output,
      signal: again.signal,
      onStep: ({ step }) => {
        if (step === 5) again.abort();
      },
    }),
  ).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect([await hashFile(path), statSync(path).mtimeMs]).toEqual([
    hash,
    written,
  ]);
});

it("starts a preference run at ln 2", async () => {
  const losses: number[] = [];
  await trainDpo(
    {
      checkpoint: TINY_LLAMA,
      output: join(folder(), "first-loss"),
      rows: PREFERENCE_ROWS,
      rehearsal: [],
      settings: DPO_SETTINGS,
      onStep: ({ loss }) => losses.push(loss),
    },
    device,
  );
  expect(Math.abs((losses[0] ?? 0) - Math.LN2)).toBeLessThan(1e-6);
  expect(losses.at(-1)).toBeLessThan(0.6);
});
