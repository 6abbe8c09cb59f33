/**
 * @file Every optimizer update of a training, from settings and numbers of rows alone: what
 * the embedded trainer does update by update, written down for one that is told.
 */
import { learningRateAt } from "../engine/optimizers/schedule.js";
import {
  rehearsedRows,
  stepRows,
  totalSteps,
  type DataOrder,
} from "./data-order.js";
import type { DpoSettings, OptimizationSettings } from "./trainer.js";

export interface PlannedUpdate {
  /** The step it belongs to, from 1. */
  readonly step: number;
  /** Indices into the rows, or for a rehearsal into the rehearsal rows. */
  readonly rows: readonly number[];
  readonly rate: number;
  /** A supervised update after a preference step, at the same rate. */
  readonly rehearsal: boolean;
}

/** @param rehearsal settings and number of rows of what DPO mixes in */
export function* plannedUpdates(
  order: DataOrder,
  settings: OptimizationSettings,
  rehearsal: {
    readonly settings: DpoSettings;
    readonly rowCount: number;
  } | null,
): Generator<PlannedUpdate> {
  const schedule = { ...settings, totalSteps: totalSteps(order) };
  let step = 0;
  for (const rows of stepRows(order)) {
    const rate = learningRateAt(schedule, step);
    step += 1;
    yield { step, rows, rate, rehearsal: false };
    if (rehearsal === null) continue;
    const again = rehearsedRows(rehearsal.settings, step, rehearsal.rowCount);
    if (again.length > 0) yield { step, rows: again, rate, rehearsal: true };
  }
}
