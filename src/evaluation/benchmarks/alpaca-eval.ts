/**
 * @file AlpacaEval's files: instructions, as its files of prompts and of references have
 * them, and `model_outputs.json`.
 */
import { z } from "zod";
import { defined } from "../../foundation/defined.js";
import { promptField, textField } from "../evaluation-sets.js";
import { nameField, type Benchmark } from "./benchmark.js";

export const alpacaEval: Benchmark = {
  maxTokens: 2048,
  questions: {
    name: "AlpacaEval's instructions",
    example: '{"instruction": "…", "dataset": "…"}',
    field: "instruction",
    row: z
      .looseObject({
        instruction: promptField,
        /** Where the instruction is from. */
        dataset: textField.optional(),
      })
      .transform((row) => ({
        key: row.instruction,
        turns: [row.instruction],
        row,
      })),
  },
  answers: {
    name: "AlpacaEval's model_outputs.json",
    example: '{"instruction": "…", "output": "…", "generator": "…"}',
    field: "output",
    row: z
      .looseObject({
        instruction: promptField,
        output: textField,
        generator: nameField.optional(),
      })
      .transform(({ instruction, output, generator }) => ({
        key: instruction,
        asked: [instruction],
        samples: [[output]],
        names: { instruction, ...defined({ generator }) },
      })),
  },
  written: "array",
  answered: ({ key, row }, { model, turns }) => ({
    instruction: key,
    output: turns[0],
    generator: model,
    dataset: row["dataset"] ?? "",
  }),
};
