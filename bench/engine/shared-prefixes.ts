/**
 * @file What sharing the beginnings of prompts saves: judging with a rubric, prompts with
 * examples, and groups of four prompts that share more and more tokens.
 *
 *   npx tsx bench/engine/shared-prefixes.ts [--rounds 3] [--size nursery]
 *
 * Random weights of 18M parameters, and the nursery's M0. Variants alternate, medians
 * over rounds; prints one line a variant.
 */
import { parseArgs } from "node:util";
import { openCheckpoint } from "../../src/checkpoints/checkpoint.js";
import {
  llamaConfig,
  type DecoderConfig,
} from "../../src/checkpoints/config/decoder-config.js";
import { openDevice } from "../../src/engine/runtime/device.js";
import { compile } from "../../src/engine/runtime/executable.js";
import { randomStream } from "../../src/foundation/random.js";
import { decode } from "../../src/generation/decoding.js";
import { Prefill } from "../../src/generation/prefill.js";
import type { SharingLimits } from "../../src/generation/prefix-tree.js";
import { ADDITIVE_RUBRIC } from "../../src/rewarding/rubric.js";
import { buildInferenceGraph } from "../../src/models/inference-graph.js";
import { joinProjections } from "../../src/models/joined-projections.js";
import { initializeParameters } from "../../src/models/initialization.js";
import { PackedScorer } from "../../src/models/packed-scorer.js";
import { packSequences } from "../../src/models/packing.js";
import {
  loadParameters,
  type ParameterSet,
} from "../../src/models/parameters.js";

const PROMPTS = 64;
const ANSWERS = 4;
const NEW_TOKENS = 16;
/** A rubric's words are this many tokens each, about, for the tokenizers in use. */
const TOKENS_A_WORD = 1.3;

const device = openDevice("cpu");
const random = randomStream(1, "shared prefixes");
const LIMITS = { shortest: 1, spared: 1, longest: 512 };
const SHARING: readonly (readonly [string, SharingLimits])[] = [
  ["not shared", { ...LIMITS, shortest: Number.POSITIVE_INFINITY }],
  ["shared", { ...LIMITS, shortest: 16, spared: 64 }],
  ["shared however short", LIMITS],
];
/** Tokens that four prompts share, before 16 of their own. */
const GROUP_LEADS = [4, 8, 16, 32, 64];
const OWN_TOKENS = 16;

interface Case {
  readonly name: string;
  readonly config: DecoderConfig;
  readonly parameters: ParameterSet;
  readonly prompts: readonly (readonly number[])[];
  /** Also by the packed rows of scoring, and with an answer written. */
  readonly whole: boolean;
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
    whole: true,
  };
}

/** The same model with groups of prompts instead. */
function groupCases(given: Case): Case[] {
  const { vocabSize } = given.config;
  const draw = (length: number): number[] =>
    Array.from({ length }, () => 10 + random.integer(vocabSize - 10));
  return GROUP_LEADS.map((length) => ({
    ...given,
    name: `groups of ${ANSWERS} that share ${length} tokens`,
    prompts: Array.from({ length: PROMPTS }, () => {
      const lead = draw(length);
      return Array.from({ length: ANSWERS }, () => [
        ...lead,
        ...draw(OWN_TOKENS),
      ]);
    }).flat(),
    whole: false,
  }));
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
    whole: true,
  };
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;

async function measure(given: Case, rounds: number): Promise<void> {
  const { config, parameters, prompts } = given;
  const executable = await compile(
    buildInferenceGraph(joinProjections(config, parameters.tensors), {
      capacity: config.maxPositions,
      vocabulary: config.vocabSize,
    }),
    device,
  );
  const model = { config, executable };
  const vocabulary = config.vocabSize;
  const requests = prompts.map((promptIds, seed) => ({
    promptIds,
    n: 1,
    seed,
    maxTokens: NEW_TOKENS,
    temperature: 1,
    topP: 1,
    topK: 0,
    ended: null,
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
    ...(given.whole ? [["weighed, packed rows", packed] as const] : []),
    ...SHARING.map(
      ([name, limits]) => [`weighed, ${name}`, () => weigh(limits)] as const,
    ),
    ...SHARING.slice(0, given.whole ? 2 : 0).map(
      ([name, limits]) =>
        [`${NEW_TOKENS} tokens written, ${name}`, () => write(limits)] as const,
    ),
  ];
  const seconds = variants.map(() => [] as number[]);
  for (let round = 0; round < rounds; round++) {
    const order = variants.map((_, i) => i);
    for (const i of round % 2 === 0 ? order : order.reverse()) {
      const started = performance.now();
      await variants[i]?.[1]();
      seconds[i]?.push((performance.now() - started) / 1000);
    }
  }
  console.log(given.name);
  variants.forEach(([name], i) => {
    console.log(`  ${name}: ${median(seconds[i] ?? []).toFixed(3)} s`);
  });
  await executable.release();
  await scorer.release();
}

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    size: { type: "string" },
  },
});
if (values.size !== "18M") {
  const examples = await exampleCase();
  for (const given of [examples, ...groupCases(examples)])
    await measure(given, Number(values.rounds));
}
if (values.size !== "nursery") {
  const judging = judgingCase();
  for (const given of [judging, ...groupCases(judging)])
    await measure(given, Number(values.rounds));
}
