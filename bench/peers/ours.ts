/**
 * @file Our side of bench/peers: one measurement a process, one line of JSON.
 *
 *   npx tsx bench/peers/ours.ts '<request as JSON>'
 *
 * Training is the trainer that recipes use, timed from step to step. For DPO the pass
 * over the reference, which the trainer makes once before the first step, is timed apart
 * and counted for the pairs on the clock.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { int8Levels } from "../../src/engine/runtime/int8-range.js";
import { EmbeddedLanguageModel } from "../../src/generation/embedded-language-model.js";
import { loadQuantized } from "../../src/models/quantized-weights.js";
import { loadParameters } from "../../src/models/parameters.js";
import { embeddedTrainer } from "../../src/training/embedded-trainer.js";
import { encodePreference } from "../../src/training/preference-pair.js";
import { pairSums } from "../../src/training/reference.js";
import type { DpoSettings } from "../../src/training/trainer.js";
import { TrainingModel } from "../../src/training/training-model.js";
import type { Finding, Generated } from "./measurement.js";
import { profiled } from "./profile.js";
import { now, readRequest, since, tell, type Instant } from "./runner.js";
import { CHECKED_PROMPTS, LORA } from "./workload.js";

const { request, workload } = await readRequest();
/** Where operators tell their times, when that is asked for. */
let device = openDevice("cpu", request.threads);

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

let totalSeconds = 0;

async function train(task: "sft" | "dpo"): Promise<Instant> {
  const folder = await mkdtemp(join(tmpdir(), "bench-peers-"));
  const ends: Instant[] = [];
  const job = {
    checkpoint: request.folder,
    output: join(folder, "out"),
    settings: SETTINGS,
    onStep: () => void ends.push(now()),
  };
  const trainer = embeddedTrainer(device);
  if (task === "sft") await trainer.sft({ ...job, rows: workload.sft });
  else await trainer.dpo({ ...job, rows: workload.dpo, rehearsal: [] });
  await rm(folder, { recursive: true });
  // The first step carries the compilation.
  totalSeconds = since(ends[0] as Instant, ends.at(-1)).seconds;
  const steps = since(ends[request.warmup - 1] as Instant, ends.at(-1));
  if (task === "sft") return steps;
  const reference = await referencePass();
  return {
    seconds: steps.seconds + reference.seconds,
    processor: steps.processor + reference.processor,
  };
}

/** What the reference pass takes for the pairs on the clock. */
async function referencePass(): Promise<Instant> {
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
  const pairs = await Promise.all(
    workload.dpo
      .slice(request.warmup * request.batchSize)
      .map((row) => encodePreference(tokenizer, row, SETTINGS.maxLength)),
  );
  const pass = () => pairSums(model, pairs, request.batchSize);
  await pass();
  const started = now();
  await pass();
  const taken = since(started);
  await model.release();
  return taken;
}

async function withModel<T>(
  use: (
    model: EmbeddedLanguageModel,
    run: (
      candidates: number,
      prompts?: readonly string[],
    ) => Promise<Generated>,
  ) => Promise<T>,
): Promise<T> {
  const checkpoint = await openCheckpoint(request.folder);
  const model = await EmbeddedLanguageModel.load(
    checkpoint,
    device,
    request.setting === "int8" ? "int8" : "float32",
  );
  const run = async (
    candidates: number,
    prompts = workload.prompts,
  ): Promise<Generated> => {
    const started = now();
    const answers = await model.generate(
      prompts.map((prompt, seed) => ({
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
    const taken = since(started);
    const tokens = answers.flat().reduce((sum, row) => sum + row.tokens, 0);
    const ids = await Promise.all(
      answers.slice(0, 2).map(([answer]) =>
        checkpoint.tokenizer.encode(answer?.text ?? "", {
          addSpecialTokens: false,
        }),
      ),
    );
    return { ...taken, tokens, ids: candidates === 1 ? ids : [] };
  };
  const result = await use(model, run);
  await model.release();
  return result;
}

const generate = (): Promise<Record<string, Generated>> =>
  withModel(async (_model, run) => {
    await run(1);
    return { batch: await run(1), candidates: await run(request.candidates) };
  });

const check = (): Promise<Finding> =>
  withModel(async (model, run) => {
    const prompts = workload.prompts.slice(0, CHECKED_PROMPTS);
    const { ids } = await run(1, prompts);
    const scores = await model.score(
      prompts.map((text) => {
        const [first = "", ...rest] = text.split(" ");
        return { prompt: first, completion: ` ${rest.join(" ")}` };
      }),
    );
    return { greedy: ids, logProbabilities: scores.map((row) => row.logprob) };
  });

async function measure(): Promise<object> {
  switch (request.task) {
    case "generate":
      return generate();
    case "check":
      return check();
    case "sft":
    case "dpo":
      return train(request.task);
  }
}

/** The whole of a small run with the profiler on; loading is left out by the first graph. */
async function profile(): Promise<object> {
  return profiled(async (prefix) => {
    device = { ...device, profile: prefix };
    const made = await measure();
    if ("seconds" in made) return totalSeconds;
    const { batch, candidates } = made as Record<string, Generated>;
    return 2 * (batch?.seconds ?? 0) + (candidates?.seconds ?? 0);
  });
}

tell(request.profile === true ? await profile() : await measure());
