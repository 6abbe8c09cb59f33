/**
 * @file The form of report.json of a Self-Instruct run with training: what every model
 * is worth before and after, and what the data were like.
 *
 * What the verifier says of the data is measured afterwards and filters nothing.
 * Units as in ../schema/parts.ts.
 */
import { z } from "zod";
import { waterfallStage } from "../instruct/schema.js";
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

const model = z.object({
  /** `M0`, `M1`, or the name of a control. */
  id: z.string(),
  /** Checkpoint folder, relative to the run folder. */
  path: z.string(),
  parent: z.string().nullable(),
  method: z.enum(["base", "sft"]),
  weightHash: z.string(),
  /** Rows it was trained on, for how many optimizer steps. */
  rows: wholeNumber,
  steps: wholeNumber,
  /** Held-out, greedy, by the verifier. */
  accuracy: interval.nullable(),
  score: interval.nullable(),
  sampled: sampled.nullable(),
  /** Mean length of its held-out answers, in tokens. */
  responseLength: metric,
  families: z.array(family),
});

/** Paired by prompt: `to` minus `from`. */
const gain = z.object({
  from: z.string(),
  to: z.string(),
  accuracy: interval,
  sampledAccuracy: interval.nullable(),
});

/** What the verifier says of a set of rows; unreadable where it knows no such task. */
const dataTruth = z.object({
  rows: wholeNumber,
  right: wholeNumber,
  wrong: wholeNumber,
  unreadable: wholeNumber,
  /** Right of those it can read, over distinct prompts. */
  rightShare: interval.nullable(),
});

const run = {
  seed: z.number().int(),
  models: z.array(model),
  gains: z.array(gain),
};

const data = z.object({
  /** Asked for, and reached. */
  wanted: wholeNumber,
  instructions: wholeNumber,
  classification: wholeNumber,
  instances: wholeNumber,
  instancesWithoutInput: wholeNumber,
  /** Rows whose prompt is measured on, kept out of training. */
  heldBack: wholeNumber,
  waterfall: z.array(waterfallStage),
  own: dataTruth.nullable(),
  unfiltered: dataTruth.nullable(),
});

export const trainingReportSchema = z.object({
  kind: z.literal("self-instruct"),
  name: z.string(),
  /** `nursery`, or null where there is no verifier. */
  world: z.string().nullable(),
  ...run,
  headToHead: z.array(
    z.object({ left: z.string(), right: z.string(), ...winTieLose }),
  ),
  data,
  /** One for each seed of a comparison; empty in a single run. */
  runs: z.array(z.object({ ...run, data })),
  recipe: resolvedRecipe,
  versions,
  commit: z.string().nullable(),
  /** What models were asked, stage by stage; absent in reports of older versions. */
  usage: z.array(stageUsage).exactOptional(),
  timings: z
    .object({
      seconds: z.number(),
      stages: z.array(stageSeconds).exactOptional(),
      machine: z.string().nullable(),
    })
    .nullable(),
});

export type TrainingReport = DeepReadonly<z.infer<typeof trainingReportSchema>>;
export type TrainingRun = TrainingReport["runs"][number];
export type ComparedModelReport = TrainingRun["models"][number];
export type TrainedGain = TrainingRun["gains"][number];
export type DataTruth = DeepReadonly<z.infer<typeof dataTruth>>;
