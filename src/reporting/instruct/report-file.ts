/**
 * @file report.json of a Self-Instruct run: how it went and what it made.
 */
import type { StopReason } from "../../instruct/stages.js";
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { AutodidactError } from "../../foundation/error.js";
import type { InstructionDataReport } from "../../instruct/data-report/report-schema.js";
import type { AnswerTotals } from "../../ledger/answer-table.js";
import type { ReviewTable } from "../../pipelines/self-instruct/review-table.js";
import type { RunEstimate } from "../../pipelines/self-instruct/probe.js";
import type { ResolvedSettings } from "../../recipes/instruct.js";
import type { WaterfallStage } from "../../pipelines/self-instruct/yield-waterfall.js";

export interface InstructReport {
  readonly name: string;
  readonly model: string;
  readonly prompts: string;
  readonly settings: ResolvedSettings;
  /** Why the run stopped; only "accepted" means that there are as many as asked for. */
  readonly stop: StopReason;
  readonly wanted: number;
  readonly accepted: number;
  readonly waterfall: readonly WaterfallStage[];
  /** Over all processes of the run; cost in millionths of a dollar. */
  readonly spent: AnswerTotals & {
    readonly costPerAcceptedMicros: number | null;
    readonly requestsPerAccepted: number | null;
  };
  /** Of the run's own first requests; absent when it was a replay. */
  readonly estimate?: RunEstimate;
  readonly data: InstructionDataReport;
  /** What a person found in the sample; absent until something is marked. */
  readonly review?: ReviewTable;
  readonly versions: { readonly autodidact: string; readonly node: string };
}

/** Spending, with its share of each accepted instruction. */
export function spending(
  totals: AnswerTotals,
  accepted: number,
): InstructReport["spent"] {
  return {
    ...totals,
    costPerAcceptedMicros: accepted === 0 ? null : totals.cost / accepted,
    requestsPerAccepted: accepted === 0 ? null : totals.calls / accepted,
  };
}

/**
 * Null when the file is no report of a Self-Instruct run, or not there.
 * @throws BAD_INPUT for the report of a version that counted other things
 */
export async function readInstructReport(
  path: string,
): Promise<InstructReport | null> {
  const report = await jsonIn(path);
  if (
    report === null ||
    typeof report !== "object" ||
    !("waterfall" in report && "wanted" in report && "data" in report)
  )
    return null;
  if (!drawable.safeParse(report).success) {
    throw new AutodidactError(
      "BAD_INPUT",
      `${path} was written by another version, which counted other things. Give the command that made the run once more: it writes the report anew from the recorded answers.`,
      { path },
    );
  }
  return report as InstructReport;
}

/** What tells reports of this version from earlier ones. */
const drawable = z.object({
  data: z.object({
    verbs: z.object({ byVerb: z.array(z.unknown()) }),
  }),
});

/** Null for a file that cannot be read as JSON. */
async function jsonIn(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch {
    return null;
  }
}
