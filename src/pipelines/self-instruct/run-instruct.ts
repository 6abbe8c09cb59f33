/**
 * @file A whole Self-Instruct run in a folder: begun, gone on with, replayed.
 *
 * Seeds → instructions → classification → instances → data set. Everything is in
 * the folder's ledger before it is in a file, so the same command goes on where a
 * killed or stopped run was, and gives what an uninterrupted one gives.
 */
import { INSTRUCTION_STAGE } from "../../instruct/stages.js";
import { join } from "node:path";
import { crashPoint } from "../../foundation/crash-point.js";
import { dataReport } from "../../instruct/data-report/data-report.js";
import type { AnswerTotals } from "../../ledger/answer-table.js";
import type { Author } from "./author.js";
import { classificationStage } from "./classification-stage.js";
import { instanceStage } from "./instance-stage.js";
import {
  instructionStage,
  type InstructionStageOutput,
  type YieldReport,
} from "./instruction-stage.js";
import {
  withSession,
  type Session,
  type SessionOptions,
} from "./instruct-session.js";
import type {
  InstructReport,
  RunEstimate,
} from "../../reporting/instruct/schema.js";
import { writeReport } from "../../reporting/report-file.js";
import { workingSeconds } from "../run/working-seconds.js";
import { samplesOf } from "./samples.js";
import { madeTasks, type MadeTask } from "./made-tasks.js";
import { refuseEmptyData, refuseEmptyRun } from "./nothing-accepted.js";
import { markedReview, reviewFile } from "./review-table.js";
import { keptEstimate, probe } from "./probe.js";
import { recordedSource } from "./replay.js";
import type { InstructContext } from "./run-context.js";
import { seedStage, type SeedRows } from "./seed-stage.js";
import { withStateOfRun } from "./stopped-run.js";
import { countGivenUp, refuseIncomplete } from "../run/unanswered.js";
import { trainingRowsStage } from "./training-rows-stage.js";
import { writeDataset } from "./write-dataset.js";
import { yieldWaterfall } from "./yield-waterfall.js";

export interface InstructOptions extends SessionOptions {
  /** Prompts of an evaluation set, to look for overlap with. */
  readonly evaluation?: readonly string[];
  /** Told before the first instruction is accepted, unless it was told before or the run is a replay. */
  readonly onEstimate?: (estimate: RunEstimate) => void;
  /** Told when an instruction more was accepted than by the processes before. */
  readonly onYield?: (
    report: YieldReport & { readonly spent: AnswerTotals },
  ) => void;
}

/**
 * Runs or continues a run; returns the report it wrote.
 * @throws BUDGET when a limit was reached (the run can go on with a higher one),
 *   GATE when nothing was accepted or no instruction got an instance, ENDPOINT also when
 *   everything is written but some questions were given up, INTERRUPTED, BAD_INPUT for
 *   seeds, LEDGER for other settings
 */
export async function runInstruct(
  options: InstructOptions,
): Promise<InstructReport> {
  return withSession(options, async (session) => {
    const { context, recorded } = session;
    const estimate =
      recorded === undefined
        ? await estimateOnce(context, options.onEstimate)
        : undefined;
    const { ledger, settings } = context;
    const made = await makeTasks(session, options).catch((error: unknown) => {
      throw withStateOfRun(error, { ledger, wanted: settings.accept });
    });
    if (countGivenUp(ledger) === 0) ledger.finish();
    const report = await writeOutputs(context, options, { ...made, estimate });
    refuseIncomplete(ledger);
    refuseEmptyData(report);
    return report;
  });
}

/** Told only when the probe is done now. */
async function estimateOnce(
  context: InstructContext,
  tell: InstructOptions["onEstimate"],
): Promise<RunEstimate> {
  const kept = keptEstimate(context);
  if (kept !== undefined) return kept;
  const estimate = await probe(context);
  tell?.(estimate);
  return estimate;
}

/**
 * Only the probe: what the whole run would take. What it buys, the run uses.
 * @throws as `runInstruct`
 */
export async function estimateInstruct(
  options: SessionOptions,
): Promise<RunEstimate> {
  return withSession(options, ({ context }) =>
    estimateOnce(context, undefined),
  );
}

/** What the stages made. */
export interface Made {
  readonly tasks: readonly MadeTask[];
  readonly accepted: number;
  readonly output: InstructionStageOutput;
}

/**
 * Runs the stages, from the seeds to the rows of the training set.
 * @throws GATE when no instruction at all was accepted
 */
export async function makeTasks(
  { context, recorded }: Pick<Session, "context" | "recorded">,
  {
    onYield,
    seedRows: recordedSeeds,
    instances: answering,
  }: Pick<InstructOptions, "onYield"> & {
    /** Where seeds and author lie already; they are recorded here when absent. */
    readonly seedRows?: SeedRows;
    /** Who writes the instances, where that is another model. */
    readonly instances?: {
      readonly author: Author;
      /** Its row in the ledger. */
      readonly modelRow: number;
    };
  } = {},
): Promise<Made> {
  const { ledger } = context;
  const seedRows = recordedSeeds ?? (await seedStage(context));
  // What an earlier process committed is walked through again, and was told by it.
  const told = ledger.count("prompts", { stage: INSTRUCTION_STAGE });
  const { instructions, output } = await instructionStage(context, seedRows, {
    ...(recorded === undefined
      ? {}
      : {
          source: recordedSource(
            { ...context, author: recorded.author },
            recorded.run,
          ),
        }),
    onYield: (report) => {
      if (report.accepted <= told) return;
      onYield?.({ ...report, spent: ledger.answers.totals() });
    },
  });
  if (instructions.length === 0) {
    refuseEmptyRun(ledger, {
      requests: output.requests,
      settings: context.settings,
    });
  }
  const classified = await classificationStage(context, seedRows, instructions);
  const instances = await instanceStage(
    { ...context, author: answering?.author ?? context.author },
    { ...seedRows, modelRow: answering?.modelRow ?? seedRows.modelRow },
    classified,
  );
  const tasks = madeTasks(classified, instances);
  await trainingRowsStage(context, tasks);
  return { tasks, accepted: instructions.length, output };
}

/** Writes data set and report into `folder`. @throws STORAGE, IMBALANCE */
export async function writeOutputs(
  context: InstructContext,
  {
    folder,
    evaluation,
    environment,
  }: Pick<InstructOptions, "folder" | "evaluation" | "environment">,
  made: Made & { readonly estimate: RunEstimate | undefined },
): Promise<InstructReport> {
  const { ledger, settings, pack, prompts, seeds, author } = context;
  const { tasks, accepted, output, estimate } = made;
  const waterfall = yieldWaterfall(ledger);
  const data = dataReport({
    tasks,
    seeds: seeds.map((seed) => seed.instruction),
    pack,
    ...(evaluation === undefined ? {} : { evaluation }),
  });
  const source = { settings, model: author.identity, prompts: prompts.id };
  const spent = spending(ledger.answers.totals(), accepted);
  const samples = samplesOf(tasks, ledger);
  await writeDataset(join(folder, "dataset"), {
    tasks,
    ledger,
    card: {
      ...source,
      report: data,
      waterfall,
      sampling: context.sampling,
      samples,
      spent,
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
    ...(estimate === undefined ? {} : { estimate }),
    data,
    samples,
    ...(review === undefined ? {} : { review }),
    versions: {
      autodidact: environment.packageVersion,
      node: environment.nodeVersion,
    },
    timings: {
      stages: waterfall.map(({ stage }) => ({
        stage,
        seconds: workingSeconds(ledger, stage),
      })),
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
