/**
 * @file Rankings from other files: pairs, answers with scores in a list (UltraFeedback),
 * and answers with scores row by row (HelpSteer), of which those to one prompt that stand
 * together are one ranking.
 */
import { z } from "zod";
import { messageText } from "../records.js";
import { chatMessages } from "../formats/chat-messages.js";
import { rankingOf, type ReadRanking } from "./ranking.js";

const text = z.string("it must be text").min(1, "it must not be empty");
const score = z.number("it must be a number");

/** An answer, or a conversation that ends with it. */
const answer = z.union(
  [
    text,
    chatMessages.transform((messages) => {
      const last = messages.at(-1);
      return last === undefined ? "" : messageText(last);
    }),
  ],
  "it must be an answer or a conversation",
);

export const rankedPair = z.looseObject({
  prompt: text,
  chosen: answer,
  rejected: answer,
});

/** UltraFeedback's own columns, and the plain ones of judge sets. */
export const scoredList = z
  .looseObject({
    prompt: text.optional(),
    instruction: text.optional(),
    completions: z
      .array(z.looseObject({ response: text, overall_score: score }))
      .optional(),
    responses: z.array(z.looseObject({ response: text, score })).optional(),
  })
  .transform((row, context) => {
    const prompt = row.prompt ?? row.instruction;
    const answers =
      row.completions?.map(({ response, overall_score }) => ({
        response,
        rank: -overall_score,
      })) ??
      row.responses?.map((one) => ({
        response: one.response,
        rank: -one.score,
      }));
    if (prompt !== undefined && answers !== undefined)
      return { prompt, answers };
    context.addIssue({
      code: "custom",
      path: [prompt === undefined ? "prompt" : "responses"],
      message: "it must be there",
    });
    return z.NEVER;
  });

/** HelpSteer's columns: the score is what people called helpfulness; `score` wins. */
export const scoredAnswer = z
  .looseObject({
    prompt: text,
    response: text,
    score: score.optional(),
    helpfulness: score.optional(),
  })
  .transform(({ prompt, response, ...row }, context) => {
    const given = row.score ?? row.helpfulness;
    if (given !== undefined) return { prompt, response, rank: -given };
    context.addIssue({
      code: "custom",
      path: ["score"],
      message: "it must be there",
    });
    return z.NEVER;
  });

export function readPair({
  prompt,
  chosen,
  rejected,
}: z.output<typeof rankedPair>): ReadRanking {
  return readScoredAnswers({
    prompt,
    answers: [
      { response: chosen, rank: 0 },
      { response: rejected, rank: 1 },
    ],
  });
}

export function readScoredAnswers({
  prompt,
  answers,
}: z.output<typeof scoredList>): ReadRanking {
  const ranking = rankingOf(prompt, answers);
  if (ranking === undefined)
    return { leftOut: { "prompts: answers not told apart": 1 } };
  const output = ranking.answers[0]?.response ?? "";
  return { ranking, best: { prompt, output }, leftOut: {} };
}
