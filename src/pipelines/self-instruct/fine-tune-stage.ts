/**
 * @file A model fine-tuned from another, as every model of this run is made.
 */
import type { PromptCompletionRow } from "../../data/records.js";
import { derivedSeed } from "../../foundation/random.js";
import type { OptimizationSettings } from "../../training/trainer.js";
import {
  trainStage,
  type TrainedModel,
  type TrainingWork,
} from "../run/model-stages.js";
import type { TrainingContext } from "./training-context.js";

export function fineTuneStage(
  context: TrainingContext,
  {
    rows,
    settings,
    ...step
  }: Pick<TrainingWork, "id" | "title" | "parent" | "sources"> & {
    readonly rows: readonly PromptCompletionRow[];
    readonly settings: Omit<OptimizationSettings, "shuffle" | "seed">;
  },
): Promise<TrainedModel> {
  const { recipe, trainer } = context;
  const seed = derivedSeed(recipe.seed, "train", step.id);
  return trainStage(context, {
    ...step,
    name: `${step.id}/train`,
    rows,
    inputs: { settings },
    train: (job) =>
      trainer.sft({
        ...job,
        rows,
        settings: { ...settings, shuffle: true, seed },
      }),
  });
}
