/**
 * @file `autodidact run`: the whole loop of a recipe, the nursery's without one.
 */
import { join, resolve } from "node:path";
import { workingDevice } from "../../engine/runtime/working-device.js";
import { embeddedModelHost } from "../../generation/embedded-model-host.js";
import { compareArms } from "../../pipelines/self-rewarding/compare-arms.js";
import { startRun } from "../../pipelines/self-rewarding/start-run.js";
import { loadRecipe } from "../../recipes/load-recipe.js";
import { selfRewardingSchema } from "../../recipes/self-rewarding.js";
import { terminalSummary } from "../../reporting/terminal-summary.js";
import { embeddedTrainer } from "../../training/embedded-trainer.js";
import { defineCommand } from "../command.js";
import { describeEnvironment, PACKAGE_FOLDER } from "../environment.js";

export const runCommand = defineCommand({
  name: "run",
  summary: "Run the self-rewarding loop of a recipe, M0 → M1 → M2 → M3",
  description:
    "Teaches the base model on instruction and judge data, then lets it write prompts, answer them, judge its own answers and learn from its preferences, round after round. Without a recipe it runs in the nursery, where every answer can be checked. Run the same command again to continue a run that was stopped.",
  arguments: {
    recipe: {
      placeholder: "RECIPE",
      description: "A recipe file; the nursery's when absent",
    },
  },
  options: {
    runDir: {
      kind: "text",
      placeholder: "DIR",
      description: "Folder of the run; runs/NAME-seed-N when absent",
    },
    seed: {
      kind: "number",
      integer: true,
      min: 0,
      placeholder: "N",
      description: "Seed instead of the recipe's",
    },
    rounds: {
      kind: "number",
      integer: true,
      min: 0,
      placeholder: "N",
      description: "Preference rounds instead of the recipe's",
    },
    force: {
      kind: "flag",
      description: "Go on although the judge fails the gate",
    },
    device: {
      kind: "choice",
      choices: ["cpu", "cuda", "webgpu", "auto"],
      default: "cpu",
      description: "Where the embedded engine computes",
    },
  },
  examples: [
    {
      line: "autodidact run",
      does: "Trains M1, M2 and M3 in the nursery and proves what happened",
    },
    {
      line: "autodidact run recipes/nursery-weak-judge.yaml",
      does: "Shows a model that fools itself",
    },
  ],
  afterInterrupt: "Run the same command again to go on where it stopped.",
  run: async (values, io) => {
    const path = resolve(
      values.recipe ?? join(PACKAGE_FOLDER, "recipes", "nursery.yaml"),
    );
    const loaded = await loadRecipe(path, selfRewardingSchema);
    const recipe = {
      ...loaded,
      seed: values.seed ?? loaded.seed,
      rounds: values.rounds ?? loaded.rounds,
    };
    const folder = resolve(
      values.runDir ??
        join(
          "runs",
          recipe.arms.length === 0
            ? `${recipe.name}-seed-${recipe.seed}`
            : recipe.name,
        ),
    );
    const device = await workingDevice(values.device);
    const start = recipe.arms.length === 0 ? startRun : compareArms;
    const report = await start({
      folder,
      recipe,
      host: embeddedModelHost(device),
      trainer: embeddedTrainer(device),
      environment: describeEnvironment(),
      emit: io.onEvent,
      signal: io.signal,
      now: () => performance.now() / 1000,
      force: values.force,
    });
    io.print(terminalSummary(report));
    io.print(`\nReport: ${join(folder, "report.html")}`);
    io.printJson(report);
  },
});
