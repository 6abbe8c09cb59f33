/**
 * @file A whole Self-Instruct run in a folder: begun, gone on with, replayed.
 *
 * Seeds → instructions → classification → instances → data set. Everything is in
 * the folder's ledger before it is in a file, so the same command goes on where a
 * killed or stopped run was, and gives what an uninterrupted one gives.
 */
import { join } from "node:path";
import { stringify } from "yaml";
import type { SeedTask } from "../../data/formats/instruction-records.js";
import { readSeedFile } from "../../data/formats/seed-file.js";
import type { EventListener, RunEnd } from "../../events/run-event.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { AutodidactError } from "../../foundation/error.js";
import { makeFolder, writeFileAtomic } from "../../foundation/storage.js";
import { dataReport } from "../../instruct/data-report/data-report.js";
import {
  LANGUAGE_PACKS,
  rulesWithout,
} from "../../instruct/language-packs/check.js";
import { bundledPrompts } from "../../instruct/prompts/bundled-prompts.js";
import type { PromptSet } from "../../instruct/prompts/prompt-set.js";
import { readBundledSeeds } from "../../instruct/seed-set.js";
import type { CallTotals } from "../../ledger/call-cache.js";
import { openLedger, type Ledger } from "../../ledger/ledger.js";
import type { Environment } from "../../ledger/run-record.js";
import type { CallStore } from "../../serving/call-store.js";
import type { Asker } from "./asker.js";
import { classificationStage } from "./classification-stage.js";
import { instanceStage } from "./instance-stage.js";
import { instructionStage, type YieldReport } from "./instruction-stage.js";
import { spending, type InstructReport } from "./instruct-report.js";
import { ledgerCallStore } from "./ledger-call-store.js";
import { madeTasks } from "./made-tasks.js";
import { probe, type RunEstimate } from "./probe.js";
import {
  forgivingAsker,
  readRecordedRun,
  recordedSource,
  type RecordedRun,
} from "./replay.js";
import { renderInstructReport } from "./report-page.js";
import type { InstructContext } from "./run-context.js";
import { seedStage } from "./seed-stage.js";
import { samplingOf, type InstructSettings } from "./settings.js";
import { trainingRowsStage } from "./training-rows-stage.js";
import { writeDataset } from "./write-dataset.js";
import { yieldWaterfall } from "./yield-waterfall.js";

/** An asker, and how to let go of what is behind it. */
export interface OpenAsker {
  readonly asker: Asker;
  readonly close: () => Promise<void>;
}

export interface InstructOptions {
  readonly folder: string;
  readonly settings: InstructSettings;
  /**
   * Opens the model. Answers are kept in and taken from `store`; `spent` is what
   * the run has used so far, for its budget. In a replay nothing may be computed
   * or bought: `replayOf` says what of.
   */
  readonly open: (parts: {
    readonly store: CallStore;
    readonly spent: CallTotals;
    readonly replayOf?: string;
  }) => Promise<OpenAsker>;
  /** Folder of the run whose answers are judged anew. */
  readonly replay?: string;
  /** Prompts of a world of its own; those of the language and style when absent. */
  readonly prompts?: PromptSet;
  /** Prompts of an evaluation set, to look for overlap with. */
  readonly evaluation?: readonly string[];
  readonly environment: Environment;
  readonly emit: EventListener;
  readonly signal: AbortSignal;
  /** Seconds since some fixed moment; only for durations. */
  readonly now: () => number;
  readonly onEstimate?: (estimate: RunEstimate) => void;
  readonly onYield?: (
    report: YieldReport & { readonly spent: CallTotals },
  ) => void;
}

/**
 * Runs or continues a run; returns the report it wrote.
 * @throws BUDGET when a limit was reached (the run can go on with a higher one),
 *   ENDPOINT, INTERRUPTED, BAD_INPUT for seeds, LEDGER for other settings
 */
export async function runInstruct(
  options: InstructOptions,
): Promise<InstructReport> {
  const { folder, settings, emit, now } = options;
  const bundled = await readBundledSeeds(settings.language);
  const seeds =
    settings.seeds === null ? bundled : await readSeedFile(settings.seeds);
  await makeFolder(folder);
  const started = now();
  const ledger = openLedger({ path: join(folder, "ledger.db"), mode: "write" });
  let outcome: RunEnd["outcome"] = "complete";
  try {
    return await withSource(options, ledger, ({ store, recorded }) =>
      runStages({ ...options, bundled, seeds, ledger, store, recorded }),
    );
  } catch (error) {
    outcome = error instanceof AutodidactError ? error.code : "NUMERIC";
    throw error;
  } finally {
    ledger.close();
    emit({ type: "run-end", folder, outcome, seconds: now() - started });
  }
}

/** Answers are kept in this run's ledger, or in a replay taken from the other's. */
async function withSource<T>(
  { replay }: InstructOptions,
  ledger: Ledger,
  use: (source: {
    readonly store: CallStore;
    readonly recorded: RecordedRun | undefined;
  }) => Promise<T>,
): Promise<T> {
  if (replay === undefined) {
    return use({ store: ledgerCallStore(ledger.calls), recorded: undefined });
  }
  const source = openLedger({ path: join(replay, "ledger.db"), mode: "write" });
  try {
    const recorded = readRecordedRun(source);
    const { get } = ledgerCallStore(source.calls);
    return await use({ store: { get, put: () => undefined }, recorded });
  } finally {
    source.close();
  }
}

interface Prepared extends InstructOptions {
  readonly bundled: readonly SeedTask[];
  readonly seeds: readonly SeedTask[];
  readonly ledger: Ledger;
  readonly store: CallStore;
  readonly recorded: RecordedRun | undefined;
}

async function runStages(prepared: Prepared): Promise<InstructReport> {
  const { folder, settings, ledger, store, replay, recorded } = prepared;
  const { asker, close } = await prepared.open({
    store,
    spent: ledger.calls.totals(),
    ...(replay === undefined ? {} : { replayOf: replay }),
  });
  try {
    const enabled = rulesWithout(settings.withoutRules);
    const context: InstructContext = {
      ledger,
      settings,
      sampling: samplingOf(settings),
      seeds: prepared.seeds,
      pack: LANGUAGE_PACKS[settings.language],
      prompts:
        prepared.prompts ??
        bundledPrompts({
          language: settings.language,
          style: settings.style,
          bundledSeeds: prepared.bundled,
          enabled,
          newInstructions: settings.newInstructions,
          maxInstances: settings.maxInstances,
        }),
      enabled,
      asker: recorded === undefined ? asker : forgivingAsker(asker),
      emit: prepared.emit,
      signal: prepared.signal,
      now: prepared.now,
    };
    const resumed = begin(context, prepared);
    await writeFileAtomic(join(folder, "recipe.yaml"), stringify(settings));
    const estimate =
      resumed || recorded !== undefined ? undefined : await probe(context);
    if (estimate !== undefined) prepared.onEstimate?.(estimate);
    return await makeDataset(context, prepared, { asker, estimate });
  } finally {
    await close();
  }
}

/** Records the run, or checks that it is the recorded one; true when it goes on. */
function begin(context: InstructContext, prepared: Prepared): boolean {
  const { ledger, settings, asker, prompts } = context;
  const { environment, emit, folder, replay } = prepared;
  const resumed = ledger.run() !== undefined;
  ledger.recordRun({
    recipe: {
      ...settings,
      model: asker.identity,
      prompts: prompts.id,
      replay: replay ?? null,
    },
    seed: settings.seed,
    environment,
  });
  emit({
    type: "run-start",
    folder,
    recipe: settings.name,
    seed: settings.seed,
    resumed,
  });
  return resumed;
}

async function makeDataset(
  context: InstructContext,
  prepared: Prepared,
  more: { readonly asker: Asker; readonly estimate: RunEstimate | undefined },
): Promise<InstructReport> {
  const { ledger, settings, pack, prompts, seeds, asker } = context;
  const { folder, recorded, evaluation, environment, onYield } = prepared;
  const seedRows = await seedStage(context);
  const { instructions, output } = await instructionStage(context, seedRows, {
    ...(recorded === undefined
      ? {}
      : {
          source: () =>
            recordedSource({ ...context, asker: more.asker }, recorded),
        }),
    onYield: (report) => onYield?.({ ...report, spent: ledger.calls.totals() }),
  });
  const classified = await classificationStage(context, seedRows, instructions);
  const instances = await instanceStage(context, seedRows, classified);
  const tasks = madeTasks(classified, instances);
  await trainingRowsStage(context, tasks);
  ledger.finish();
  const waterfall = yieldWaterfall(ledger);
  const data = dataReport({
    tasks,
    seeds: seeds.map((seed) => seed.instruction),
    pack,
    ...(evaluation === undefined ? {} : { evaluation }),
  });
  await writeDataset(join(folder, "dataset"), {
    tasks,
    ledger,
    card: {
      settings,
      model: asker.identity,
      prompts: prompts.id,
      report: data,
      waterfall,
    },
  });
  const report: InstructReport = {
    name: settings.name,
    model: asker.identity,
    prompts: prompts.id,
    settings,
    stop: output.stop,
    wanted: settings.accept,
    accepted: instructions.length,
    waterfall,
    spent: spending(ledger.calls.totals(), instructions.length),
    ...(more.estimate === undefined ? {} : { estimate: more.estimate }),
    data,
    versions: {
      autodidact: environment.packageVersion,
      node: environment.nodeVersion,
    },
  };
  await writeFileAtomic(
    join(folder, "report.json"),
    `${JSON.stringify(report, null, 2)}\n`,
  );
  await writeFileAtomic(
    join(folder, "report.html"),
    renderInstructReport(report),
  );
  crashPoint("report-written");
  return report;
}
