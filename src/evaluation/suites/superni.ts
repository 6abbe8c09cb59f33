/**
 * @file Super-NaturalInstructions (Wang et al. 2022, arXiv 2204.07705): one task file,
 * each instance asked by the task's definition alone, in the words of its Tk-Instruct.
 */
import { z } from "zod";
import type { FormatDescription } from "../../data/formats/field-errors.js";
import { readJsonFile } from "../../data/formats/json-file.js";
import { textField } from "../evaluation-sets.js";
import { keyField } from "./answers.js";
import { gradeByReferences, referenceFigures } from "./reference-suite.js";
import { defineSuite } from "./suite.js";

const FORMAT: FormatDescription = {
  name: "a task file of Super-NaturalInstructions",
  example:
    '{"Definition": ["…"], "Instances": [{"id": "…", "input": "…", "output": ["…"]}]}',
};

const oneOrMore = z
  .union([textField.transform((text) => [text]), z.array(textField)], {
    error: "it must be text or a list of texts",
  })
  .refine((texts) => texts.length > 0, "at least one is needed");

const taskFile = z.looseObject({
  Definition: oneOrMore,
  Instances: z
    .array(
      z.looseObject({ id: keyField, input: textField, output: oneOrMore }),
      "it must be a list",
    )
    .min(1, "at least one instance is needed"),
});

export const superni = defineSuite({
  holds: "ROUGE-L against the best of an instance's references",
  maxTokens: 128,
  read: async (path) => [
    { path, line: 1, row: await readJsonFile(path, taskFile, FORMAT) },
  ],
  tasks: ({ Definition: [definition = ""], Instances: instances }) =>
    instances.map((row) => ({
      key: String(row.id),
      prompt: `Definition: ${ended(definition)}\n\nNow complete the following example -\nInput: ${ended(row.input)}\nOutput: `,
      references: row.output,
      row,
    })),
  grade: gradeByReferences,
  summary: referenceFigures,
});

/** With a mark at its end. */
function ended(text: string): string {
  const trimmed = text.trim();
  return /[!-/:-@[-`{-~]$/u.test(trimmed) ? trimmed : `${trimmed}.`;
}
