/**
 * @file A run folder opened for one piece of work: log, ledger, recipe, and the first and
 * the last thing that is told of a run, whatever happens in between.
 */
import { join } from "node:path";
import { stringify } from "yaml";
import type { EventListener, RunEnd } from "../../events/run-event.js";
import { systemClock } from "../../foundation/clock.js";
import { AutodidactError } from "../../foundation/error.js";
import { makeFolder, writeFileAtomic } from "../../foundation/storage.js";
import { openLedger, type Ledger } from "../../ledger/ledger.js";
import { requireRunFolder } from "../../ledger/run-folder.js";
import type { Environment } from "../../ledger/run-record.js";
import { runLog } from "./run-log.js";

/** A run that makes models. */
export interface RunOpening {
  readonly folder: string;
  readonly recipe: { readonly name: string; readonly seed: number };
  readonly environment: Environment;
  readonly emit: EventListener;
  /** Seconds since some fixed moment; only for durations. */
  readonly now: () => number;
}

export interface OpenedRun {
  readonly ledger: Ledger;
  /** Tells the listener of the run, and its log. */
  readonly emit: EventListener;
}

/**
 * Makes or continues the folder, records what the run is made with, and works; the
 * ledger is closed afterwards.
 * @throws LEDGER for a folder of other settings, STORAGE, and what `work` throws
 */
export async function withRunLedger<T>(
  { folder, recipe, environment, now, ...run }: RunOpening,
  work: (opened: OpenedRun) => Promise<T>,
): Promise<T> {
  requireRunFolder(folder);
  for (const path of [folder, join(folder, "models"), join(folder, "datasets")])
    await makeFolder(path);
  const log = runLog(folder, systemClock);
  const emit: EventListener = (event) => {
    log(event);
    run.emit(event);
  };
  const started = now();
  const ledger = openLedger({ path: join(folder, "ledger.db"), mode: "write" });
  let outcome: RunEnd["outcome"] = "complete";
  try {
    const resumed = ledger.run() !== undefined;
    const { name, seed } = recipe;
    ledger.recordRun({ recipe, seed, environment });
    await writeFileAtomic(join(folder, "recipe.yaml"), stringify(recipe));
    emit({ type: "run-start", folder, recipe: name, seed, resumed });
    return await work({ ledger, emit });
  } catch (error) {
    outcome = error instanceof AutodidactError ? error.code : "NUMERIC";
    throw error;
  } finally {
    ledger.close();
    emit({ type: "run-end", folder, outcome, seconds: now() - started });
  }
}
