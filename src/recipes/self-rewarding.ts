/**
 * @file The recipe of a self-rewarding run: every number of the loop as a key.
 *
 * Defaults are the paper's where it states one (Self-Rewarding Language Models,
 * arXiv 2401.10020; docs/paper-index.md says where). Paths are relative to the recipe.
 */
import { z } from "zod";
import { DEFAULT_STOP_RULE } from "../evaluation/stop-rule.js";
import { overridesOf } from "./overrides.js";
import { recipeModel, recipePath } from "./schema-keys.js";
import { ADDITIVE_ANSWER, ADDITIVE_RUBRIC } from "../judging/rubric.js";

const count = z.number().int().min(0);
const positive = z.number().positive();
const share = z.number().min(0).max(1);

/** Keys of every training, with the defaults of the self-rewarding recipe. */
export const optimization = {
  learningRate: positive,
  epochs: positive.default(1),
  batchSize: z.number().int().positive().default(16),
  gradientAccumulation: z.number().int().positive().default(1),
  schedule: z.enum(["linear", "cosine", "constant"]).default("cosine"),
  warmupRatio: share.default(0),
  minLearningRateRatio: share.default(0.2),
  weightDecay: z.number().min(0).default(0),
  beta1: share.default(0.9),
  beta2: share.default(0.999),
  epsilon: positive.default(1e-8),
  maxGradNorm: z.number().min(0).default(1),
  maxLength: z.number().int().positive().default(1024),
};

/** Low-rank adaptation instead of training all weights; TRL's defaults. */
const lora = z
  .strictObject({
    rank: z.number().int().positive().default(16),
    /** The update is scaled by alpha / rank. */
    alpha: positive.default(32),
    /** Last names of the adapted layers; null for every linear layer but the head. */
    targets: z.array(z.string().min(1)).nullable().default(null),
    /** Beside the merged checkpoint, leave the adapter too, as M2-adapter. */
    keepAdapter: z.boolean().default(false),
    /** How the frozen weights are kept while training; int8 takes a quarter and rounds. */
    base: z.enum(["float32", "int8"]).default("float32"),
  })
  .nullable()
  .default(null);

const teaching = z.strictObject({
  ...optimization,
  lora,
  learningRate: positive.default(5.5e-6),
  epochs: positive.default(2),
  /** Loss weight of an EFT row's tokens against an IFT row's. */
  judgeWeight: positive.default(1),
  /** Rows that teach to write new prompts from examples. */
  promptWritingRows: count.default(0),
});

const preference = z.strictObject({
  ...optimization,
  lora,
  learningRate: positive.default(1e-6),
  minLearningRateRatio: share.default(0.1),
  /** `sft-best` trains on the best candidate alone (the paper's ablation). */
  mode: z.enum(["dpo", "sft-best"]).default("dpo"),
  beta: positive.default(0.1),
  loss: z.enum(["sigmoid", "ipo"]).default("sigmoid"),
  labelSmoothing: z.number().min(0).max(0.5).default(0),
  nllWeight: z.number().min(0).default(0),
  lengthNormalized: z.boolean().default(false),
  /** A batch of rehearsal rows after every this many steps; 0 for none. */
  rehearsalEvery: count.default(0),
  rehearsalBatchSize: count.default(0),
  /** What is rehearsed. */
  rehearse: z.array(z.enum(["ift", "eft", "promptWriting"])).default(["eft"]),
});

const sampling = {
  temperature: z.number().min(0),
  topP: share,
  topK: count.default(0),
  maxTokens: z.number().int().positive(),
};

const prompts = z.strictObject({
  ...sampling,
  /** New prompts wanted in each round. */
  count: z.number().int().positive().default(1000),
  /** Stop asking after this many requests for each prompt wanted. */
  maxRequestsPerPrompt: positive.default(5),
  /** Examples shown: from the seeds, and of the model's own. */
  seedExamples: count.default(6),
  ownExamples: count.default(2),
  temperature: z.number().min(0).default(0.6),
  topP: share.default(0.9),
  maxTokens: z.number().int().positive().default(256),
  /** With the slot `{tasks}`. */
  template: z
    .string()
    .default(
      "Here are some tasks:\n\n{tasks}\n\nWrite one new task of a different kind. Give only the task.",
    ),
  separator: z.string().default("\n\n"),
  /** ROUGE-L above which a prompt is too like one of the pool (Self-Instruct, section 2.2). */
  novelty: share.default(0.7),
  tokenizer: z.enum(["rouge", "unicode"]).default("rouge"),
  minWords: count.default(3),
  maxWords: count.default(150),
});

const candidates = z.strictObject({
  ...sampling,
  n: z.number().int().min(2).default(4),
  temperature: z.number().min(0).default(0.7),
  topP: share.default(0.9),
  maxTokens: z.number().int().positive().default(512),
});

const judge = z.strictObject({
  /** `self` M_t, `frozen` M1 for ever, `verifier` and `random` are control arms. */
  source: z.enum(["self", "frozen", "verifier", "random"]).default("self"),
  reward: z.enum(["expected", "samples"]).default("samples"),
  samples: z.number().int().positive().default(3),
  temperature: z.number().min(0).default(0.7),
  topP: share.default(0.9),
  maxTokens: z.number().int().positive().default(256),
  template: z.string().default(ADDITIVE_RUBRIC),
  answer: z.string().default(ADDITIVE_ANSWER),
  /** Fixed-set accuracy of M1 below which the loop does not start. */
  gate: share.default(0.8),
});

const pairs = z.strictObject({
  /** A pair needs a score difference above this. */
  minMargin: z.number().min(0).default(0),
  /** The chosen answer must have ended by itself. */
  finishedOnly: z.boolean().default(true),
});

const evaluation = z.strictObject({
  temperature: z.number().min(0).default(0.7),
  samplesPerPrompt: count.default(2),
  maxTokens: z.number().int().positive().default(512),
  resamples: z.number().int().positive().default(2000),
});

/** Use only this many rows from the start of a file; null for all. */
const firstRows = z.number().int().positive().nullable().default(null);

const data = z.strictObject({
  /**
   * IFT rows: {instruction, input?, output}, {prompt, output}, {prompt, completion} or
   * {messages} of one exchange; chat.jsonl of an `instruct` data set is one such file.
   */
  ift: recipePath(),
  iftRows: firstRows,
  /** EFT rows: {prompt, response, score, rationale?}. */
  eft: recipePath(),
  eftRows: firstRows,
  /** Rows {prompt, …} that nothing trains on. */
  heldOut: recipePath(),
  heldOutRows: firstRows,
  /** Rows {prompt, right, corrupted}. */
  judgeFixed: recipePath(),
  judgeFixedRows: firstRows,
  /** Rows {prompt, responses: [{response, score}, …]}. */
  judgeTest: recipePath(),
  judgeTestRows: firstRows,
});

const bound = (value: number | null) => z.number().nullable().default(value);

const stop = z.strictObject({
  judgeFloor: bound(DEFAULT_STOP_RULE.judgeFloor),
  judgeFall: bound(DEFAULT_STOP_RULE.judgeFall),
  topScoreShare: bound(DEFAULT_STOP_RULE.topScoreShare),
  malformedShare: bound(DEFAULT_STOP_RULE.malformedShare),
  minimumPairs: bound(DEFAULT_STOP_RULE.minimumPairs),
  lengthRatio: bound(DEFAULT_STOP_RULE.lengthRatio),
  trueAccuracyFall: bound(DEFAULT_STOP_RULE.trueAccuracyFall),
});

/** How the embedded engine computes. */
export const engine = z.strictObject({
  /** Linear layers of a model that generates or judges; int8 is faster and rounds. */
  weights: z.enum(["float32", "int8"]).default("float32"),
});

const loop = {
  /** Preference rounds: 2 gives M2 and M3, as in the paper. */
  rounds: count.default(2),
  /** M0: a checkpoint folder, an adapter folder, or a Hub id. */
  base: recipeModel(),
  /** Branch, tag or commit of a Hub id; a run keeps the commit it began with. */
  revision: z.string().min(1).nullable().default(null),
  /** How a prompt is put to a checkpoint that has no chat template. */
  plainPrompt: z
    .string()
    .refine((text) => text.includes("{prompt}"), "it needs the slot {prompt}.")
    .default("{prompt}\n"),
  /** Who knows the truth: the nursery's verifier, or nobody. */
  verifier: z.enum(["nursery", "none"]).default("none"),
  data,
  engine: engine.prefault({}),
  /** Optimizer steps between saved states, from which a killed training goes on. */
  saveEvery: z.number().int().positive().default(500),
  teaching: teaching.prefault({}),
  prompts: prompts.prefault({}),
  candidates: candidates.prefault({}),
  judge: judge.prefault({}),
  pairs: pairs.prefault({}),
  preference: preference.prefault({}),
  evaluation: evaluation.prefault({}),
  stop: stop.prefault({}),
};

/** One engine computes all arms. */
const { engine: _engine, ...armable } = loop;

/** What an arm of a comparison changes; everything else stays equal. */
const arm = z.strictObject({
  name: z.string().regex(/^[\w-]+$/),
  note: z.string().default(""),
  /** Short for judge.source, preference.mode and preference.learningRate. */
  source: judge.shape.source.unwrap().optional(),
  mode: preference.shape.mode.unwrap().optional(),
  learningRate: positive.optional(),
  seeds: z.array(z.number().int()).optional(),
  ...overridesOf(armable),
});

export const selfRewardingSchema = z.strictObject({
  /** May be said; a recipe that says nothing is of this kind. */
  kind: z.literal("self-rewarding").optional(),
  name: z.string().regex(/^[\w-]+$/),
  seed: z.number().int().default(1),
  ...loop,
  /** A comparison: each arm runs with each seed; seeds alone are one arm. */
  arms: z.array(arm).default([]),
  seeds: z.array(z.number().int()).default([]),
});

export type SelfRewardingRecipe = z.infer<typeof selfRewardingSchema>;
