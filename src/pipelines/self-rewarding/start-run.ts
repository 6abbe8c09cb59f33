/**
 * @file A run folder: opened, resumed, filled, and left with its report.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import type { EventListener, RunEnd } from "../../events/run-event.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { systemClock } from "../../foundation/clock.js";
import { AutodidactError } from "../../foundation/error.js";
import { storageError, writeFileAtomic } from "../../foundation/storage.js";
import type { ModelHost } from "../../generation/language-model.js";
import { openLedger, type Ledger } from "../../ledger/ledger.js";
import { requireRunFolder } from "../../ledger/run-folder.js";
import type { Environment } from "../../ledger/run-record.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import { writeReport, type RunReport } from "../../reporting/report.js";
import type { Trainer } from "../../training/trainer.js";
import { openBase, promptForm, type BaseModel } from "./base-model.js";
import { loadLoopData } from "./loop-data.js";
import type { RunContext } from "./run-context.js";
import { runLog } from "./run-log.js";
import { runSelfRewarding } from "./run.js";
import { verifierNamed } from "./verifier.js";

export interface StartOptions {
  readonly folder: string;
  readonly recipe: SelfRewardingRecipe;
  readonly host: ModelHost;
  readonly trainer: Trainer;
  readonly environment: Environment;
  readonly emit: EventListener;
  readonly signal: AbortSignal;
  /** Seconds, for durations. */
  readonly now: () => number;
  readonly force: boolean;
  /** Where M1 lies when several runs share it; inside the run folder when absent. */
  readonly sharedModels?: string;
}

/** Runs or continues the recipe in `folder`; returns the report it wrote there. */
export async function startRun(options: StartOptions): Promise<RunReport> {
  const { folder, now } = options;
  const data = await loadLoopData(options.recipe.data);
  const base = await openBase(folder, options.recipe, options.signal);
  const recipe = judgeable(options.recipe, base);
  requireRunFolder(folder);
  makeRunFolder(folder);
  const log = runLog(folder, systemClock);
  const emit: EventListener = (event) => {
    log(event);
    options.emit(event);
  };
  const started = now();
  const ledger = openLedger({ path: join(folder, "ledger.db"), mode: "write" });
  let outcome: RunEnd["outcome"] = "complete";
  try {
    const resumed = ledger.run() !== undefined;
    ledger.recordRun({
      recipe,
      seed: recipe.seed,
      environment: options.environment,
    });
    await writeFileAtomic(join(folder, "recipe.yaml"), stringify(recipe));
    emit({
      type: "run-start",
      folder,
      recipe: recipe.name,
      seed: recipe.seed,
      resumed,
    });
    if (recipe.judge.reward !== options.recipe.judge.reward)
      emit({ type: "warning", code: "sampled-judge", message: SAMPLED_JUDGE });
    const context: RunContext = {
      ...options,
      recipe,
      base,
      form: promptForm(base, recipe),
      ledger,
      data,
      modelPath: (id) =>
        join(
          id === "M1" && options.sharedModels !== undefined
            ? options.sharedModels
            : join(folder, "models"),
          id,
        ),
      verifier: verifierNamed(recipe.verifier),
      emit,
    };
    const finish = (report: RunReport) => finishReport(options, report, ledger);
    return await finish(
      await runSelfRewarding(context, {
        force: options.force,
        onGate: async (report) => {
          await finish(report);
        },
      }),
    );
  } catch (error) {
    outcome = error instanceof AutodidactError ? error.code : "NUMERIC";
    throw error;
  } finally {
    ledger.close();
    emit({ type: "run-end", folder, outcome, seconds: now() - started });
  }
}

const SAMPLED_JUDGE =
  "The base model's tokenizer has no single token for each score after the words of judge.answer, so expected scores cannot be read; judgements are sampled instead (judge.reward: samples). Set that in the recipe, or reword judge.answer.";

/** The recipe with sampled judgements where the tokenizer does not let scores be weighed. */
function judgeable(
  recipe: SelfRewardingRecipe,
  { weighsScores }: BaseModel,
): SelfRewardingRecipe {
  return weighsScores
    ? recipe
    : { ...recipe, judge: { ...recipe.judge, reward: "samples" } };
}

async function finishReport(
  options: StartOptions,
  report: RunReport,
  ledger: Ledger,
): Promise<RunReport> {
  const { environment, folder } = options;
  const stages = ledger
    .counts()
    .map(({ name, seconds }) => ({ stage: name, seconds }));
  const complete: RunReport = {
    ...report,
    versions: {
      autodidact: environment.packageVersion,
      node: environment.nodeVersion,
      onnxruntime: environment.onnxruntimeVersion,
    },
    timings: {
      seconds: stages.reduce((sum, { seconds }) => sum + seconds, 0),
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      stages,
      machine: environment.machine,
    },
  };
  await writeReport(folder, complete);
  crashPoint("report-written");
  return complete;
}

function makeRunFolder(folder: string): void {
  try {
    for (const name of ["models", "datasets"])
      mkdirSync(join(folder, name), { recursive: true });
  } catch (cause) {
    throw storageError(folder, cause);
  }
}
