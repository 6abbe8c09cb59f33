/**
 * @file Human review of a random sample: what is asked, and what the answers say.
 *
 * The questions are those of the paper's quality table (table 2): is the
 * instruction a valid task, does the input fit it, is the output a correct answer.
 * A review file is JSON Lines in which a person replaces each `null` by true or
 * false; rows left alone are counted as not reviewed, never as good.
 */
import { z } from "zod";
import { AutodidactError } from "../../foundation/error.js";
import { placedValues } from "../../data/formats/rows.js";
import type { RandomStream } from "../../foundation/random.js";
import type { ReportTask } from "./report-task.js";

export interface ReviewRow {
  readonly id: string;
  readonly instruction: string;
  readonly input: string;
  readonly output: string;
  /** Does the instruction describe a valid task? */
  readonly valid_instruction: boolean | null;
  /** Is the input appropriate for the instruction? */
  readonly appropriate_input: boolean | null;
  /** Is the output a correct and acceptable response? */
  readonly correct_output: boolean | null;
}

/** One random instance of each of `size` random tasks, in the tasks' order. */
export function reviewSample(
  tasks: readonly ReportTask[],
  size: number,
  stream: RandomStream,
): readonly ReviewRow[] {
  const withInstances = tasks.filter((task) => task.instances.length > 0);
  const chosen = new Set(stream.sample(withInstances, size));
  return withInstances
    .filter((task) => chosen.has(task))
    .map((task) => {
      const { input, output } = stream.pick(task.instances);
      return {
        id: task.id,
        instruction: task.instruction,
        input,
        output,
        valid_instruction: null,
        appropriate_input: null,
        correct_output: null,
      };
    });
}

export interface ReviewedShare {
  readonly good: number;
  readonly reviewed: number;
}

export interface ReviewSummary {
  readonly rows: number;
  /** Rows in which nothing is left null. */
  readonly reviewed: number;
  readonly validInstruction: ReviewedShare;
  readonly appropriateInput: ReviewedShare;
  readonly correctOutput: ReviewedShare;
  /** All three true, over the rows fully reviewed. */
  readonly allValid: ReviewedShare;
}

const answer = z
  .boolean("it must be true, false, or null where not reviewed")
  .nullable();

const reviewRow = z.object({
  id: z.string(),
  instruction: z.string(),
  input: z.string(),
  output: z.string(),
  valid_instruction: answer,
  appropriate_input: answer,
  correct_output: answer,
});

/** Reads a review file. @throws BAD_INPUT naming file, line and field */
export async function readReview(path: string): Promise<readonly ReviewRow[]> {
  const rows: ReviewRow[] = [];
  for await (const { line, value } of placedValues(path)) {
    const parsed = reviewRow.safeParse(value);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      const field = issue?.path.join(".") ?? "";
      throw new AutodidactError(
        "BAD_INPUT",
        `${path}, line ${line}: the field “${field}” does not fit: ${issue?.message ?? ""}. Take the review file as it was written and replace only the three null values by true or false.`,
        { path, line, field },
      );
    }
    rows.push(parsed.data);
  }
  return rows;
}

/** Whether a person has marked anything in it. */
export function isMarked(row: ReviewRow): boolean {
  return (
    row.valid_instruction !== null ||
    row.appropriate_input !== null ||
    row.correct_output !== null
  );
}

/** Counts what the reviewer said. */
export function summarizeReview(rows: readonly ReviewRow[]): ReviewSummary {
  const share = (
    field: "valid_instruction" | "appropriate_input" | "correct_output",
  ): ReviewedShare => ({
    good: rows.filter((row) => row[field] === true).length,
    reviewed: rows.filter((row) => row[field] !== null).length,
  });
  const complete = rows.filter(
    (row) =>
      row.valid_instruction !== null &&
      row.appropriate_input !== null &&
      row.correct_output !== null,
  );
  return {
    rows: rows.length,
    reviewed: complete.length,
    validInstruction: share("valid_instruction"),
    appropriateInput: share("appropriate_input"),
    correctOutput: share("correct_output"),
    allValid: {
      good: complete.filter(
        (row) =>
          row.valid_instruction === true &&
          row.appropriate_input === true &&
          row.correct_output === true,
      ).length,
      reviewed: complete.length,
    },
  };
}
