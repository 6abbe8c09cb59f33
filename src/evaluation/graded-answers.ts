/**
 * @file Answers with figures, read from files of any command or suite: what a row is an
 * answer to, and its figures by the names of their fields.
 */
import { z } from "zod";
import { rowError } from "../data/formats/field-errors.js";
import {
  readRowFile,
  rowReader,
  type PlacedRow,
} from "../data/formats/rows.js";
import { hasField } from "../data/training-rows.js";
import { mean } from "../foundation/statistics.js";
import { formIn } from "./benchmarks/benchmarks.js";

const ANSWERS = {
  name: "a file of answers",
  example: '{"prompt": "…", "response": "…", "score": 3.5}',
  row: z.looseObject({}),
};
const readAnswerRows = rowReader(ANSWERS);

/**
 * Fields that name a row, in the order in which they are looked for. In a second turn the
 * prompt holds what the model said before, so that the question has to name the row.
 */
const NAMES = ["key", "question_id", "uid", "prompt", "instruction"] as const;
/** Fields that hold an answer; AlpacaEval's outputs have the second. */
const TEXTS = ["response", "output"] as const;
/** Numbers that number something and measure nothing. */
const NO_FIGURES: ReadonlySet<string> = new Set([
  ...NAMES,
  ...["id", "index", "sample", "seed", "n", "temperature", "max_tokens"],
  ...["turn", "tstamp"],
]);

/** What a row says that it answers; undefined where it does not. */
export function answerName(row: Readonly<Record<string, unknown>>): unknown {
  const name = NAMES.find((field) => row[field] !== undefined);
  return name === undefined ? undefined : row[name];
}

/** Figures of one prompt by name, each the mean over its answers. */
export type PromptFigures = ReadonlyMap<string, number>;

/** Characters of the answer. */
export const LENGTH = "length";

/**
 * The figures of each prompt, by what names the prompt. Truth values count 0 and 1, a
 * list of them the share that is true.
 * @throws BAD_INPUT naming file and line
 */
export async function readGradedAnswers(
  path: string,
): Promise<ReadonlyMap<string, PromptFigures>> {
  const rows = await readAnyAnswers(path);
  const byPrompt = new Map<string, Map<string, number[]>>();
  for (const { row, ...place } of rows) {
    const name = answerName(row);
    if (name === undefined)
      throw rowError(
        place,
        `the row has none of the fields ${NAMES.join(", ")}, so nothing says what it answers`,
        `A row of ${ANSWERS.name} looks like ${ANSWERS.example}.`,
      );
    const key = JSON.stringify([name, row["turn"]]);
    const figures = byPrompt.get(key) ?? new Map<string, number[]>();
    byPrompt.set(key, figures);
    for (const [figure, value] of figuresOf(row))
      figures.set(figure, [...(figures.get(figure) ?? []), value]);
  }
  return new Map(
    [...byPrompt].map(([key, figures]) => [
      key,
      new Map([...figures].map(([name, values]) => [name, mean(values) ?? 0])),
    ]),
  );
}

/** With the length of what the answers of MT-Bench and Arena-Hard hold. */
async function readAnyAnswers(
  path: string,
): Promise<readonly PlacedRow<Readonly<Record<string, unknown>>>[]> {
  const file = await readRowFile(path);
  const form = formIn("answers", file);
  if (
    form === undefined ||
    TEXTS.some((field) => hasField(file.values[0]?.value, field))
  )
    return readAnswerRows(file);
  return (await rowReader(form)(file)).map(({ row, ...place }) => {
    const lengths = row.samples.flat().map((answer) => [...answer].length);
    return { ...place, row: { ...row.names, [LENGTH]: mean(lengths) } };
  });
}

function figuresOf(row: Readonly<Record<string, unknown>>): [string, number][] {
  const figures = Object.entries(row).flatMap(([name, value]) => {
    const figure = NO_FIGURES.has(name) ? null : numberIn(value);
    return figure === null ? [] : [[name, figure] satisfies [string, number]];
  });
  const text = TEXTS.map((field) => row[field]).find(
    (value) => typeof value === "string",
  );
  return text === undefined || row[LENGTH] !== undefined
    ? figures
    : [...figures, [LENGTH, [...text].length]];
}

function numberIn(value: unknown): number | null {
  if (typeof value === "number") return value;
  if (typeof value === "boolean") return Number(value);
  return Array.isArray(value) &&
    value.every((each): each is boolean => typeof each === "boolean")
    ? mean(value.map(Number))
    : null;
}
