/**
 * @file The plan of a recipe: its stages explained, and what computes them.
 */
import { existsSync } from "node:fs";
import { isAbsolute } from "node:path";
import type { z } from "zod";
import type { ExplainedStage } from "../pipelines/run/explained-stage.js";
import { explainSelfInstruct } from "../pipelines/self-instruct/explain-training.js";
import { plannedArms } from "../pipelines/self-rewarding/arms/arm-recipes.js";
import { explainLoop } from "../pipelines/self-rewarding/explain-loop.js";
import { missingFiles } from "../recipes/recipe-paths.js";
import {
  selfInstructTrainingSchema,
  type SelfInstructTrainingRecipe,
} from "../recipes/self-instruct.js";
import {
  selfRewardingSchema,
  stackedRank,
  type SelfRewardingRecipe,
} from "../recipes/self-rewarding.js";
import { explainOutside } from "./engines/explain-outside.js";
import { explainGenerating } from "./engines/generate-engines.js";
import { explainTraining } from "./engines/train-engines.js";
import { totalsOf, type RunPlan } from "./run-plan.js";

/** @throws BAD_INPUT for files of the recipe that are there and cannot be used */
export async function planLoop(
  recipe: SelfRewardingRecipe,
  folder: string,
): Promise<RunPlan> {
  const runs = plannedArms(recipe).flatMap((arm) => arm.runs);
  const stages = await explainLoop(runs[0]?.recipe ?? recipe);
  return planOf(recipe, stages, {
    ...{ kind: "self-rewarding", folder, runs: runs.length },
    outside: explainOutside(recipe),
    loraRank: stackedRank(recipe),
    schema: selfRewardingSchema,
  });
}

export function planSelfInstruct(
  recipe: SelfInstructTrainingRecipe,
  folder: string,
): RunPlan {
  return planOf(recipe, explainSelfInstruct(recipe), {
    ...{
      kind: "self-instruct",
      folder,
      runs: Math.max(1, recipe.seeds.length),
      outside: [],
      loraRank: 0,
    },
    schema: selfInstructTrainingSchema,
  });
}

function planOf(
  recipe: SelfRewardingRecipe | SelfInstructTrainingRecipe,
  stages: readonly ExplainedStage[],
  about: Pick<RunPlan, "kind" | "folder" | "runs" | "outside"> & {
    readonly schema: z.ZodType;
    readonly loraRank: number;
  },
): RunPlan {
  const { name, seed, base, engine } = recipe;
  const { schema, loraRank, ...rest } = about;
  const files = missingFiles({ value: recipe, schema }).map(({ file }) => file);
  return {
    ...{ recipe: name, seed, base, ...rest },
    engine: {
      generate: explainGenerating({ engine, loraRank }),
      train: explainTraining(engine),
    },
    stages,
    totals: totalsOf(stages),
    missing: [
      // A Hub id is fetched when the run begins.
      ...(isAbsolute(base) && !existsSync(base) ? [base] : []),
      ...files,
    ],
  };
}
