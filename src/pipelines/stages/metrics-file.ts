/**
 * @file Step metrics as JSON Lines while training goes on: one row a step, TRL's
 * names, each row on the disk when its step is done.
 *
 * The file is begun anew with the first step, because a resumed training tells of
 * the steps before as well; a training that was already finished leaves it alone.
 */
import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { storageError } from "../../foundation/storage.js";
import type { StepMetrics } from "../../training/trainer.js";

export interface MetricsFile {
  /** @throws STORAGE */
  add(metrics: StepMetrics): void;
  close(): void;
}

export function metricsFile(path: string): MetricsFile {
  let file: number | undefined;
  return {
    add: (metrics) => {
      try {
        if (file === undefined) {
          mkdirSync(dirname(path), { recursive: true });
          file = openSync(path, "w");
        }
        writeSync(file, `${JSON.stringify(metrics)}\n`);
      } catch (cause) {
        throw storageError(path, cause);
      }
    },
    close: () => {
      if (file !== undefined) closeSync(file);
      file = undefined;
    },
  };
}
