/**
 * @file What two runs of one recipe and seed must agree on to the last bit.
 */
import type { RunReport } from "../../src/reporting/self-rewarding/schema.js";
import type { Report } from "../../src/reporting/report-kinds.js";

/** The report without every measured time, memory figure and machine. */
export function withoutTimings(report: RunReport): RunReport;
export function withoutTimings(report: Report): Report;
export function withoutTimings(report: Report): Report {
  if (report.kind !== "self-rewarding") return { ...report, timings: null };
  return {
    ...report,
    rounds: report.rounds.map((round) => ({ ...round, seconds: null })),
    training: report.training.map((run) => ({ ...run, seconds: null })),
    timings: null,
  };
}
