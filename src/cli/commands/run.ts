/**
 * @file `autodidact run`: the whole loop of a recipe, the nursery's without one.
 */
import { join, resolve } from "node:path";
import type { DeviceName } from "../../engine/runtime/device.js";
import { workingDevice } from "../../engine/runtime/working-device.js";
import {
  openGenerating,
  trainerAfter,
  type RunEngines,
} from "../engines/generate-engines.js";
import { embeddedRewardModelHost } from "../../generation/reward-model.js";
import { AutodidactError } from "../../foundation/error.js";
import { selfInstructTrainingSchema } from "../../recipes/self-instruct.js";
import { startSelfInstructTraining } from "../../pipelines/self-instruct/start.js";
import { summaryOf } from "../../reporting/report-kinds.js";
import {
  isComparison,
  withSeed,
} from "../../pipelines/self-rewarding/arms/arm-recipes.js";
import { compareArms } from "../../pipelines/self-rewarding/arms/compare-arms.js";
import {
  startRun,
  type StartOptions,
} from "../../pipelines/self-rewarding/start-run.js";
import { loadRecipe } from "../../recipes/load-recipe.js";
import { requireRecipeFiles } from "../../recipes/recipe-paths.js";
import { readRecipeKind } from "../../recipes/recipe-kind.js";
import {
  selfRewardingSchema,
  stackedRank,
} from "../../recipes/self-rewarding.js";
import { embeddedTrainer } from "../../training/embedded-trainer.js";
import { recipeFile } from "../bundled-recipe.js";
import { defineCommand } from "../command.js";
import { DEVICE } from "../common-options.js";
import { openTraining } from "../engines/train-engines.js";
import {
  describeEnvironment,
  PACKAGE_FOLDER,
} from "../../pipelines/run/environment.js";
import type { CommandIo } from "../io.js";
import { planLoop, planSelfInstruct } from "../make-plan.js";
import { formatPlan, type RunPlan } from "../run-plan.js";
import { requireRecipeOf } from "../recipe-command.js";
import { flagOption, integerOption, textOption } from "../options.js";

export const runCommand = defineCommand({
  name: "run",
  summary:
    "Run a recipe: the self-rewarding loop, or Self-Instruct with training",
  description:
    "Teaches the base model on instruction and judge data, then lets it write prompts, answer them, judge its own answers and learn from its preferences, round after round. Without a recipe it runs in the nursery, where every answer can be checked. A recipe of kind self-instruct lets the base model write instructions with instances from seed tasks, fine-tunes it on them and measures it before and after. Run the same command again to continue a run that was stopped.",
  arguments: {
    recipe: {
      placeholder: "RECIPE",
      description:
        "A recipe file, or the name of a bundled recipe; the nursery's when absent",
    },
  },
  options: {
    runDir: textOption(
      "DIR",
      "Folder of the run; runs/NAME-seed-N when absent",
    ),
    seed: integerOption("N", "Seed instead of the recipe's", { min: 0 }),
    rounds: integerOption("N", "Preference rounds instead of the recipe's", {
      min: 0,
    }),
    force: flagOption("Go on although the judge fails the gate"),
    plan: flagOption(
      "Explain the recipe stage by stage, with processes, GPUs, commands, tokens and files, and start nothing",
    ),
    device: DEVICE,
  },
  examples: {
    "autodidact run":
      "Trains M1, M2 and M3 in the nursery and proves what happened",
    "autodidact run nursery-weak-judge": "Shows a model that fools itself",
    "autodidact run recipes/nursery-self-instruct.yaml":
      "Fine-tunes the nursery's base model on data it wrote itself",
  },
  afterInterrupt: "Run the same command again to go on where it stopped.",
  run: async (values, io) => {
    const bundled = join(PACKAGE_FOLDER, "recipes");
    const path =
      values.recipe === undefined
        ? join(bundled, "nursery.yaml")
        : recipeFile(values.recipe, bundled);
    await requireRecipeOf("run", path);
    if ((await readRecipeKind(path)) === "self-instruct") {
      await runSelfInstruct(path, values, io);
      return;
    }
    const loaded = await loadRecipe(path, selfRewardingSchema);
    const recipe = {
      ...(values.seed === undefined ? loaded : withSeed(loaded, values.seed)),
      rounds: values.rounds ?? loaded.rounds,
    };
    if (values.plan) {
      const folder = runFolder(values.runDir, recipe, isComparison(recipe));
      showPlan(await planLoop(recipe, folder), io);
      return;
    }
    requireRecipeFiles(path, { value: loaded, schema: selfRewardingSchema });
    const compared = isComparison(recipe);
    const folder = runFolder(values.runDir, recipe, compared);
    const start = compared ? compareArms : startRun;
    const engines = { engine: recipe.engine, loraRank: stackedRank(recipe) };
    const report = await withEngines(
      values,
      io,
      { folder, ...engines },
      (parts) => start({ folder, recipe, ...parts, force: values.force }),
    );
    io.print(summaryOf(report));
    io.print(`\nReport: ${join(folder, "report.html")}`);
    io.printJson(report);
  },
});

function showPlan(plan: RunPlan, io: CommandIo): void {
  io.print(formatPlan(plan));
  io.printJson(plan);
}

/** @param several runs lie in it, beside each other */
function runFolder(
  asked: string | undefined,
  { name, seed }: { readonly name: string; readonly seed: number },
  several: boolean,
): string {
  return resolve(
    asked ?? join("runs", several ? name : `${name}-seed-${seed}`),
  );
}

/** Opens what computes a run of either kind, says who is told, and lets go of it at the end. */
async function withEngines<T>(
  values: { readonly device: DeviceName | "auto" },
  { onEvent: emit, signal }: CommandIo,
  run: RunEngines & { readonly folder: string },
  use: (parts: Omit<StartOptions, "folder" | "recipe" | "force">) => Promise<T>,
): Promise<T> {
  const { folder, engine } = run;
  const device = await workingDevice(values.device);
  const generating = openGenerating(run, {
    ...{ folder, device, emit, signal },
  });
  const embedded = embeddedTrainer(device);
  const { trainer = embedded, ...handOver } = openTraining(engine);
  try {
    return await use({
      host: generating.host,
      rewards: {
        host: embeddedRewardModelHost(device, signal),
        trainer: {
          reward: async (job) => {
            await generating.makeRoom();
            await embedded.reward(job);
          },
        },
      },
      ...handOver,
      trainer: trainerAfter(generating, trainer),
      environment: describeEnvironment(),
      emit,
      signal,
      now: () => performance.now() / 1000,
    });
  } finally {
    await generating.release();
  }
}

/** A recipe of kind self-instruct: seed tasks → the model's own data → M1 → its worth. */
async function runSelfInstruct(
  path: string,
  values: {
    readonly runDir?: string | undefined;
    readonly seed?: number | undefined;
    readonly rounds?: number | undefined;
    readonly force: boolean;
    readonly plan: boolean;
    readonly device: DeviceName | "auto";
  },
  io: CommandIo,
): Promise<void> {
  const option =
    values.rounds !== undefined ? "--rounds" : values.force ? "--force" : null;
  if (option !== null) {
    throw new AutodidactError(
      "USAGE",
      `${option} belongs to the self-rewarding loop, and ${path} is a recipe of kind self-instruct, which has no rounds and no judge. Leave it out.`,
      { option },
    );
  }
  const loaded = await loadRecipe(path, selfInstructTrainingSchema);
  const recipe =
    values.seed === undefined
      ? loaded
      : { ...loaded, seed: values.seed, seeds: [] };
  const several = recipe.seeds.length > 0;
  const folder = runFolder(values.runDir, recipe, several);
  if (values.plan) {
    showPlan(planSelfInstruct(recipe, folder), io);
    return;
  }
  requireRecipeFiles(path, {
    value: loaded,
    schema: selfInstructTrainingSchema,
  });
  const engines = { engine: recipe.engine, loraRank: 0 };
  const report = await withEngines(
    values,
    io,
    { folder, ...engines },
    (parts) => startSelfInstructTraining({ folder, recipe, ...parts }),
  );
  io.print(summaryOf(report));
  io.print(
    `\nData set: ${join(folder, several ? `seed-${report.seed}` : "", "instruct", "dataset")}`,
  );
  io.print(`Report: ${join(folder, "report.html")}`);
  io.printJson(report);
}
