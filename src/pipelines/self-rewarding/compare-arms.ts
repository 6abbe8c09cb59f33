/**
 * @file A comparison: one recipe, several arms, one list of seeds, reported side by side.
 *
 * Each arm and seed is a run of its own in a folder of its own, so each can be looked at,
 * resumed and repeated alone. Runs of one seed share M1: what the arms do not change is
 * trained once. The report is that of the first arm's first seed with all arms beside it.
 */
import { join } from "node:path";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import {
  writeReport,
  type ArmReport,
  type RunReport,
} from "../../reporting/report.js";
import { startRun, type StartOptions } from "./start-run.js";

type Arm = SelfRewardingRecipe["arms"][number];

/** The recipe of one arm with one seed. */
export function armRecipe(
  recipe: SelfRewardingRecipe,
  arm: Arm,
  seed: number,
): SelfRewardingRecipe {
  return {
    ...recipe,
    name: `${recipe.name}-${arm.name}`,
    seed,
    judge: { ...recipe.judge, source: arm.source ?? recipe.judge.source },
    preference: {
      ...recipe.preference,
      mode: arm.mode ?? recipe.preference.mode,
      learningRate: arm.learningRate ?? recipe.preference.learningRate,
    },
    arms: [],
    seeds: [],
  };
}

/** Runs every arm with every seed, in order; returns the report written to `options.folder`. */
export async function compareArms(options: StartOptions): Promise<RunReport> {
  const { recipe, folder } = options;
  const seeds = recipe.seeds.length === 0 ? [recipe.seed] : recipe.seeds;
  const arms: ArmReport[] = [];
  let first: RunReport | null = null;
  for (const arm of recipe.arms) {
    const reports: RunReport[] = [];
    for (const seed of arm.seeds ?? seeds) {
      const report = await startRun({
        ...options,
        recipe: armRecipe(recipe, arm, seed),
        folder: join(folder, `${arm.name}-seed-${seed}`),
        sharedModels: join(folder, "shared", `seed-${seed}`),
      });
      reports.push(report);
      first ??= report;
    }
    arms.push({ name: arm.name, note: arm.note, runs: reports.map(armRun) });
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
