/**
 * @file A comparison: one recipe, several arms, one list of seeds, reported side by side.
 *
 * Each arm and seed is a run of its own in a folder of its own, so each can be looked at,
 * resumed and repeated alone. Runs of one seed share M1 unless an arm changes what M1
 * depends on: what the arms do not change is trained once. The report is that of the
 * first arm's first seed with all arms beside it.
 */
import { join } from "node:path";
import { withOutputLock } from "../../../ledger/writer-lock.js";
import { writeReport } from "../../../reporting/report-file.js";
import type {
  ArmReport,
  RunReport,
} from "../../../reporting/self-rewarding/schema.js";
import { plannedArms } from "./arm-recipes.js";
import { startRun, type StartOptions } from "../start-run.js";

/**
 * Runs every arm with every seed, in order, while no other process does; returns the
 * report written to `options.folder`.
 */
export function compareArms(options: StartOptions): Promise<RunReport> {
  const report = join(options.folder, "report.json");
  return withOutputLock(report, () => runArms(options));
}

async function runArms(options: StartOptions): Promise<RunReport> {
  const { recipe, folder } = options;
  const arms: ArmReport[] = [];
  let first: RunReport | null = null;
  for (const { name, note, runs } of plannedArms(recipe)) {
    const reports: RunReport[] = [];
    for (const run of runs) {
      const report = await startRun({
        ...options,
        recipe: run.recipe,
        folder: join(folder, run.folder),
        ...(run.sharesM1
          ? { sharedModels: join(folder, "shared", `seed-${run.recipe.seed}`) }
          : {}),
      });
      reports.push(report);
      first ??= report;
    }
    arms.push({ name, note, runs: reports.map(armRun) });
  }
  const report = { ...(first as RunReport), name: recipe.name, arms };
  await writeReport(folder, report);
  return report;
}

function armRun({
  seed,
  models,
  gains,
  warnings,
  gate,
  stop,
}: RunReport): ArmReport["runs"][number] {
  return { seed, models, gains, warnings, gate, stop };
}
