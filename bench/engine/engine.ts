/**
 * @file Engine speed: training steps against the machine's own MatMul rate, and
 * generation at the nursery model's size.
 *
 *   npx tsx bench/engine/engine.ts
 *
 * Variants alternate, medians are taken over rounds, the machine is stated. Writes
 * docs/results/engine.md.
 */
import { execFileSync } from "node:child_process";
import { cpus, totalmem } from "node:os";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import {
  llamaConfig,
  type DecoderConfig,
} from "../../src/checkpoints/config/decoder-config.js";
import { GraphBuilder } from "../../src/engine/graph/graph.js";
import { initAdamW, updateAdamW } from "../../src/engine/optimizers/adamw.js";
import {
  clippingScale,
  gradientNorm,
} from "../../src/engine/optimizers/clipping.js";
import { openDevice, type Device } from "../../src/engine/runtime/device.js";
import { compile } from "../../src/engine/runtime/executable.js";
import { float32Tensor } from "../../src/engine/tensor/host-tensor.js";
import { randomStream } from "../../src/foundation/random.js";
import { writeFileAtomic } from "../../src/foundation/storage.js";
import { EmbeddedLanguageModel } from "../../src/generation/embedded-language-model.js";
import { initializeParameters } from "../../src/models/initialization.js";
import { packSequences } from "../../src/models/packing.js";
import {
  supervisedObjective,
  totalTargetWeight,
} from "../../src/training/objectives/supervised.js";
import { TrainingModel } from "../../src/training/training-model.js";

const ROUNDS = 7;

interface Timed {
  readonly name: string;
  /** Floating-point operations of one call. */
  readonly operations: number;
  readonly tokens: number;
  readonly call: () => Promise<void>;
  readonly release: () => Promise<void>;
}

/** 1024³ MatMul, float32, weights fed as in training. */
async function matmul(device: Device): Promise<Timed> {
  const size = 1024;
  const graph = new GraphBuilder();
  const product = graph.matmul(
    graph.input("a", [size, size]),
    graph.input("b", [size, size]),
  );
  graph.output("c", product);
  const executable = await compile(graph, device);
  const random = randomStream(1, "matmul");
  const fill = () =>
    float32Tensor(
      Float32Array.from({ length: size * size }, () => random.next() - 0.5),
      [size, size],
    );
  const feeds = { a: fill(), b: fill() };
  const results = {
    c: float32Tensor(new Float32Array(size * size), [size, size]),
  };
  return {
    name: "ONNX Runtime MatMul 1024³",
    operations: 2 * size ** 3,
    tokens: 0,
    call: async () => {
      await executable.run(feeds, { results });
    },
    release: () => executable.release(),
  };
}

const SHAPES = [
  {
    name: "1M",
    hiddenSize: 128,
    intermediateSize: 352,
    layerCount: 6,
    headCount: 4,
    keyValueHeadCount: 2,
    vocabSize: 598,
  },
  {
    name: "6M",
    hiddenSize: 256,
    intermediateSize: 704,
    layerCount: 7,
    headCount: 8,
    keyValueHeadCount: 4,
    vocabSize: 2048,
  },
  {
    name: "18M",
    hiddenSize: 384,
    intermediateSize: 1056,
    layerCount: 10,
    headCount: 6,
    keyValueHeadCount: 3,
    vocabSize: 4096,
  },
] as const;

const ROWS = 16;
const LENGTH = 128;

/** Forward, backward, clipping and AdamW on full batches of 2,048 tokens, every token a target. */
async function trainingStep(
  shape: (typeof SHAPES)[number],
  device: Device,
): Promise<Timed> {
  const config: DecoderConfig = llamaConfig({
    ...shape,
    maxPositions: LENGTH,
    bosTokenId: null,
    eosTokenIds: [1],
    padTokenId: 0,
  });
  const base = initializeParameters(config, 1);
  const model = new TrainingModel({ config, base, adapter: null }, device);
  const random = randomStream(1, "tokens", shape.name);
  const sequences = Array.from({ length: ROWS }, () => ({
    ids: Array.from({ length: LENGTH }, () => random.integer(config.vocabSize)),
    completionStart: 1,
  }));
  const batch = packSequences(sequences);
  const objective = supervisedObjective(batch, totalTargetWeight([batch]));
  const optimizer = initAdamW(base.values.length);
  const tokens = ROWS * LENGTH;
  // The tied head uses the embedding matrix once; looking rows up multiplies nothing.
  const matrices = base.values.length;
  const attention = 12 * config.layers.length * LENGTH * config.hiddenSize;
  return {
    name: `${shape.name} (${(base.values.length / 1e6).toFixed(2)}M parameters)`,
    operations: tokens * (6 * matrices + attention),
    tokens,
    call: async () => {
      await model.backward(batch, objective);
      const norm = gradientNorm(model.gradients.values);
      updateAdamW(optimizer, model.trainable.values, model.gradients.values, {
        beta1: 0.9,
        beta2: 0.999,
        epsilon: 1e-8,
        weightDecay: 0,
        learningRate: 1e-4,
        gradientScale: clippingScale(norm, 1),
      });
    },
    release: () => model.release(),
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

/** Seconds a call: variants in turn, the order reversed every other round. */
async function compare(
  variants: readonly Timed[],
): Promise<Map<Timed, number>> {
  const seconds = new Map(variants.map((variant) => [variant, [] as number[]]));
  for (const variant of variants)
    for (let i = 0; i < 3; i++) await variant.call();
  for (let round = 0; round < ROUNDS; round++) {
    for (const variant of round % 2 === 0
      ? variants
      : [...variants].reverse()) {
      const calls = variant.tokens === 0 ? 20 : 3;
      const started = performance.now();
      for (let i = 0; i < calls; i++) await variant.call();
      seconds.get(variant)?.push((performance.now() - started) / 1000 / calls);
    }
  }
  return new Map(
    [...seconds].map(([variant, times]) => [variant, median(times)]),
  );
}

/** Tokens a second for `prompts` × 4 candidates × 32 tokens at the nursery model's size. */
async function generationRate(
  model: EmbeddedLanguageModel,
  prompts: number,
): Promise<number> {
  const requests = Array.from({ length: prompts }, (_, i) => ({
    prompt: [
      { role: "user" as const, content: "reverse the letters : c a t s" },
    ],
    n: 4,
    temperature: 1.5,
    topP: 1,
    topK: 0,
    maxTokens: 32,
    stop: [],
    seed: i,
  }));
  const rates: number[] = [];
  for (let round = 0; round < 3; round++) {
    const started = performance.now();
    const answers = await model.generate(requests);
    const tokens = answers
      .flat()
      .reduce((sum, answer) => sum + answer.tokens, 0);
    rates.push((tokens / (performance.now() - started)) * 1000);
  }
  return median(rates);
}

const device = openDevice("cpu");
const reference = await matmul(device);
const steps = [];
for (const shape of SHAPES) steps.push(await trainingStep(shape, device));
const seconds = await compare([reference, ...steps]);
const rate = (variant: Timed): number =>
  variant.operations / (seconds.get(variant) ?? 1) / 1e9;
for (const variant of [reference, ...steps]) await variant.release();

const model = await EmbeddedLanguageModel.load(
  await openCheckpoint(new URL("../../nursery/m0", import.meta.url).pathname),
  device,
);
const generation = [];
for (const prompts of [1, 4, 16, 64, 256])
  generation.push([prompts, await generationRate(model, prompts)] as const);
await model.release();

const commit = execFileSync("git", ["rev-parse", "--short=12", "HEAD"], {
  encoding: "utf8",
}).trim();
const table = [
  "# Engine speed",
  "",
  `Command: \`npx tsx bench/engine/engine.ts\`, commit ${commit}, ${new Date().toISOString().slice(0, 10)}.`,
  `Machine: ${cpus()[0]?.model.trim() ?? "unknown"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; Node ${process.version}.`,
  `Medians of ${ROUNDS} alternating rounds. A training step is forward, backward, clipping and AdamW`,
  `on ${ROWS} rows of ${LENGTH} tokens, every token a target; operations are 6 a parameter and token, plus attention.`,
  "",
  "| what | GFLOP/s | share of the MatMul rate | tokens/s |",
  "| --- | --- | --- | --- |",
  ...[reference, ...steps].map(
    (variant) =>
      `| ${variant.name} | ${rate(variant).toFixed(0)} | ${((rate(variant) / rate(reference)) * 100).toFixed(0)} % | ${variant.tokens === 0 ? "" : (variant.tokens / (seconds.get(variant) ?? 1)).toFixed(0)} |`,
  ),
  "",
  "Generation with the nursery's M0 (1.18M parameters), 4 candidates of at most 32 tokens a prompt:",
  "",
  "| prompts | sequences | tokens/s |",
  "| --- | --- | --- |",
  ...generation.map(
    ([prompts, tokens]) =>
      `| ${prompts} | ${prompts * 4} | ${tokens.toFixed(0)} |`,
  ),
  "",
].join("\n");
await writeFileAtomic(
  new URL("../../docs/results/engine.md", import.meta.url).pathname,
  table,
);
process.stdout.write(table);
