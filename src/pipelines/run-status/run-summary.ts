/**
 * @file What a finished run showed, in one line, whatever kind of run it was.
 */
import { join } from "node:path";
import { readReport } from "../../reporting/loop/report.js";
import { runLine } from "../../reporting/loop/run-line.js";
import { AutodidactError } from "../../foundation/error.js";
import { readInstructReport } from "../../reporting/instruct/report-file.js";
import { summary } from "../../reporting/instruct/page.js";
import { trainingSentences } from "../../reporting/training/page.js";
import { readTrainingReport } from "../../reporting/training/training-report.js";

/** Null where there is no report of this version. */
export async function readRunSummary(folder: string): Promise<string | null> {
  const path = join(folder, "report.json");
  try {
    const trained = await readTrainingReport(path);
    if (trained !== null) return trainingSentences(trained)[0] ?? null;
    const instruct = await readInstructReport(path);
    if (instruct !== null) return summary(instruct);
    return runLine(await readReport(path));
  } catch (error) {
    if (error instanceof AutodidactError && error.code === "BAD_INPUT")
      return null;
    throw error;
  }
}
