/**
 * @file Held-out prompts on which the last models of several runs differ: one is right and
 * another wrong, or, where no verifier looked, they say different things.
 *
 * Prompts are compared by their place: runs with other held-out prompts have none in
 * common, and nothing is compared.
 */
import type { ComparedPromptsPage } from "../api/api.js";
import {
  answerFiles,
  type AnswerFile,
  type AnswerLine,
} from "./answer-files.js";
import { readCursor, writeCursor } from "./cursor.js";
import type { RowsRun } from "./run-rows.js";

const PAGE = 50;
const TOGETHER = 200;

type Prompts = ComparedPromptsPage["prompts"][number];

interface LastAnswers {
  readonly run: RowsRun;
  readonly file: AnswerFile;
}

/** @throws DashboardFailure USAGE for an `after` of another kind */
export async function comparedPrompts(
  runs: readonly RowsRun[],
  after?: string,
): Promise<ComparedPromptsPage> {
  const last: LastAnswers[] = [];
  for (const run of runs) {
    const file = (await answerFiles(run.folder, new Map())).at(-1);
    if (file !== undefined) last.push({ run, file });
  }
  const length = Math.min(...last.map(({ file }) => file.correct.length));
  const prompts: Prompts[] = [];
  if (last.length < 2) return { prompts, next: null };
  for (
    let first = (readCursor(after)?.id ?? -1) + 1;
    first < length;
    first += TOGETHER
  ) {
    const read = await Promise.all(
      last.map(({ file }) => file.read(first, TOGETHER)),
    );
    for (let i = 0; i < TOGETHER && first + i < length; i++) {
      const lines = read.flatMap((one) => one[i] ?? []);
      if (!differ(lines, last.length)) continue;
      if (prompts.length === PAGE)
        return {
          prompts,
          next: writeCursor({ value: null, id: first + i - 1 }),
        };
      prompts.push(comparedPrompt(last, lines));
    }
  }
  return { prompts, next: null };
}

/** Whether all answered one prompt, and not alike. */
function differ(lines: readonly AnswerLine[], runs: number): boolean {
  const alike = (of: (line: AnswerLine) => unknown): boolean =>
    new Set(lines.map(of)).size === 1;
  if (lines.length < runs || !alike(({ prompt }) => prompt)) return false;
  const checked = lines.every(({ correct }) => correct !== null);
  return !alike(({ correct, text }) => (checked ? correct : text));
}

function comparedPrompt(
  last: readonly LastAnswers[],
  lines: readonly AnswerLine[],
): Prompts {
  return {
    prompt: lines[0]?.prompt ?? "",
    answers: lines.flatMap(({ text, correct, score }, i) => {
      const one = last[i];
      return one === undefined
        ? []
        : [{ run: one.run.id, model: one.file.model, text, correct, score }];
    }),
  };
}
