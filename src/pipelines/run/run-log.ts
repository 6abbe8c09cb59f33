/**
 * @file run.log: what a run told its listeners, one event a line with the time it came.
 *
 * For people who look afterwards, and for the dashboard, which takes titles and warnings
 * from it; no run reads it back. Training steps and progress are left out, the ledger has
 * them.
 */
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import type { EventListener, RunEvent } from "../../events/run-event.js";
import { type Clock, timestamp } from "../../foundation/clock.js";
import { storageError } from "../../foundation/storage.js";
import { harmless } from "../../text/harmless.js";

export const RUN_LOG = "run.log";

const UNWRITTEN: ReadonlySet<RunEvent["type"]> = new Set([
  "training-step",
  "stage-progress",
  "token-progress",
  "wait-progress",
  "preparation",
]);

/** Appends events to `run.log` in the run folder. @throws STORAGE */
export function runLog(folder: string, clock: Clock): EventListener {
  const path = join(folder, RUN_LOG);
  return (event) => {
    if (UNWRITTEN.has(event.type)) return;
    try {
      appendFileSync(
        path,
        `${timestamp(clock)} ${harmless(JSON.stringify(event))}\n`,
      );
    } catch (cause) {
      throw storageError(path, cause);
    }
  };
}
