/**
 * @file MT-Bench (Zheng et al. 2023, arXiv 2306.05685): questions of two turns, and the
 * answers as FastChat's `llm_judge` keeps them.
 */
import { z } from "zod";
import { keyField } from "../suites/answers.js";
import {
  answersField,
  nameField,
  turnsField,
  type Benchmark,
} from "./benchmark.js";

export const mtBench: Benchmark = {
  maxTokens: 1024,
  questions: {
    name: "MT-Bench's questions",
    example: '{"question_id": 81, "category": "…", "turns": ["…", "…"]}',
    field: "turns",
    row: z
      .looseObject({ question_id: keyField, turns: turnsField })
      .transform((row) => ({
        key: String(row.question_id),
        turns: row.turns,
        row,
      })),
  },
  answers: {
    name: "a file of answers to MT-Bench",
    example:
      '{"question_id": 81, "model_id": "…", "choices": [{"index": 0, "turns": ["…", "…"]}]}',
    field: "choices",
    row: z
      .looseObject({
        question_id: keyField,
        model_id: nameField,
        choices: z
          .array(z.object({ turns: answersField }), "it must be a list")
          .min(1, "at least one choice is needed"),
      })
      .transform(({ question_id: id, model_id: model, choices }) => ({
        key: String(id),
        asked: null,
        samples: choices.map(({ turns }) => turns),
        names: { question_id: id, model },
      })),
  },
  written: "lines",
  answered: ({ row }, { model, turns, id, time }) => ({
    question_id: row["question_id"],
    answer_id: id,
    model_id: model,
    choices: [{ index: 0, turns }],
    tstamp: time,
  }),
};
