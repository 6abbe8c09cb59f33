/**
 * @file A Self-Instruct run with training in a folder: opened, resumed, filled, and
 * left with its report; or several beside each other, one for each seed.
 */
import { join } from "node:path";
import { journaledHost } from "../../answers/journaled.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { openBase } from "../run/base-model.js";
import { runTogether } from "../run/runs-together.js";
import { withRun, type RecipeRun } from "../run/with-run.js";
import { secondsByStage, workingSeconds } from "../run/working-seconds.js";
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

export type TrainingStartOptions = RecipeRun<SelfInstructTrainingRecipe>;

/**
 * Runs or continues the recipe in `folder`, once or once for each of its seeds;
 * returns the report it wrote there.
 * @throws BAD_INPUT, USAGE, LEDGER for a folder of other settings, INTERRUPTED
 */
export async function startSelfInstructTraining(
  options: TrainingStartOptions,
): Promise<TrainingReport> {
  const { recipe, folder } = options;
  if (recipe.seeds.length === 0) return startOne(options);
  return runTogether(
    folder,
    recipe.seeds.map((seed) => ({ seed, folder: `seed-${seed}` })),
    ({ seed }, inside) =>
      startOne({
        ...options,
        recipe: { ...recipe, seed, seeds: [] },
        folder: inside,
      }),
    async (reports) => {
      const report = commonReport(options, [...reports.values()]);
      await writeReport(folder, report);
      return report;
    },
  );
}

/** The report of the first run with those of all seeds beside it. */
function commonReport(
  { recipe, folder }: TrainingStartOptions,
  reports: readonly TrainingReport[],
): TrainingReport {
  const [first] = reports as [TrainingReport, ...TrainingReport[]];
  const seconds = reports.reduce(
    (sum, { timings }) => sum + (timings?.seconds ?? 0),
    0,
  );
  return {
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
    usage: reports.flatMap(({ seed, usage = [] }) => ofSeed(seed, usage)),
    timings: first.timings && {
      ...first.timings,
      seconds,
      stages: reports.flatMap(({ seed, timings }) =>
        ofSeed(seed, timings?.stages ?? []),
      ),
    },
  };
}

/** Figures of stages under names that tell the seeds apart. */
function ofSeed<T extends { readonly stage: string }>(
  seed: number,
  stages: readonly T[],
): T[] {
  return stages.map((each) => ({
    ...each,
    stage: `seed-${seed}/${each.stage}`,
  }));
}

async function startOne(
  options: TrainingStartOptions,
): Promise<TrainingReport> {
  const { folder, environment } = options;
  const tasks = await readSeeds(options.recipe.instruct);
  const { heldOut } = await readEvaluationSets(options.recipe);
  const base = await openBase(folder, options.recipe, options.signal);
  return withRun(options, async ({ ledger, journal, emit, begin }) => {
    const recipe = recipeOfRun(options.recipe, {
      schema: selfInstructTrainingSchema,
      folder,
      recorded: ledger.run()?.recipe,
    });
    await begin(recipe, trainingStages(recipe));
    const context = {
      ...options,
      ...{ recipe, base, tasks, heldOut, ledger, journal, emit },
      host: journaledHost(options.host, journal),
      modelPath: (id: string) => join(folder, "models", id),
      verifier: verifierNamed(recipe.verifier),
    };
    const made = await runSelfInstructTraining(context);
    ledger.finish();
    const report: TrainingReport = {
      ...trainingReport(context, made),
      usage: ledger.usage(),
      timings: {
        seconds: workingSeconds(ledger),
        stages: secondsByStage(ledger),
        machine: environment.machine,
      },
    };
    await writeReport(folder, report);
    crashPoint("report-written");
    return report;
  });
}
