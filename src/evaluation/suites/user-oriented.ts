/**
 * @file The 252 user-oriented tasks of Self-Instruct (arXiv 2212.10560, section 5.4):
 * an instruction with one instance, whose output is the reference.
 */
import { z } from "zod";
import { rowReader } from "../../data/formats/rows.js";
import { promptField, textField } from "../evaluation-sets.js";
import { keyField } from "./answers.js";
import { gradeByReferences, referenceFigures } from "./reference-suite.js";
import { defineSuite } from "./suite.js";

const taskRow = z.looseObject({
  id: keyField,
  instruction: promptField,
  instances: z
    .array(
      z.object({ input: textField, output: textField }),
      "it must be a list",
    )
    .length(1, "exactly one instance is needed"),
});

const readTasks = rowReader({
  name: "the user-oriented tasks",
  example:
    '{"id": "user_oriented_task_0", "instruction": "…", "instances": [{"input": "", "output": "…"}]}',
  row: taskRow,
});

export const userOriented = defineSuite({
  holds: "ROUGE-L against the reference of each of Self-Instruct's tasks",
  maxTokens: 512,
  read: readTasks,
  tasks: (row) =>
    row.instances.map(({ input, output }) => ({
      key: String(row.id),
      prompt: input === "" ? row.instruction : `${row.instruction}\n\n${input}`,
      references: [output],
      row,
    })),
  grade: gradeByReferences,
  summary: referenceFigures,
});
