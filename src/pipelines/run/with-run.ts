/**
 * @file A run folder opened for one piece of work: its ledger under the lock of its one
 * writer, its log, its recipe, and the first and the last thing that is told of a run,
 * whatever happens in between.
 */
import { join } from "node:path";
import { stringify } from "yaml";
import { AnswerJournal } from "../../answers/answer-journal.js";
import type { EventListener, RunEnd } from "../../events/run-event.js";
import { systemClock } from "../../foundation/clock.js";
import { AutodidactError } from "../../foundation/error.js";
import { writeFileAtomic } from "../../foundation/storage.js";
import type { ModelHost } from "../../generation/language-model.js";
import { LEDGER_FILE } from "../../ledger/ledger-file.js";
import { openLedger, type Ledger } from "../../ledger/ledger.js";
import { requireRunFolder } from "../../ledger/run-folder.js";
import type { RunEnvironment } from "../../ledger/run-record.js";
import type { Trainer } from "../../training/trainer.js";
import type { HandOver } from "./hand-over.js";
import { recordPlan } from "./plan.js";
import { progressLog } from "./progress-log.js";
import { runLog } from "./run-log.js";

/** What checkpoints answered in a stage that was stopped. */
const JOURNAL = "answers-under-way.jsonl";

export interface RunOpening {
  readonly folder: string;
  readonly environment: RunEnvironment;
  readonly emit: EventListener;
  /** Seconds since some fixed moment; only for durations. */
  readonly now: () => number;
}

/** What running a recipe takes, whatever its kind. */
export interface RecipeRun<R> extends RunOpening {
  readonly recipe: R;
  readonly host: ModelHost;
  readonly trainer: Trainer;
  readonly handOver?: HandOver;
  readonly signal: AbortSignal;
}

/** What a recipe file says of a run, whatever its kind. */
interface NamedRecipe {
  readonly name: string;
  readonly seed: number;
}

export interface OpenRun {
  /** Until the run was begun it may be put in its place anew; ask for it each time. */
  readonly ledger: Ledger;
  readonly journal: AnswerJournal;
  /** Tells the listener of the run, and its log. */
  readonly emit: EventListener;
  /**
   * Records what the run is made with, or checks that it still is, and what it will do.
   * @param stages the names of its stages, in order
   * @param recorded all that decides its result, where that is more than the recipe says
   * @throws LEDGER naming each differing key with both values
   */
  begin(
    recipe: NamedRecipe,
    stages: readonly string[],
    recorded?: unknown,
  ): Promise<void>;
  /** Replaces the ledger as `Ledger.renew` does. */
  renew(...changes: Parameters<Ledger["renew"]>): void;
}

/**
 * Makes or continues the folder and works; the ledger is closed afterwards.
 * @throws STORAGE for a folder that holds something else, LEDGER for one that another
 *   process works on or whose ledger is damaged, and what `work` throws
 */
export async function withRun<T>(
  { folder, environment, now, ...opening }: RunOpening,
  work: (run: OpenRun) => Promise<T>,
): Promise<T> {
  requireRunFolder(folder);
  const started = now();
  let ledger = openLedger({ path: join(folder, LEDGER_FILE), mode: "write" });
  const log = runLog(folder, systemClock);
  const progress = progressLog(folder, systemClock);
  const emit: EventListener = (event) => {
    log(event);
    progress.onEvent(event);
    opening.emit(event);
  };
  let outcome: RunEnd["outcome"] = "complete";
  try {
    return await work({
      get ledger() {
        return ledger;
      },
      journal: new AnswerJournal(join(folder, JOURNAL)),
      emit,
      begin: async (recipe, stages, recorded = recipe) => {
        const { name, seed } = recipe;
        const resumed = ledger.run() !== undefined;
        ledger.recordRun({ recipe: recorded, seed, environment });
        recordPlan(ledger, stages);
        await writeFileAtomic(join(folder, "recipe.yaml"), stringify(recipe));
        emit({ type: "run-start", folder, recipe: name, seed, resumed });
      },
      renew: (...changes) => {
        ledger = ledger.renew(...changes);
      },
    });
  } catch (error) {
    outcome = error instanceof AutodidactError ? error.code : "NUMERIC";
    throw error;
  } finally {
    progress.end();
    ledger.close();
    emit({ type: "run-end", folder, outcome, seconds: now() - started });
  }
}
