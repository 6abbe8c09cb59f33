/**
 * @file What the forms of several reports share.
 *
 * Everything is plain JSON; null means not measured. Units: accuracies and shares
 * 0..1, scores and rewards 0..5, lengths in tokens, times in seconds.
 */
import { z } from "zod";

/** A type of which nothing is written to. */
export type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;

export const metric = z.number().nullable();
export const wholeNumber = z.number().int().min(0);

/** Mean with its 95 % interval. */
export const interval = z.object({
  mean: z.number(),
  low: z.number(),
  high: z.number(),
});

/** Held-out prompts of one kind, greedy, by the verifier. */
export const family = z.object({
  family: z.string(),
  prompts: wholeNumber,
  accuracy: metric,
  score: metric,
});

/** Held-out, sampled, by the verifier; the mean of each prompt's samples. */
export const sampled = z.object({
  temperature: z.number(),
  samplesPerPrompt: wholeNumber,
  accuracy: interval.nullable(),
  score: interval.nullable(),
});

export const winTieLose = {
  win: wholeNumber,
  tie: wholeNumber,
  lose: wholeNumber,
};

/** What a stage asked of models. */
export const stageUsage = z.object({
  stage: z.string(),
  requests: wholeNumber,
  tokensIn: wholeNumber,
  tokensOut: wholeNumber,
  /** Millionths of a dollar. */
  cost: z.number().min(0),
});

export const stageSeconds = z.object({
  stage: z.string(),
  /** Worked on it by all processes of the run together. */
  seconds: z.number(),
});

/** The recipe as resolved, every key named. */
export const resolvedRecipe = z.record(z.string(), z.json());

/** Program, runtime and library versions by name. */
export const versions = z.record(z.string(), z.string());
