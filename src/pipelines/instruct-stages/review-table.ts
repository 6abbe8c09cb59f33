/**
 * @file A marked review file as the paper's quality table (table 2): shares with
 * 95 % Wilson intervals, for there are seldom more than 200 rows.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  isMarked,
  readReview,
  summarizeReview,
  type ReviewedShare,
  type ReviewRow,
  type ReviewSummary,
} from "../../instruct/data-report/review.js";
import type { ReviewTable } from "../../reporting/instruct/schema.js";

/** Table 2 of the paper: 92, 79, 58 and 54 % of 200 rows. */
const QUESTIONS: readonly {
  readonly field: keyof Pick<
    ReviewSummary,
    "validInstruction" | "appropriateInput" | "correctOutput" | "allValid"
  >;
  readonly question: string;
  readonly paper: number;
}[] = [
  {
    field: "validInstruction",
    question: "The instruction describes a valid task",
    paper: 0.92,
  },
  {
    field: "appropriateInput",
    question: "The input is appropriate for the instruction",
    paper: 0.79,
  },
  {
    field: "correctOutput",
    question: "The output is a correct and acceptable response",
    paper: 0.58,
  },
  { field: "allValid", question: "All three", paper: 0.54 },
];

/** Where a run's sample for review lies. */
export function reviewFile(runFolder: string): string {
  return join(runFolder, "dataset", "review.jsonl");
}

/** @throws BAD_INPUT naming file, line and field */
export async function reviewTable(path: string): Promise<ReviewTable> {
  return tableOf(await readReview(path));
}

/**
 * The table of a review in which something is marked; undefined where nothing is, or
 * where there is none.
 * @throws BAD_INPUT naming file, line and field
 */
export async function markedReview(
  path: string,
): Promise<ReviewTable | undefined> {
  if (!existsSync(path)) return undefined;
  const rows = await readReview(path);
  return rows.some(isMarked) ? tableOf(rows) : undefined;
}

function tableOf(rows: readonly ReviewRow[]): ReviewTable {
  const summary = summarizeReview(rows);
  return {
    rows: summary.rows,
    reviewed: summary.reviewed,
    lines: QUESTIONS.map(({ field, question, paper }) => ({
      question,
      ...summary[field],
      ...shareOf(summary[field]),
      paper,
    })),
  };
}

/** Wilson's score interval at 95 %. */
function shareOf({
  good,
  reviewed,
}: ReviewedShare): Pick<ReviewTable["lines"][number], "share"> {
  if (reviewed === 0) return {};
  const z = 1.959963984540054;
  const mean = good / reviewed;
  const spread = (z * z) / reviewed;
  const centre = (mean + spread / 2) / (1 + spread);
  const half =
    (z * Math.sqrt((mean * (1 - mean)) / reviewed + spread / (4 * reviewed))) /
    (1 + spread);
  return {
    share: {
      mean,
      low: Math.max(0, centre - half),
      high: Math.min(1, centre + half),
    },
  };
}
