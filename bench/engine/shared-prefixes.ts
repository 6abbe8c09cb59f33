/**
 * @file What sharing the beginnings of prompts saves: judging with a rubric, and prompts
 * with examples, at several thresholds beside no sharing at all.
 *
 *   npx tsx bench/engine/shared-prefixes.ts [--rounds 5]
 *
 * Random weights of 18M parameters, and the nursery's M0. Variants alternate, medians
 * over rounds; prints one line a variant.
 */
import { parseArgs } from "node:util";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import {
  llamaConfig,
  type DecoderConfig,
} from "../../src/checkpoints/decoder-config.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { compile } from "../../src/engine/runtime/executable.js";
import { randomStream } from "../../src/foundation/random.js";
import { decode } from "../../src/generation/decoding.js";
import { Prefill } from "../../src/generation/prefill.js";
import type { SharingLimits } from "../../src/generation/prefix-tree.js";
import { ADDITIVE_RUBRIC } from "../../src/judging/rubric.js";
import { buildInferenceGraph } from "../../src/models/inference-graph.js";
import { initializeParameters } from "../../src/models/initialization.js";
import { PackedScorer } from "../../src/models/packed-scorer.js";
import { packSequences } from "../../src/models/packing.js";
import {
  loadParameters,
  type ParameterSet,
} from "../../src/models/parameters.js";

const PROMPTS = 64;
const ANSWERS = 4;
/** A rubric's words are this many tokens each, about, for the tokenizers in use. */
const TOKENS_A_WORD = 1.3;

const device = openDevice("cpu");
const random = randomStream(1, "shared prefixes");
const SHARING = { spared: 0, longest: 512 };
const LIMITS: readonly (readonly [string, SharingLimits])[] = [
  ["not shared", { ...SHARING, shortest: Number.POSITIVE_INFINITY }],
  ...[4, 8, 16, 32, 64].map((shortest): [string, SharingLimits] => [
    `shared from ${shortest} tokens`,
    { ...SHARING, shortest },
  ]),
];

interface Case {
  readonly name: string;
  readonly config: DecoderConfig;
  readonly parameters: ParameterSet;
  readonly prompts: readonly (readonly number[])[];
}

/** Rubric, request, answer and the rubric's end, of random tokens. */
function judgingCase(): Case {
  const config = llamaConfig({
    hiddenSize: 384,
    intermediateSize: 1056,
    layerCount: 10,
    headCount: 6,
    keyValueHeadCount: 3,
    vocabSize: 4096,
    maxPositions: 512,
    bosTokenId: null,
    eosTokenIds: [],
    padTokenId: 0,
  });
  const draw = (length: number): number[] =>
    Array.from({ length }, () => random.integer(config.vocabSize));
  const tokens = (text = ""): number[] =>
    draw(Math.round(text.trim().split(/\s+/).length * TOKENS_A_WORD));
  const [before, between, after] = ADDITIVE_RUBRIC.split(
    /\{prompt\}|\{response\}/,
  );
  const [head, middle, tail] = [before, between, after].map(tokens) as [
    number[],
    number[],
    number[],
  ];
  const prompts = Array.from({ length: PROMPTS }, () => {
    const request = draw(8 + random.integer(41));
    return Array.from({ length: ANSWERS }, () => [
      ...head,
      ...request,
      ...middle,
      ...draw(4 + random.integer(45)),
      ...tail,
    ]);
  }).flat();
  return {
    name: `18M, ${PROMPTS} × ${ANSWERS} answers judged, rubric of ${head.length} + ${tail.length} tokens`,
    config,
    parameters: initializeParameters(config, 1),
    prompts,
  };
}

/** Self-Instruct's form: a short lead, eight tasks drawn anew for each prompt. */
async function exampleCase(): Promise<Case> {
  const checkpoint = await openCheckpoint(
    new URL("../../nursery/m0", import.meta.url).pathname,
  );
  const { config } = checkpoint;
  const draw = (length: number): number[] =>
    Array.from({ length }, () => 10 + random.integer(config.vocabSize - 10));
  const lead = draw(9);
  const pool = Array.from({ length: 175 }, () => draw(6 + random.integer(8)));
  return {
    name: "nursery, 256 prompts of a lead of 9 tokens and 8 examples",
    config,
    parameters: await loadParameters(checkpoint),
    prompts: Array.from({ length: 256 }, () => [
      ...lead,
      ...Array.from(
        { length: 8 },
        () => pool[random.integer(pool.length)] ?? [],
      ).flat(),
    ]),
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

async function measure(given: Case, rounds: number): Promise<void> {
  const { config, parameters, prompts } = given;
  const executable = await compile(
    buildInferenceGraph(config, { base: parameters }, config.maxPositions),
    device,
  );
  const model = { config, executable };
  const vocabulary = config.vocabSize;
  const requests = prompts.map((promptIds, seed) => ({
    promptIds,
    n: 1,
    seed,
    maxTokens: 16,
    temperature: 1,
    topP: 1,
    topK: 0,
    ended: () => false,
  }));
  const weigh = async (limits: SharingLimits): Promise<void> => {
    const prefill = new Prefill(model, prompts, limits);
    for (let start = 0; start < prompts.length; start += 128)
      await prefill.compute(
        prefill.order.slice(start, start + 128),
        () => undefined,
      );
  };
  const write = async (sharing: SharingLimits): Promise<void> => {
    await decode({ ...model, vocabulary, eosTokenIds: new Set() }, requests, {
      sharing,
    });
  };
  const scorer = new PackedScorer(
    { config, base: parameters, adapter: null },
    device,
  );
  const packed = async (): Promise<void> => {
    for (let start = 0; start < prompts.length; start += 16)
      await scorer.logProbabilities(
        packSequences(
          prompts.slice(start, start + 16).map((ids) => ({
            ids,
            completionStart: ids.length,
            options: [1, 2, 3, 4, 5, 6],
          })),
        ),
      );
  };
  const variants = [
    ["weighed, packed rows", packed] as const,
    ...LIMITS.map(
      ([name, limits]) => [`weighed, ${name}`, () => weigh(limits)] as const,
    ),
    ...LIMITS.map(
      ([name, limits]) =>
        [`16 tokens written, ${name}`, () => write(limits)] as const,
    ),
  ];
  const seconds = variants.map(() => [] as number[]);
  for (let round = -1; round < rounds; round++) {
    const order = variants.map((_, i) => i);
    for (const i of round % 2 === 0 ? order : order.reverse()) {
      const started = performance.now();
      await variants[i]?.[1]();
      if (round >= 0) seconds[i]?.push((performance.now() - started) / 1000);
    }
  }
  console.log(given.name);
  variants.forEach(([name], i) => {
    console.log(`  ${name}: ${median(seconds[i] ?? []).toFixed(2)} s`);
  });
  await executable.release();
  await scorer.release();
}

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "5" } },
});
for (const given of [await exampleCase(), judgingCase()])
  await measure(given, Number(values.rounds));
