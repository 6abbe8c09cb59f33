/**
 * @file A comparison: one recipe, several arms, one list of seeds, reported side by side.
 *
 * Runs of one seed share M1 unless an arm changes what M1
 * depends on: what the arms do not change is trained once, and what M1 is asked by
 * several of them it answers once. The report is that of the
 * first arm's first seed with all arms beside it.
 */
import { join } from "node:path";
import { openRecordingFile } from "../../../answers/recording-file.js";
import { writeReport } from "../../../reporting/report-file.js";
import type {
  ArmReport,
  RunReport,
} from "../../../reporting/self-rewarding/schema.js";
import { runTogether } from "../../run/runs-together.js";
import { startRun, type StartOptions } from "../start-run.js";
import { plannedArms } from "./arm-recipes.js";

/** Runs every arm with every seed; returns the report written to `options.folder`. */
export function compareArms(options: StartOptions): Promise<RunReport> {
  const { recipe, folder } = options;
  const arms = plannedArms(recipe);
  return runTogether(
    folder,
    arms.flatMap(({ runs }) => runs),
    async (run, inside) => {
      const own = { ...options, recipe: run.recipe, folder: inside };
      if (!run.sharesM1) return startRun(own);
      const shared = join(folder, "shared", `seed-${run.recipe.seed}`);
      const path = join(shared, "answers.jsonl");
      const sharedAnswers = await openRecordingFile(path, "record");
      try {
        return await startRun({ ...own, sharedModels: shared, sharedAnswers });
      } finally {
        await sharedAnswers.close();
      }
    },
    async (reports) => {
      const [first] = reports.values();
      const report = {
        ...(first as RunReport),
        name: recipe.name,
        arms: arms.map(({ name, note, runs }) => ({
          name,
          note,
          runs: runs.map((run) => armRun(reports.get(run) as RunReport)),
        })),
      };
      await writeReport(folder, report);
      return report;
    },
  );
}

function armRun(report: RunReport): ArmReport["runs"][number] {
  const { seed, models, gains, warnings, gate, stop } = report;
  return { seed, models, gains, warnings, gate, stop };
}
