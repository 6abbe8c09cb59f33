/**
 * @file The verifier of rows that carry their answer: the final answer is right or it
 * is not.
 */
import { TOP_SCORE } from "../../rewarding/judgement.js";
import { answerOf, matchFinalAnswer } from "./final-answer/final-answer.js";
import type { Verifier } from "./verifier.js";

export const exact: Verifier = {
  verify: ({ answer }, response) => {
    const wanted = answerOf(answer);
    if (wanted === null) return null;
    const { correct } = matchFinalAnswer(wanted, response);
    return { score: correct ? TOP_SCORE : 0, correct };
  },
  familyOf: ({ answer }) => (answerOf(answer) === null ? null : "answer"),
};
