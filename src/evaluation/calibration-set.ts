/**
 * @file Answers of which is known which are better, read from the files of benchmarks
 * for judges, of AlpacaEval's annotators, and of our own judge sets. The fields of a
 * row tell what it is.
 */
import { z } from "zod";
import { rowError, type RowPlace } from "../data/formats/field-errors.js";
import { rowReader } from "../data/formats/rows.js";
import { messageText, type ChatMessage, type Prompt } from "../data/records.js";
import { chatMessages } from "../data/formats/chat-messages.js";
import { hasField, promptSchema } from "../data/training-rows.js";
import { promptField, scoreField, textField } from "./evaluation-sets.js";

export interface KnownAnswer {
  readonly response: string;
  /** Larger is better, within the prompt. */
  readonly truth: number;
  /** Who wrote it, where the file says. */
  readonly model: string | null;
}

/** Answers to one prompt, in the order of the file. */
export interface CalibrationPrompt extends RowPlace {
  readonly prompt: Prompt;
  /** Kind of task, as the file names it. */
  readonly category: string | null;
  readonly answers: readonly KnownAnswer[];
}

type Content = Omit<CalibrationPrompt, keyof RowPlace>;

interface Side {
  readonly answers: readonly string[];
  /** What was said before the answer, where the side is a conversation. */
  readonly before?: readonly ChatMessage[];
}

const OF_A_SIDE = "it must be an answer, a list of answers, or a conversation";
const side = z.union(
  [
    textField.transform((answer): Side => ({ answers: [answer] })),
    z
      .array(textField)
      .min(1)
      .transform((answers): Side => ({ answers })),
    chatMessages.transform((messages): Side => {
      const last = messages.at(-1);
      return {
        answers: last === undefined ? [] : [messageText(last)],
        before: messages.slice(0, -1),
      };
    }),
  ],
  OF_A_SIDE,
);
const name = textField.optional();

/** {prompt, chosen, rejected}: RewardBench, its second version with lists, TRL's pairs. */
const chosenRow = z
  .object({
    prompt: promptSchema.optional(),
    chosen: side,
    rejected: side,
    subset: name,
    category: name,
    chosen_model: name,
    rejected_model: name,
  })
  .transform((row, context): Content => {
    const prompt = row.prompt ?? row.chosen.before;
    if (prompt === undefined) {
      context.addIssue({
        code: "custom",
        path: ["prompt"],
        message: "it must say what was asked",
      });
      return z.NEVER;
    }
    return {
      prompt,
      category: row.subset ?? row.category ?? null,
      answers: [
        ...known(row.chosen.answers, 1, row.chosen_model),
        ...known(row.rejected.answers, 0, row.rejected_model),
      ],
    };
  });

const judgeBenchRow = z
  .object({
    question: promptField,
    response_A: textField,
    response_B: textField,
    label: z.enum(["A>B", "B>A"], 'it must be "A>B" or "B>A"'),
    source: name,
    response_model: name,
  })
  .transform((row): Content => ({
    prompt: row.question,
    category: row.source ?? null,
    answers: [
      ...known(
        [row.response_A],
        row.label === "A>B" ? 1 : 0,
        row.response_model,
      ),
      ...known(
        [row.response_B],
        row.label === "B>A" ? 1 : 0,
        row.response_model,
      ),
    ],
  }));

const annotationRow = z
  .object({
    instruction: promptField,
    output_1: textField,
    output_2: textField,
    generator_1: name,
    generator_2: name,
    dataset: name,
    preference: z.number("it must be a number").min(0).max(2).nullable(),
  })
  .transform((row): Content => {
    const truth =
      row.preference === null || row.preference === 0 ? 1.5 : row.preference;
    return {
      prompt: row.instruction,
      category: row.dataset ?? null,
      answers: [
        ...known([row.output_1], 2 - truth, row.generator_1),
        ...known([row.output_2], truth - 1, row.generator_2),
      ],
    };
  });

const fixedRow = z
  .object({
    prompt: promptField,
    right: textField,
    corrupted: textField,
    family: name,
  })
  .transform((row): Content => ({
    prompt: row.prompt,
    category: row.family ?? null,
    answers: [...known([row.right], 1), ...known([row.corrupted], 0)],
  }));

const scoredRow = z
  .object({
    prompt: promptField,
    responses: z
      .array(z.object({ response: textField, score: scoreField }))
      .min(2),
    family: name,
  })
  .transform((row): Content => ({
    prompt: row.prompt,
    category: row.family ?? null,
    answers: row.responses.flatMap(({ response, score }) =>
      known([response], score),
    ),
  }));

/** By a field that no other has; the last is what is expected where none fits. */
const FORMS: readonly (readonly [string, z.ZodType<Content>])[] = [
  ["label", judgeBenchRow],
  ["output_2", annotationRow],
  ["corrupted", fixedRow],
  ["responses", scoredRow],
  ["chosen", chosenRow],
];

const readPairRows = rowReader<Content>({
  name: "a calibration file",
  example: '{"prompt": "…", "chosen": "…", "rejected": "…"}',
  row: (value) =>
    (FORMS.find(([field]) => hasField(value, field)) ?? ["", chosenRow])[1],
});

/**
 * The prompts of a file of which at least two answers differ in truth.
 * @param limit at most so many, evenly over the file
 * @throws BAD_INPUT naming file, line and field; no prompt left
 */
export async function readCalibrationSet(
  path: string,
  limit = Infinity,
): Promise<CalibrationPrompt[]> {
  const rows = await readPairRows(path);
  const decided = rows
    .map(({ row, ...place }) => ({ ...row, ...place }))
    .filter(({ answers }) =>
      answers.some(({ truth }) => truth !== answers[0]?.truth),
    );
  const [first] = rows;
  if (decided.length === 0 && first !== undefined)
    throw rowError(
      first,
      "here and below no two answers to a prompt differ in truth",
      "Give pairs of which one answer is known to be better.",
    );
  const kept = Math.min(limit, decided.length);
  return Array.from(
    { length: kept },
    (_, i) => decided[Math.floor((i * decided.length) / kept)],
  ).filter((one) => one !== undefined);
}

function known(
  responses: readonly string[],
  truth: number,
  model?: string,
): KnownAnswer[] {
  return responses.map((response) => ({
    response,
    truth,
    model: model ?? null,
  }));
}
