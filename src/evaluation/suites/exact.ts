/**
 * @file Questions with one right answer: GSM8K's rows (Cobbe et al. 2021, arXiv
 * 2110.14168), whose answer stands behind “####”, or any of {prompt, answer}.
 */
import { z } from "zod";
import { rowReader } from "../../data/formats/rows.js";
import { mean } from "../../foundation/statistics.js";
import { percent } from "../../text/number-words.js";
import { promptField } from "../evaluation-sets.js";
import {
  answerOf,
  matchFinalAnswer,
  type FinalAnswer,
} from "../verifiers/final-answer/final-answer.js";
import { keyField } from "./answers.js";
import { defineSuite } from "./suite.js";

const answerField = z
  .union([z.string(), z.number()], "it must be text or a number")
  .refine((answer) => answerOf(answer) !== null, "it must not be empty");

const row = {
  key: keyField.optional(),
  answer: answerField,
};
const questionRow = z.looseObject({ ...row, question: promptField });
const promptRow = z.looseObject({ ...row, prompt: promptField });

const readQuestions = rowReader<
  z.output<typeof questionRow> | z.output<typeof promptRow>
>({
  name: "questions with answers",
  example:
    '{"question": "…", "answer": "… #### 18"} or {"key": 1, "prompt": "…", "answer": "B"}',
  row: (value) =>
    value !== null && typeof value === "object" && "question" in value
      ? questionRow
      : promptRow,
});

export const exactAnswers = defineSuite({
  holds: "the final answer, as a number, a choice or text",
  maxTokens: 512,
  read: readQuestions,
  tasks: (task) => [
    {
      key: task.key === undefined ? null : String(task.key),
      prompt: "question" in task ? String(task.question) : task.prompt,
      answer: answerOf(task.answer) ?? "",
      row: task,
    },
  ],
  grade: ({ answer }, response): FinalAnswer =>
    matchFinalAnswer(answer, response),
  summary: (graded) => {
    const share = mean(graded.map(({ grade }) => Number(grade.correct))) ?? 0;
    return {
      figures: { exact_match: share },
      lines: [`exact match         ${percent(share)}`],
    };
  },
});
