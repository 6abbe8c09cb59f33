/**
 * @file Answers of models in this process as they are read from a file.
 */
import { z } from "zod";
import type {
  Completion,
  CompletionScore,
} from "../generation/language-model.js";

const count = z.int().nonnegative();

export const completionsSchema: z.ZodType<readonly Completion[]> = z.array(
  z.object({
    text: z.string(),
    tokens: count,
    logprobs: z.array(z.number()).exactOptional(),
    finishReason: z.enum(["stop", "length"]),
  }),
);
export const completionScoreSchema: z.ZodType<CompletionScore> = z.object({
  logprob: z.number(),
  tokens: count,
});
/** One of an option. */
export const optionLogprobsSchema: z.ZodType<readonly number[]> = z.array(
  z.number(),
);
export const rewardSchema: z.ZodType<number> = z.number();
