/**
 * @file The form of the loop's report.json: fields that programs rely on under fixed
 * names, and around them what the page needs.
 *
 * The schema is the one source of the types and of the order of keys in the file.
 * Units as in ../schema/parts.ts.
 */
import { z } from "zod";
import { WARNING_CODES } from "../../evaluation/warnings.js";
import {
  family,
  interval,
  metric,
  resolvedRecipe,
  sampled,
  stageSeconds,
  stageUsage,
  versions,
  wholeNumber,
  winTieLose,
  type DeepReadonly,
} from "../schema/parts.js";

const countsByName = z.record(z.string(), wholeNumber);

/** Agreement of a judge with the truth; defined in evaluation/judge-metrics.ts. */
const judgeMetrics = z.object({
  pairwiseAccuracy: metric,
  fiveBest: metric,
  exactMatch: metric,
  spearman: metric,
  kendall: metric,
  judgeTies: metric,
  pairs: wholeNumber,
  prompts: wholeNumber,
  unjudged: wholeNumber,
  meanScore: metric,
});

const model = z.object({
  /** `M0`, `M1`, … */
  id: z.string(),
  /** Checkpoint folder, relative to the run folder. */
  path: z.string(),
  /** The model it was trained from; null for the base. */
  parent: z.string().nullable(),
  /** How: `base`, `sft`, `dpo`, `sft-best`, or `untaught`: the base once more. */
  method: z.enum(["base", "sft", "dpo", "sft-best", "untaught"]),
  /** SHA-256 of the weights. */
  weightHash: z.string().nullable(),
  parameters: wholeNumber.nullable(),
  /** Held-out, greedy (temperature 0), by the verifier. */
  accuracy: interval.nullable(),
  score: interval.nullable(),
  /** Held-out, sampled, by the verifier. */
  sampled: sampled.nullable(),
  /** Mean reward it gives its own held-out answers: `self.reward.mean`. */
  selfReward: metric,
  /** The same answers scored by itself and by the verifier. */
  self: z
    .object({
      /** `greedy` or `sampled`: which answers. */
      answers: z.enum(["greedy", "sampled"]),
      reward: interval.nullable(),
      truth: interval.nullable(),
      /** reward − truth, paired by prompt. Positive flatters. */
      gap: interval.nullable(),
      /** Correlation of its score with answer length, −1..1. */
      scoreLengthCorrelation: metric,
    })
    .nullable(),
  /** The same answers scored by the judge that rewards, where that is no model of the run. */
  outside: z
    .object({
      /** The model's name at its endpoint, or `reward-model`. */
      judge: z.string(),
      reward: interval.nullable(),
    })
    .exactOptional(),
  /** Mean length of its held-out answers, in tokens. */
  responseLength: metric,
  /** As judge, against the verifier, on the judge test set. */
  judge: judgeMetrics.nullable(),
  /** As judge, on the fixed set: a right answer against a corrupted one. */
  judgeFixed: judgeMetrics.nullable(),
  /** As judge, on its own candidates. */
  judgeOwn: judgeMetrics.nullable(),
  /** Prompts it wrote for the round it began; null when it began none. */
  prompts: z
    .object({
      written: wholeNumber,
      /** Distinct over written, 0..1. */
      distinct: metric,
      /** Mean ROUGE-L of the kept ones to their nearest pool member, 0..1. */
      similarity: metric,
    })
    .nullable(),
  families: z.array(family),
  /** Held-out greedy answers, 0..1: prompts followed in whole, and constraints; absent without any. */
  constraints: z
    .object({
      promptStrict: z.number(),
      promptLoose: z.number(),
      instructionStrict: z.number(),
      instructionLoose: z.number(),
    })
    .exactOptional(),
});

const headToHead = z.object({
  /** The newer model. */
  left: z.string(),
  right: z.string(),
  /** Held-out prompts decided by the verifier, from the left's point of view. */
  ...winTieLose,
  /** The same answers decided by a model's own judge. */
  ownJudge: z.object({ judge: z.string(), ...winTieLose }).nullable(),
});

const round = z.object({
  from: z.string(),
  to: z.string(),
  /** `self`, `frozen`, `verifier`, `random` or `coin`. */
  reward: z.string(),
  /** `dpo` or `sft-best`. */
  method: z.string(),
  /** Prompts the model wrote, before any filter. */
  promptsWritten: wholeNumber.nullable(),
  /** Written prompts refused, by rule. */
  rejections: countsByName,
  /** Prompts that were answered. */
  prompts: wholeNumber,
  candidates: wholeNumber,
  /** Candidates merged with an identical one. */
  merged: wholeNumber,
  /** Judge samples asked for, malformed ones included. */
  judgements: wholeNumber,
  malformed: wholeNumber,
  /** Samples read on a second, constrained try only; absent where there is none. */
  constrained: wholeNumber.optional(),
  /** Candidates that ended with a score. */
  scored: wholeNumber.nullable(),
  pairs: wholeNumber,
  /** Prompts dropped because best and worst tie. */
  ties: wholeNumber,
  /** Prompts that gave no pair for another reason, by rule. */
  dropped: countsByName,
  /** What the verifier says of the pairs' direction; never used in training. */
  pairTruth: z
    .object({ right: wholeNumber, tied: wholeNumber, wrong: wholeNumber })
    .nullable(),
  /** Candidates' scores rounded to 0..5: six counts. */
  scoreHistogram: z.array(wholeNumber).length(6).nullable(),
  seconds: metric,
});

const training = z.object({
  /** The model that came of it. */
  model: z.string(),
  from: z.string(),
  method: z.enum(["pretrain", "sft", "dpo", "sft-best"]),
  rows: wholeNumber,
  steps: z.array(
    z.object({
      step: wholeNumber,
      loss: metric,
      /** β × (chosen log-ratio − rejected log-ratio); DPO only. */
      rewardMargin: metric,
      /** Share of pairs with a positive margin; DPO only. */
      rewardAccuracy: metric,
      learningRate: metric,
      gradientNorm: metric,
    }),
  ),
  seconds: metric,
});

export const judgeSwap = z.object({
  judge: z.string(),
  candidatesOf: z.string(),
  meanScore: metric,
  /** The verifier's mean score of the same candidates. */
  trueScore: metric,
  pairwiseAccuracy: metric,
});

const side = z.object({
  text: z.string(),
  rationale: z.string().nullable(),
  selfScore: metric,
  trueScore: metric,
});

const pairExample = z.object({
  from: z.string(),
  to: z.string(),
  prompt: z.string(),
  chosen: side,
  rejected: side,
});

/** Paired by prompt: `to` minus `from`. */
const gain = z.object({
  from: z.string(),
  to: z.string(),
  accuracy: interval.nullable(),
  score: interval.nullable(),
  sampledAccuracy: interval.nullable(),
  sampledScore: interval.nullable(),
});

const warning = z.object({
  code: z.enum(WARNING_CODES),
  where: z.string(),
  sentence: z.string(),
  evidence: z.record(z.string(), z.number()),
});

const gate = z.object({
  judgeAccuracy: metric,
  /** With 95 % by Wilson's formula; absent in reports of older versions. */
  interval: interval.nullable().exactOptional(),
  threshold: z.number(),
  passed: z.boolean(),
  forced: z.boolean(),
  sentence: z.string(),
});

/** Judge data made in the run: answers of known order, judged by a model that M1 then learns from. */
const judgeData = z.object({
  source: z.enum(["verifier", "rankings"]),
  prompts: wholeNumber,
  /** Distinct answers. */
  answers: wholeNumber,
  /** Prompts with a better and a worse answer. */
  rankings: wholeNumber,
  judgements: wholeNumber,
  malformed: wholeNumber,
  /** Rankings that a sample of the judge repeats; the others disagree or are unread. */
  agreeing: wholeNumber,
  unread: wholeNumber,
  /** Judgements of the agreeing rankings, and what thinning the commonest score left. */
  rows: wholeNumber,
  kept: wholeNumber,
  /** Kept ones by score. */
  scores: countsByName,
});

const stop = z.object({
  /** The last good model; the run's result. */
  kept: z.string().nullable(),
  reasons: z.array(
    z.object({
      bound: z.string(),
      where: z.string(),
      sentence: z.string(),
      value: z.number(),
      limit: z.number(),
    }),
  ),
});

const armRun = z.object({
  seed: z.number().int(),
  models: z.array(model),
  gains: z.array(gain),
  warnings: z.array(warning),
  gate: gate.nullable(),
  stop: stop.nullable(),
});

const arm = z.object({
  /** `self`, `frozen`, `verifier`, `random`, `sft-best`, … */
  name: z.string(),
  /** What is different about it, in a few words; empty if nothing. */
  note: z.string(),
  runs: z.array(armRun),
});

export const runReportSchema = z.object({
  kind: z.literal("self-rewarding"),
  name: z.string(),
  /** `nursery`, or null where there is no verifier. */
  world: z.string().nullable(),
  seed: z.number().int(),
  models: z.array(model),
  gains: z.array(gain),
  headToHead: z.array(headToHead),
  judgeSwap: z.array(judgeSwap),
  rounds: z.array(round),
  training: z.array(training),
  warnings: z.array(warning),
  gate: gate.nullable(),
  stop: stop.nullable(),
  /** Absent where EFT rows come from a file alone. */
  judgeData: judgeData.exactOptional(),
  examples: z.array(pairExample),
  arms: z.array(arm),
  recipe: resolvedRecipe,
  versions,
  /** What models were asked, stage by stage; absent in reports of older versions. */
  usage: z.array(stageUsage).exactOptional(),
  timings: z
    .object({
      seconds: metric,
      peakMemoryBytes: wholeNumber.nullable(),
      stages: z.array(stageSeconds),
      machine: z.string().nullable(),
    })
    .nullable(),
});

/** The whole of report.json. */
export type RunReport = DeepReadonly<z.infer<typeof runReportSchema>>;
export type ModelReport = RunReport["models"][number];
export type GainReport = RunReport["gains"][number];
export type HeadToHeadReport = RunReport["headToHead"][number];
export type JudgeSwapReport = RunReport["judgeSwap"][number];
export type RoundReport = RunReport["rounds"][number];
/** One training of the run, with its curve. */
export type TrainingCurve = RunReport["training"][number];
export type JudgeDataReport = NonNullable<RunReport["judgeData"]>;
export type PairExampleReport = RunReport["examples"][number];
export type ArmReport = RunReport["arms"][number];
export type ArmRunReport = ArmReport["runs"][number];
