/**
 * @file Answers that were given elsewhere: rows matched to the tasks of a suite by key,
 * or by prompt. What cannot be matched without doubt stops, for a wrong pairing would
 * give a wrong number.
 */
import { z } from "zod";
import { rowError } from "../../data/formats/field-errors.js";
import { rowReader, type PlacedRow } from "../../data/formats/rows.js";
import type { AutodidactError } from "../../foundation/error.js";
import type { OpenSuite, SuiteAnswer } from "./suite.js";

const message = z.looseObject({ role: z.string(), content: z.string() });

/** Numbers and texts name the same: 1000 and "1000". */
export const keyField = z.union(
  [z.string(), z.number(), z.bigint()],
  "it must be a text or a number",
);

const answerRow = z.looseObject({
  key: keyField.optional(),
  /** Text, or the one user message that `generate --chat` makes of it. */
  prompt: z
    .union([z.string(), z.tuple([message])], "it must be text or one message")
    .optional(),
  response: z.string("it must be text"),
});

const ANSWERS = {
  name: "a file of answers",
  example: '{"key": 1000, "response": "…"} or {"prompt": "…", "response": "…"}',
  row: answerRow,
};
const readAnswerRows = rowReader(ANSWERS);

type AnswerRow = z.output<typeof answerRow>;

export interface GivenAnswers {
  /** As they stand in the file. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
  /** One for each row. */
  readonly answers: readonly SuiteAnswer[];
  /** Tasks without an answer. */
  readonly unanswered: number;
}

/** @throws BAD_INPUT naming file and line: a bad row, or one of no task or of two */
export async function readAnswers(
  path: string,
  { tasks }: OpenSuite,
): Promise<GivenAnswers> {
  const keys = new Map(tasks.map(({ key }, number) => [key, number]));
  const prompts = new Map<string, number[]>();
  tasks.forEach(({ prompt }, number) => {
    prompts.set(prompt, [...(prompts.get(prompt) ?? []), number]);
  });
  const placed = await readAnswerRows(path);
  const answers = placed.map((each) => ({
    task: taskOf(each, { keys, prompts }),
    response: each.row.response,
  }));
  const answered = new Set(answers.map(({ task }) => task));
  return {
    rows: placed.map(({ row }) => row),
    answers,
    unanswered: tasks.length - answered.size,
  };
}

function taskOf(
  { row, ...place }: PlacedRow<AnswerRow>,
  suite: {
    readonly keys: ReadonlyMap<string | null, number>;
    readonly prompts: ReadonlyMap<string, readonly number[]>;
  },
): number {
  const key = row.key === undefined ? undefined : String(row.key);
  const prompt =
    typeof row.prompt === "object" ? row.prompt[0].content : row.prompt;
  const fail = (problem: string): AutodidactError =>
    rowError(
      place,
      problem,
      "Give the answers together with the prompts they were given to.",
    );
  if (key === undefined && prompt === undefined)
    throw rowError(
      place,
      "the row has neither “key” nor “prompt”",
      `A row of ${ANSWERS.name} looks like ${ANSWERS.example}.`,
      "key",
    );
  const byKey = key === undefined ? undefined : suite.keys.get(key);
  const byPrompt = prompt === undefined ? undefined : suite.prompts.get(prompt);
  if (byKey === undefined) {
    const [task, another] = byPrompt ?? [];
    if (task === undefined)
      throw fail(
        key === undefined
          ? "its prompt is none of the suite's"
          : `its key “${key}” is none of the suite's`,
      );
    if (another !== undefined)
      throw fail(
        "its prompt is that of several tasks, and no key says of which",
      );
    return task;
  }
  if (prompt !== undefined && byPrompt?.includes(byKey) !== true)
    throw fail("its key and its prompt do not belong together");
  return byKey;
}
