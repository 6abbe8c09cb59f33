/**
 * @file What a finished run showed, in one line, whatever kind of run it was.
 */
import { AutodidactError } from "../../foundation/error.js";
import { readReport, reportPaths } from "../../reporting/report-file.js";
import { lineOf } from "../../reporting/report-kinds.js";

/** Null where there is no report of this version. */
export async function readRunSummary(folder: string): Promise<string | null> {
  try {
    return lineOf(await readReport(reportPaths(folder).json));
  } catch (error) {
    if (error instanceof AutodidactError && error.code === "BAD_INPUT")
      return null;
    throw error;
  }
}
