import {
  appendFile,
  mkdtemp,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDevice } from "../../engine/runtime/device.js";
import { embeddedModelHost } from "../../generation/embedded-model-host.js";
import { embeddedTrainer } from "../../training/embedded-trainer.js";
import type { OptimizationSettings } from "../../training/trainer.js";
import type { SupervisedRow } from "../../data/records.js";
import type {
  ModelHost,
  ScoreRequest,
} from "../../generation/language-model.js";
import { handOverProof } from "./hand-over.js";

const TINY_LLAMA = "test/fixtures/checkpoints/llama";

const rows: SupervisedRow[] = Array.from({ length: 100 }, (_, i) => ({
  prompt: `question ${i}`,
  completion: "ten tokens of it",
}));

const SETTINGS: OptimizationSettings = {
  ...{ learningRate: 2e-3, epochs: 0.2, batchSize: 4, gradientAccumulation: 1 },
  ...{ schedule: "linear", warmupRatio: 0, minLearningRateRatio: 0 },
  ...{ weightDecay: 0, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  ...{ maxGradNorm: 1, maxLength: 128, shuffle: true, seed: 5 },
};

/** A host that gives every completion of ten tokens this log-probability. */
function hostOf(logprob: number): ModelHost & { asked: ScoreRequest[] } {
  const asked: ScoreRequest[] = [];
  return {
    asked,
    withModel: (_checkpoint, use) =>
      use({
        identity: "scripted",
        generate: () => Promise.resolve([]),
        score: (requests) => {
          asked.push(...requests);
          return Promise.resolve(requests.map(() => ({ logprob, tokens: 10 })));
        },
      }),
  };
}

function provenBy(logprob: number, trained: number | null = -5) {
  const handed = handOverProof(rows, { tolerance: 0.02 });
  handed.proof.onScores(handed.proof.rows.map(() => trained));
  const host = hostOf(logprob);
  return {
    host,
    proven: handed.require(host, {
      checkpoint: TINY_LLAMA,
      parent: TINY_LLAMA,
    }),
  };
}

describe("the proof of the hand-over", () => {
  it("passes where both make the same of 32 rows from all over", async () => {
    const { host, proven } = provenBy(-5.19);
    await proven;
    expect(host.asked).toHaveLength(32);
    expect(host.asked.at(-1)?.prompt).toBe("question 96");
  });

  it("stops with both numbers where they differ by more than the tolerance a token", async () => {
    const { proven } = provenBy(-5.21);
    await expect(proven).rejects.toMatchObject({
      code: "NUMERIC",
      message: expect.stringMatching(/-5\.0000.*-5\.2100/) as string,
    });
  });

  it("stops where the generator makes no number", async () => {
    const { proven } = provenBy(Number.NaN);
    await expect(proven).rejects.toMatchObject({ code: "NUMERIC" });
  });

  it("leaves out rows that the trainer could not score", async () => {
    const { host, proven } = provenBy(-9, null);
    await proven;
    expect(host.asked).toEqual([]);
  });

  it("scores the chosen side of pairs, and no conversation without a prompt", () => {
    const handed = handOverProof(
      [
        { prompt: "p", chosen: "c", rejected: "r" },
        { messages: [{ role: "user", content: "u" }] },
      ],
      { tolerance: 1 },
    );
    expect(handed.proof.rows).toEqual([{ prompt: "p", completion: "c" }]);
  });
});

describe("a model that the embedded trainer hands over", () => {
  const device = openDevice("cpu");
  const host = embeddedModelHost(device);
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "hand-over-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  /** Trains, lets something happen to the result, and asks the host. */
  async function handedOver(
    name: string,
    happens: (checkpoint: string) => Promise<void>,
  ): Promise<void> {
    const checkpoint = join(folder, name);
    const handed = handOverProof(rows, { tolerance: 1e-4 });
    const job = {
      ...{ checkpoint: TINY_LLAMA, output: checkpoint, rows },
      proof: handed.proof,
    };
    await embeddedTrainer(device).sft({ ...job, settings: SETTINGS });
    await happens(checkpoint);
    await handed.require(host, { checkpoint, parent: TINY_LLAMA });
  }

  it("passes as the trainer left it, also where the training was done before", async () => {
    await handedOver("whole", () => Promise.resolve());
    const before = await stat(join(folder, "whole", "model.safetensors"));
    await handedOver("whole", () => Promise.resolve());
    const after = await stat(join(folder, "whole", "model.safetensors"));
    expect(after.mtimeMs).toBe(before.mtimeMs);
  });

  it("stops with both numbers after a change of its weights, found done or not", async () => {
    const stopped = {
      code: "NUMERIC",
      message: expect.stringMatching(
        /trainer makes a log-probability of -\d+\.\d{4}, the generator -\d+\.\d{4}/,
      ) as string,
    };
    const spoil = async (checkpoint: string): Promise<void> => {
      const path = join(checkpoint, "model.safetensors");
      const bytes = await readFile(path);
      // The last bytes are weights: four of them become 1.0.
      for (let at = bytes.length - 4096; at < bytes.length; at += 4)
        bytes.writeFloatLE(1, at);
      await writeFile(path, bytes);
    };
    await expect(handedOver("spoiled", spoil)).rejects.toMatchObject(stopped);
    await expect(
      handedOver("spoiled", () => Promise.resolve()),
    ).rejects.toMatchObject(stopped);
  });

  it.each(["chat_template.jinja", "tokenizer.json"])(
    "stops with both hashes after a change of %s that these rows do not show",
    async (file) => {
      const changed = handedOver(file, async (checkpoint) => {
        await appendFile(join(checkpoint, file), "\n");
      });
      await expect(changed).rejects.toMatchObject({
        code: "BAD_CHECKPOINT",
        message: expect.stringMatching(
          new RegExp(`one ${file} .*[0-9a-f]{16} in .*[0-9a-f]{16} there`),
        ) as string,
      });
    },
  );
});
