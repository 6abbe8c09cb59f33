/**
 * @file EFT rows of judged, ranked answers, as Self-Rewarding makes them (arXiv
 * 2401.10020, section 3.1): the judgements of a prompt's answers are kept when they rank
 * the answers as people, or a verifier, did; of the commonest score some are dropped.
 */
import { z } from "zod";
import { rowReader } from "../../data/formats/rows.js";
import { promptSchema } from "../../data/training-rows.js";
import { rowError } from "../../data/formats/field-errors.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import { randomStream } from "../../foundation/random.js";
import {
  agreeingSample,
  withoutCommonScores,
  type EftRow,
} from "../../rewarding/agreeing-judgements.js";
import { judgedRow, shownPrompt } from "./prompt-rows.js";

const rankedRow = judgedRow.extend({
  prompt: promptSchema,
  /** Smaller is better. */
  rank: z.number("it must be a number").optional(),
  /** Larger is better. */
  truth: z.number("it must be a number").optional(),
  correct: z.boolean("it must be true or false").optional(),
});

const readRankedRows = rowReader({
  name: "judged, ranked answers",
  example:
    '{"prompt": "…", "response": "…", "rank": 0, "judgements": […], …}, as judge makes them of answers.jsonl',
  row: rankedRow,
});

export interface EftCounts {
  readonly answers: number;
  readonly judgements: number;
  /** Prompts with answers of different rank, and those judged as they are ranked. */
  readonly rankings: number;
  readonly agreeing: number;
  /** Rankings of which no sample has a score on every answer. */
  readonly unread: number;
  /** Rows of the agreeing rankings, and what thinning left of them. */
  readonly rows: number;
  readonly kept: number;
  /** Kept rows by score. */
  readonly scores: Readonly<Record<string, number>>;
}

/** @throws BAD_INPUT naming file, line and field; STORAGE */
export async function writeEft(
  path: string,
  { out, seed }: { readonly out: string; readonly seed: number },
): Promise<EftCounts> {
  const byPrompt = new Map<
    string,
    Parameters<typeof agreeingSample>[0][number][]
  >();
  const placed = await readRankedRows(path);
  for (const { row, ...place } of placed) {
    const { rank, truth, correct } = row;
    const known = rank ?? (truth === undefined ? undefined : -truth);
    const value =
      known ?? (correct === undefined ? undefined : Number(!correct));
    if (value === undefined)
      throw rowError(
        place,
        "the row says neither rank nor truth nor correct",
        "Judge answers whose order is known, such as answers.jsonl of autodidact rankings.",
        "rank",
      );
    const prompt = shownPrompt(row.prompt);
    const answer = { prompt, response: row.response, rank: value };
    const samples = row.judgements;
    byPrompt.set(prompt, [
      ...(byPrompt.get(prompt) ?? []),
      { ...answer, samples },
    ]);
  }
  const rankings = [...byPrompt.values()].filter(
    (answers) => new Set(answers.map(({ rank }) => rank)).size > 1,
  );
  const verdicts = rankings.map(agreeingSample);
  const rows = verdicts.flatMap((verdict) =>
    Array.isArray(verdict) ? verdict : [],
  );
  const kept = withoutCommonScores(rows, randomStream(seed, "eft"));
  await writeJsonLines(out, kept);
  return {
    answers: placed.length,
    judgements: placed.reduce((sum, { row }) => sum + row.judgements.length, 0),
    rankings: rankings.length,
    agreeing: verdicts.filter((verdict) => Array.isArray(verdict)).length,
    unread: verdicts.filter((verdict) => verdict === "unread").length,
    rows: rows.length,
    kept: kept.length,
    scores: countBy(kept),
  };
}

function countBy(rows: readonly EftRow[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { score } of rows) counts[score] = (counts[score] ?? 0) + 1;
  return counts;
}
