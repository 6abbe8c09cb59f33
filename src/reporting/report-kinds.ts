/**
 * @file The kinds of report, one row each: how it is drawn and how it is summed up.
 * A further kind is a folder beside these and a row here; its schema joins the union in
 * report-file.ts.
 */
import { instructSummary, sentenceOf } from "./instruct/summary.js";
import { renderInstructReport } from "./instruct/page.js";
import type { InstructReport } from "./instruct/schema.js";
import { renderReport } from "./self-rewarding/page.js";
import { runLine, runLines } from "./self-rewarding/run-line.js";
import type { RunReport } from "./self-rewarding/schema.js";
import { terminalSummary } from "./self-rewarding/terminal-summary.js";
import { renderTrainingReport } from "./self-instruct/page.js";
import type { TrainingReport } from "./self-instruct/schema.js";
import { trainingSentences, trainingSummary } from "./self-instruct/summary.js";

/** Every report by the name of its kind. */
interface Reports {
  readonly "self-rewarding": RunReport;
  readonly instruct: InstructReport;
  readonly "self-instruct": TrainingReport;
}

export type ReportKind = keyof Reports;

/** The report of any run, or of one of the kinds. */
export type Report<K extends ReportKind = ReportKind> = {
  [P in K]: { readonly kind: P } & Reports[P];
}[K];

interface KindRow<R> {
  /** report.html; the same report gives the same bytes. */
  readonly page: (report: R) => string;
  /** For the end of a run, in plain text of several lines. */
  readonly summary: (report: R) => string;
  /** For lists of runs; null where nothing was measured. */
  readonly line: (report: R) => string | null;
}

export const REPORT_KINDS: {
  readonly [K in ReportKind]: KindRow<Reports[K]>;
} = {
  "self-rewarding": {
    page: renderReport,
    summary: (report) =>
      `${terminalSummary(report)}\n\n${runLines(report).join("\n")}`,
    line: runLine,
  },
  instruct: {
    page: renderInstructReport,
    summary: instructSummary,
    line: sentenceOf,
  },
  "self-instruct": {
    page: renderTrainingReport,
    summary: trainingSummary,
    line: (report) => trainingSentences(report)[0] ?? null,
  },
};

/** report.html as text. */
export function pageOf<K extends ReportKind>(report: Report<K>): string {
  return REPORT_KINDS[report.kind].page(report);
}

/** What the run showed, in plain text of several lines without one at the end. */
export function summaryOf<K extends ReportKind>(report: Report<K>): string {
  return REPORT_KINDS[report.kind].summary(report);
}

/** The same in one line. */
export function lineOf<K extends ReportKind>(report: Report<K>): string | null {
  return REPORT_KINDS[report.kind].line(report);
}
