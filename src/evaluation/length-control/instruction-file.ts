/**
 * @file AlpacaEval's instructions, as its files of prompts and of references have them.
 */
import { z } from "zod";
import { rowReader } from "../../data/formats/rows.js";
import { promptField } from "../evaluation-sets.js";

/** @throws BAD_INPUT naming file, line and field */
export const readInstructions = rowReader({
  name: "AlpacaEval's instructions",
  example: '{"instruction": "…", "dataset": "…"}',
  row: z.looseObject({
    instruction: promptField,
    /** Where the instruction is from. */
    dataset: z.string().optional(),
  }),
});
