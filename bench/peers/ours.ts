/**
 * @file Our side of bench/peers: one measurement a process, one line of JSON.
 *
 *   npx tsx bench/peers/ours.ts '<request as JSON>'
 *
 * Training is the trainer that recipes use, timed from step to step. For DPO the pass
 * over the reference, which the trainer makes once before the first step, is timed apart
 * and counted for the pairs on the clock.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { int8Levels } from "../../src/engine/runtime/int8-range.js";
import { EmbeddedLanguageModel } from "../../src/generation/embedded-language-model.js";
import { encodePair } from "../../src/models/encode-rows.js";
import { loadQuantized } from "../../src/models/quantized-weights.js";
import { loadParameters } from "../../src/models/parameters.js";
import { embeddedTrainer } from "../../src/training/embedded-trainer.js";
import { sequenceSums } from "../../src/training/reference.js";
import type { DpoSettings } from "../../src/training/trainer.js";
import { TrainingModel } from "../../src/training/training-model.js";
import type { MeasurementRequest, Generated } from "./measurement.js";
import { LORA, type Workload } from "./workload.js";

const request = JSON.parse(process.argv[2] ?? "") as MeasurementRequest;
const workload = JSON.parse(
  await readFile(request.workload, "utf8"),
) as Workload;
const device = openDevice("cpu");

const SETTINGS: DpoSettings = {
  learningRate: 1e-4,
  epochs: 1,
  batchSize: request.batchSize,
  gradientAccumulation: 1,
  schedule: "linear",
  warmupRatio: 0,
  minLearningRateRatio: 0,
  weightDecay: 0,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxGradNorm: 1,
  maxLength: 512,
  shuffle: false,
  seed: 1,
  beta: 0.1,
  loss: "sigmoid",
  labelSmoothing: 0,
  nllWeight: 0,
  lengthNormalized: false,
  rehearsalEvery: 0,
  rehearsalBatchSize: 0,
  ...(request.lora === null
    ? {}
    : {
        lora: {
          ...LORA,
          output: "adapter" as const,
          ...(request.setting === "float32" ? {} : { base: "int8" as const }),
        },
      }),
};

async function train(task: "sft" | "dpo"): Promise<{ seconds: number }> {
  const folder = await mkdtemp(join(tmpdir(), "bench-peers-"));
  const ends: number[] = [];
  const job = {
    checkpoint: request.folder,
    output: join(folder, "out"),
    settings: SETTINGS,
    onStep: () => void ends.push(performance.now()),
  };
  const trainer = embeddedTrainer(device);
  if (task === "sft") await trainer.sft({ ...job, rows: workload.sft });
  else await trainer.dpo({ ...job, rows: workload.dpo, rehearsal: [] });
  await rm(folder, { recursive: true });
  const started = ends[request.warmup - 1] ?? 0;
  const steps = ((ends.at(-1) ?? 0) - started) / 1000;
  return {
    seconds: steps + (task === "dpo" ? await referenceSeconds() : 0),
  };
}

/** Seconds of the reference pass for the pairs on the clock. */
async function referenceSeconds(): Promise<number> {
  const { config, tokenizer, ...checkpoint } = await openCheckpoint(
    request.folder,
  );
  const opened = { config, tokenizer, ...checkpoint };
  const weights =
    request.setting === "float32"
      ? { base: await loadParameters(opened) }
      : await loadQuantized(opened, await int8Levels(device));
  const model = new TrainingModel(
    { config, adapter: null, ...weights },
    device,
  );
  const sequences = workload.dpo
    .slice(request.warmup * request.batchSize)
    .flatMap(({ prompt, chosen, rejected }) =>
      [chosen, rejected].map((completion) =>
        encodePair(tokenizer, { prompt, completion }),
      ),
    );
  const pass = () => sequenceSums(model, sequences, 2 * request.batchSize);
  await pass();
  const started = performance.now();
  await pass();
  const seconds = (performance.now() - started) / 1000;
  await model.release();
  return seconds;
}

async function generate(): Promise<Record<string, Generated>> {
  const checkpoint = await openCheckpoint(request.folder);
  const model = await EmbeddedLanguageModel.load(
    checkpoint,
    device,
    request.setting === "int8" ? "int8" : "float32",
  );
  const run = async (candidates: number): Promise<Generated> => {
    const started = performance.now();
    const answers = await model.generate(
      workload.prompts.map((prompt, seed) => ({
        prompt,
        n: candidates,
        temperature: candidates === 1 ? 0 : 1,
        topP: 1,
        topK: 0,
        maxTokens: request.newTokens,
        stop: [],
        seed,
      })),
    );
    const seconds = (performance.now() - started) / 1000;
    const tokens = answers.flat().reduce((sum, row) => sum + row.tokens, 0);
    const ids = answers.slice(0, 2).map(([answer]) =>
      checkpoint.tokenizer.encode(answer?.text ?? "", {
        addSpecialTokens: false,
      }),
    );
    return { seconds, tokens, ids: candidates === 1 ? ids : [] };
  };
  await run(1);
  const result = {
    batch: await run(1),
    candidates: await run(request.candidates),
  };
  await model.release();
  return result;
}

const result =
  request.task === "generate" ? await generate() : await train(request.task);
process.stdout.write(
  `${JSON.stringify({ ...result, peakMiB: process.resourceUsage().maxRSS / 1024 })}\n`,
);
