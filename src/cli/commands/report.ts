/**
 * @file `autodidact report`: the page of a run, drawn anew from its numbers.
 */
import { writeFileAtomic } from "../../foundation/storage.js";
import {
  markedReview,
  reviewFile,
} from "../../pipelines/instruct-stages/review-table.js";
import { readReport, reportPaths } from "../../reporting/report-file.js";
import {
  pageOf,
  summaryOf,
  type Report,
} from "../../reporting/report-kinds.js";
import { defineCommand } from "../command.js";
import { requireOutputs } from "../unfinished-run.js";

export const reportCommand = defineCommand({
  name: "report",
  summary: "Draw a run's report.html anew and print its summary",
  description:
    "Reads report.json of a run folder, writes report.html beside it and prints the summary. Nothing is measured again; of a Self-Instruct run it takes in what was marked in dataset/review.jsonl since.",
  arguments: {
    run: {
      placeholder: "RUN",
      description: "Folder of a run that has a report.json",
      required: true,
    },
  },
  examples: {
    "autodidact report runs/nursery-seed-1":
      "Draws the page and prints what the run showed",
  },
  run: async ({ run }, io) => {
    requireOutputs(run, ["report.json"], "report");
    const paths = reportPaths(run);
    const report = await withReview(await readReport(paths.json), run);
    await writeFileAtomic(paths.html, pageOf(report));
    io.print(summaryOf(report));
    io.print(`\nReport: ${paths.html}`);
    io.printJson(report);
  },
});

/** With what was marked in the sample of a data set since. */
async function withReview(report: Report, run: string): Promise<Report> {
  if (report.kind !== "instruct") return report;
  const review = await markedReview(reviewFile(run));
  return review === undefined ? report : { ...report, review };
}
