/**
 * @file Every open-ended benchmark by the name that `evaluate --suite` uses: one file and
 * one row each. What no option names, the fields of a row tell.
 */
import { rowError } from "../../data/formats/field-errors.js";
import {
  readRowFile,
  rowReader,
  type PlacedRow,
  type RowFile,
  type RowFormat,
} from "../../data/formats/rows.js";
import type { ChatMessage, Prompt } from "../../data/records.js";
import { hasField } from "../../data/training-rows.js";
import { refuseRepeats } from "../suites/suite.js";
import { alpacaEval } from "./alpaca-eval.js";
import { arenaHard } from "./arena-hard.js";
import type { Benchmark, ModelAnswers, OpenQuestion } from "./benchmark.js";
import { mtBench } from "./mt-bench.js";

const BENCHMARKS = {
  "alpaca-eval": alpacaEval,
  "mt-bench": mtBench,
  "arena-hard": arenaHard,
} satisfies Readonly<Record<string, Benchmark>>;

export type BenchmarkName = keyof typeof BENCHMARKS;

export const BENCHMARK_NAMES = Object.keys(BENCHMARKS) as BenchmarkName[];

export function benchmarkNamed(name: BenchmarkName): Benchmark {
  return BENCHMARKS[name];
}

/** What a file holds of any benchmark, by a field of its first row; undefined for none. */
export function formIn<K extends "questions" | "answers">(
  kind: K,
  { values }: RowFile,
): Benchmark[K] | undefined {
  return Object.values<Benchmark>(BENCHMARKS)
    .map((benchmark) => benchmark[kind])
    .find(({ field }) => hasField(values[0]?.value, field));
}

/**
 * The questions of a file in one format.
 * @throws BAD_INPUT naming file, line and field; two questions of one name
 */
export async function readQuestions(
  file: string | RowFile,
  format: RowFormat<OpenQuestion>,
): Promise<readonly PlacedRow<OpenQuestion>[]> {
  const placed = await rowReader(format)(file);
  refuseRepeats(placed.map(({ row: { key }, ...place }) => ({ key, place })));
  return placed;
}

/** The same of any benchmark, by what names them. @throws BAD_INPUT likewise */
export async function readQuestionsByKey(
  path: string,
): Promise<ReadonlyMap<string, OpenQuestion>> {
  const file = await readRowFile(path);
  const form = formIn("questions", file) ?? mtBench.questions;
  const placed = await readQuestions(file, form);
  return new Map(placed.map(({ row }) => [row.key, row]));
}

/** An answer beside what it answers. */
export interface AnsweredTurn {
  /** All that was said before the answer. */
  readonly prompt: Prompt;
  readonly response: string;
}

/**
 * One row for each answer: whose answer it is to what, `turn` from 1, and what was said
 * before it.
 * @param questions by what names them, where a file of them was given
 * @throws BAD_INPUT naming file and line
 */
export function answeredTurns(
  { row, ...place }: PlacedRow<ModelAnswers>,
  questions: ReadonlyMap<string, OpenQuestion> | null,
): readonly PlacedRow<AnsweredTurn & Readonly<Record<string, unknown>>>[] {
  const question = questions?.get(row.key);
  if (questions !== null && question === undefined)
    throw rowError(
      place,
      `none of the questions is named “${row.key}”`,
      "Give the questions that were answered.",
    );
  const asked = row.asked ?? question?.turns;
  if (asked === undefined)
    throw rowError(
      place,
      "the row does not say what was asked",
      "Give the benchmark's questions too: --questions FILE.",
    );
  return row.samples.flatMap((answers, sample) => {
    if (answers.length > asked.length)
      throw rowError(
        place,
        `it has ${answers.length} answers, and the question ${asked.length} turns`,
        "Give the questions that were answered.",
      );
    return answers.map((response, turn) => ({
      ...place,
      row: {
        ...{ category: question?.row["category"], ...row.names },
        ...(row.samples.length > 1 ? { sample } : {}),
        turn: turn + 1,
        prompt: saidBefore(asked, answers, turn),
        response,
      },
    }));
  });
}

function saidBefore(
  asked: readonly string[],
  answers: readonly string[],
  turn: number,
): Prompt {
  const now = asked[turn] ?? "";
  if (turn === 0) return now;
  const earlier = asked.slice(0, turn).flatMap((content, i): ChatMessage[] => [
    { role: "user", content },
    { role: "assistant", content: answers[i] ?? "" },
  ]);
  return [...earlier, { role: "user", content: now }];
}
