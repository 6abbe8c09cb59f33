/**
 * @file `autodidact report`: the page of a run, drawn anew from its numbers.
 */
import { join } from "node:path";
import { writeFileAtomic } from "../../foundation/storage.js";
import { readInstructReport } from "../../reporting/instruct/report-file.js";
import {
  markedReview,
  reviewFile,
} from "../../pipelines/self-instruct/review-table.js";
import {
  renderInstructReport,
  summary,
} from "../../reporting/instruct/page.js";
import {
  renderTrainingReport,
  trainingSummary,
} from "../../reporting/training/page.js";
import { readTrainingReport } from "../../reporting/training/training-report.js";
import { renderReport } from "../../reporting/loop/page.js";
import { readReport } from "../../reporting/loop/report.js";
import { runLines } from "../../reporting/loop/run-line.js";
import { terminalSummary } from "../../reporting/loop/terminal-summary.js";
import { defineCommand } from "../command.js";

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
  examples: [
    {
      line: "autodidact report runs/nursery-seed-1",
      does: "Draws the page and prints what the run showed",
    },
  ],
  run: async ({ run }, io) => {
    const path = join(run, "report.json");
    const page = join(run, "report.html");
    const trained = await readTrainingReport(path);
    if (trained !== null) {
      await writeFileAtomic(page, renderTrainingReport(trained));
      io.print(trainingSummary(trained));
      io.print(`\nReport: ${page}`);
      io.printJson(trained);
      return;
    }
    const recorded = await readInstructReport(path);
    if (recorded !== null) {
      const review = await markedReview(reviewFile(run));
      const instruct =
        review === undefined ? recorded : { ...recorded, review };
      await writeFileAtomic(page, renderInstructReport(instruct));
      io.print(summary(instruct));
      io.print(`\nReport: ${page}`);
      io.printJson(instruct);
      return;
    }
    const report = await readReport(path);
    await writeFileAtomic(page, renderReport(report));
    io.print(terminalSummary(report));
    io.print(`\n${runLines(report).join("\n")}`);
    io.print(`\nReport: ${page}`);
    io.printJson(report);
  },
});
