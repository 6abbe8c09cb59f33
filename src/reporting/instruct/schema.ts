/**
 * @file The form of report.json of a Self-Instruct run: how it went and what it made.
 */
import { z } from "zod";
import { dataReportSchema } from "../../instruct/data-report/report-schema.js";
import { STOP_REASONS } from "../../instruct/stages.js";
import { instructSettingsSchema } from "../../recipes/instruct.js";
import {
  interval,
  metric,
  stageSeconds,
  stageUsage,
  wholeNumber,
  type DeepReadonly,
} from "../schema/parts.js";

/** What became of everything that one stage was given. */
export const waterfallStage = z.object({
  stage: z.string(),
  /** What is counted. */
  unit: z.string(),
  requested: wholeNumber,
  accepted: wholeNumber,
  /** By rule, commonest first. */
  rejected: z.array(z.object({ name: z.string(), count: wholeNumber })),
  failed: wholeNumber,
  /** Of the failed: given up for something that may pass; absent when there are none. */
  givenUp: wholeNumber.exactOptional(),
  pending: wholeNumber,
});

const estimate = z.object({
  /** Requests for instructions that were tried. */
  probed: wholeNumber,
  /** Instructions accepted out of them. */
  accepted: wholeNumber,
  /** Absent when the probe accepted nothing: then nothing can be said. */
  expected: z
    .object({
      requests: wholeNumber,
      tokens: wholeNumber,
      /** Millionths of a dollar; 0 where nothing is charged. */
      costMicros: wholeNumber,
    })
    .exactOptional(),
});

/** A marked review as the paper's quality table (table 2). */
const review = z.object({
  rows: wholeNumber,
  /** Rows in which nothing is left null. */
  reviewed: wholeNumber,
  lines: z.array(
    z.object({
      question: z.string(),
      good: wholeNumber,
      reviewed: wholeNumber,
      /** With Wilson's interval; absent when nothing was reviewed. */
      share: interval.exactOptional(),
      /** What the paper's authors found in 200 rows of theirs. */
      paper: z.number(),
    }),
  ),
});

export const instructReportSchema = z.object({
  kind: z.literal("instruct"),
  name: z.string(),
  settings: instructSettingsSchema.extend({
    style: z.enum(["completion", "chat"]),
  }),
  model: z.string(),
  prompts: z.string(),
  /** Why the run stopped; only "accepted" means that there are as many as asked for. */
  stop: z.enum(STOP_REASONS),
  wanted: wholeNumber,
  accepted: wholeNumber,
  waterfall: z.array(waterfallStage),
  /** Over all processes of the run; cost in millionths of a dollar. */
  spent: z.object({
    calls: wholeNumber,
    tokensIn: wholeNumber,
    tokensOut: wholeNumber,
    cost: z.number().min(0),
    costPerAcceptedMicros: metric,
    requestsPerAccepted: metric,
  }),
  /** The same stage by stage; absent in reports of older versions. */
  usage: z.array(stageUsage).exactOptional(),
  /** Of the run's own first requests; absent when it was a replay. */
  estimate: estimate.exactOptional(),
  data: dataReportSchema,
  /** Some rows and some refused pieces of every rule, for people; texts are cut short. */
  samples: z.object({
    accepted: z.array(
      z.object({
        id: z.string(),
        instruction: z.string(),
        input: z.string(),
        output: z.string(),
      }),
    ),
    refused: z.array(
      z.object({
        stage: z.string(),
        rule: z.string(),
        text: z.string(),
        /** Its nearest neighbour, what the rule found, or the endpoint's reason; or empty. */
        why: z.string(),
      }),
    ),
  }),
  /** What a person found in the sample; absent until something is marked. */
  review: review.exactOptional(),
  versions: z.object({ autodidact: z.string(), node: z.string() }),
  /** Working time of the stages, by all processes of the run together. */
  timings: z.object({ stages: z.array(stageSeconds) }).nullable(),
});

export type InstructReport = DeepReadonly<z.infer<typeof instructReportSchema>>;
export type WaterfallStage = InstructReport["waterfall"][number];
export type RunEstimate = DeepReadonly<z.infer<typeof estimate>>;
export type ReviewTable = DeepReadonly<z.infer<typeof review>>;
