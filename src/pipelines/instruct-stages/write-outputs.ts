/**
 * @file What a data set leaves in a folder: its files, and its report beside them.
 */
import { join } from "node:path";
import { defined } from "../../foundation/defined.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { dataReport } from "../../instruct/data-report/data-report.js";
import type { AnswerTotals } from "../../ledger/answer-table.js";
import type { RunEnvironment } from "../../ledger/run-record.js";
import type {
  InstructReport,
  RunEstimate,
} from "../../reporting/instruct/schema.js";
import { writeReport } from "../../reporting/report-file.js";
import { secondsByStage } from "../run/working-seconds.js";
import type { InstructContext } from "./instruct-context.js";
import type { Made } from "./make-tasks.js";
import { markedReview, reviewFile } from "./review-table.js";
import { shownRows } from "./samples.js";
import { writeDataset } from "./write-dataset.js";
import { yieldWaterfall } from "./yield-waterfall.js";

/** Writes data set and report into `folder`. @throws STORAGE, IMBALANCE */
export async function writeOutputs(
  context: InstructContext,
  {
    folder,
    evaluation,
    environment,
  }: {
    readonly folder: string;
    /** Prompts of an evaluation set, to look for overlap with. */
    readonly evaluation?: readonly string[];
    readonly environment: RunEnvironment;
  },
  made: Made & { readonly estimate: RunEstimate | undefined },
): Promise<InstructReport> {
  const { ledger, settings, pack, prompts, seeds, author } = context;
  const { tasks, accepted, output, estimate } = made;
  const waterfall = yieldWaterfall(ledger);
  const data = dataReport({
    tasks,
    seeds: seeds.map((seed) => seed.instruction),
    pack,
    ...defined({ evaluation }),
  });
  const source = { settings, model: author.identity, prompts: prompts.id };
  const { license = "unknown", baseModel = author.hubId } = settings.card ?? {};
  const spent = spending(ledger.answers.totals(), accepted);
  const usage = ledger.usage();
  const samples = shownRows(tasks, ledger);
  await writeDataset(join(folder, "dataset"), {
    tasks,
    ledger,
    card: {
      ...source,
      license,
      ...defined({ baseModel }),
      report: data,
      waterfall,
      sampling: context.sampling,
      samples,
      spent,
      usage,
    },
  });
  const review = await markedReview(reviewFile(folder));
  const report: InstructReport = {
    kind: "instruct",
    name: settings.name,
    ...source,
    stop: output.stop,
    wanted: settings.accept,
    accepted,
    waterfall,
    spent,
    usage,
    ...defined({ estimate }),
    data,
    samples,
    ...defined({ review }),
    versions: {
      autodidact: environment.packageVersion,
      node: environment.nodeVersion,
    },
    timings: {
      stages: secondsByStage(ledger),
    },
  };
  await writeReport(folder, report);
  crashPoint("report-written");
  return report;
}

/** Spending, with its share of each accepted instruction. */
function spending(
  totals: AnswerTotals,
  accepted: number,
): InstructReport["spent"] {
  return {
    ...totals,
    costPerAcceptedMicros: accepted === 0 ? null : totals.cost / accepted,
    requestsPerAccepted: accepted === 0 ? null : totals.calls / accepted,
  };
}
