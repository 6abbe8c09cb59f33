/**
 * @file A Self-Instruct run with training in a folder: opened, resumed, filled, and
 * left with its report; or several beside each other, one for each seed.
 */
import { join } from "node:path";
import type { EventListener } from "../../events/run-event.js";
import { crashPoint } from "../../foundation/crash-point.js";
import type { ModelHost } from "../../generation/language-model.js";
import type { RunEnvironment } from "../../ledger/run-record.js";
import { withOutputLock } from "../../ledger/writer-lock.js";
import type { Trainer } from "../../training/trainer.js";
import { openBase } from "../run/base-model.js";
import { withRun } from "../run/with-run.js";
import { workingSeconds } from "../run/working-seconds.js";
import { readEvaluationSets } from "../../evaluation/evaluation-sets.js";
import { verifierNamed } from "../../evaluation/verifiers/verifiers.js";
import { recipeOfRun } from "../../recipes/recipe-paths.js";
import {
  selfInstructTrainingSchema,
  type SelfInstructTrainingRecipe,
} from "../../recipes/self-instruct.js";
import { readSeeds } from "../instruct-stages/instruct-context.js";
import { runSelfInstructTraining, trainingStages } from "./run.js";
import type { TrainingReport } from "../../reporting/self-instruct/schema.js";
import { writeReport } from "../../reporting/report-file.js";
import { trainingReport } from "./build-report.js";

export interface TrainingStartOptions {
  readonly folder: string;
  readonly recipe: SelfInstructTrainingRecipe;
  readonly host: ModelHost;
  readonly trainer: Trainer;
  readonly environment: RunEnvironment;
  readonly emit: EventListener;
  readonly signal: AbortSignal;
  /** Seconds, for durations. */
  readonly now: () => number;
}

/**
 * Runs or continues the recipe in `folder`, once or once for each of its seeds;
 * returns the report it wrote there.
 * @throws BAD_INPUT, USAGE, LEDGER for a folder of other settings, INTERRUPTED
 */
export async function startSelfInstructTraining(
  options: TrainingStartOptions,
): Promise<TrainingReport> {
  if (options.recipe.seeds.length === 0) return startOne(options);
  const report = join(options.folder, "report.json");
  return withOutputLock(report, () => startEach(options));
}

/** One run for each seed, while no other process does, and their common report. */
async function startEach(
  options: TrainingStartOptions,
): Promise<TrainingReport> {
  const { recipe, folder } = options;
  const reports: TrainingReport[] = [];
  for (const seed of recipe.seeds) {
    const report = await startOne({
      ...options,
      recipe: { ...recipe, seed, seeds: [] },
      folder: join(folder, `seed-${seed}`),
    });
    reports.push(report);
  }
  const [first] = reports as [TrainingReport, ...TrainingReport[]];
  const report: TrainingReport = {
    ...first,
    runs: reports.map(({ seed, models, gains, data }) => ({
      seed,
      models,
      gains,
      data,
    })),
    recipe: recipeOfRun(recipe, {
      schema: selfInstructTrainingSchema,
      folder,
      recorded: undefined,
    }),
    timings:
      first.timings === null
        ? null
        : {
            ...first.timings,
            seconds: reports.reduce(
              (sum, { timings }) => sum + (timings?.seconds ?? 0),
              0,
            ),
          },
  };
  await writeReport(folder, report);
  return report;
}

async function startOne(
  options: TrainingStartOptions,
): Promise<TrainingReport> {
  const { folder, host, trainer, environment, signal, now } = options;
  const tasks = await readSeeds(options.recipe.instruct);
  const { heldOut } = await readEvaluationSets({
    heldOut: options.recipe.heldOut,
  });
  const base = await openBase(folder, options.recipe, signal);
  return withRun(options, async ({ ledger, emit, begin }) => {
    const recipe = recipeOfRun(options.recipe, {
      schema: selfInstructTrainingSchema,
      folder,
      recorded: ledger.run()?.recipe,
    });
    await begin(recipe, trainingStages(recipe));
    const context = {
      folder,
      recipe,
      base,
      modelPath: (id: string) => join(folder, "models", id),
      tasks,
      heldOut,
      verifier: verifierNamed(recipe.verifier),
      ledger,
      host,
      trainer,
      environment,
      emit,
      signal,
      now,
    };
    const made = await runSelfInstructTraining(context);
    ledger.finish();
    const report: TrainingReport = {
      ...trainingReport(context, made),
      timings: {
        seconds: workingSeconds(ledger),
        machine: environment.machine,
      },
    };
    await writeReport(folder, report);
    crashPoint("report-written");
    return report;
  });
}
