/**
 * @file Who writes: the base model as it is, or the base after lessons in the form of
 * the prompts, made of the seed tasks alone.
 *
 * The lessons stand in for what a large model does by itself: take the form of an
 * answer from the examples in its context. The two parts are taught to two copies of
 * the base, because in a very small model they get in each other's way.
 */
import type { SeedTask } from "../../data/formats/instruction-records.js";
import { AutodidactError } from "../../foundation/error.js";
import {
  instanceLessons,
  taskLessons,
  type PromptLesson,
} from "../../instruct/prompt-lessons.js";
import type { PromptSet } from "../../instruct/prompts/prompt-set.js";
import type { TeachablePromptSet } from "../../instruct/prompts/teachable-prompt-set.js";
import type { OptimizationSettings } from "../../training/trainer.js";
import type { TrainedModel } from "../run/model-stages.js";
import { fineTuneStage } from "./fine-tune-stage.js";
import type { TrainingContext } from "./training-context.js";

export interface Authors {
  /** Writes instructions and says which are classification tasks. */
  readonly tasks: TrainedModel;
  readonly instances: TrainedModel;
}

/** The authors of a run; `base` itself where the recipe teaches none. */
export async function authorStages(
  context: TrainingContext,
  base: TrainedModel,
  material: {
    readonly prompts: PromptSet;
    readonly seeds: readonly SeedTask[];
    /** Ledger row of each seed. */
    readonly seedRows: readonly number[];
  },
): Promise<Authors> {
  const { author, instruct, seed } = context.recipe;
  if (author === null) return { tasks: base, instances: base };
  const { prompts, seeds, seedRows } = material;
  if (!isTeachable(prompts)) {
    throw new AutodidactError(
      "USAGE",
      `The prompts of the language "${instruct.language}" can be asked, not taught. Remove the key "author" from the recipe; a model that cannot do without it is too small for this language.`,
      { language: instruct.language },
    );
  }
  const teach = (
    part: "tasks" | "instances",
    lessons: readonly PromptLesson[],
    settings: Omit<OptimizationSettings, "shuffle" | "seed">,
  ): Promise<TrainedModel> =>
    fineTuneStage(context, {
      id: `author-of-${part}`,
      title: `M0 is taught on ${seeds.length} seed tasks how ${part} are asked for`,
      parent: base,
      rows: lessons.map(({ row }) => row),
      sources: lessons.map((lesson) => ({
        seedTaskId: seedRows[lesson.seed] ?? 0,
      })),
      settings,
    });
  const { lists, written, sortingWeight, ...settings } = author.tasks;
  const shown = instruct.examples.seed + instruct.examples.machine;
  return {
    tasks: await teach(
      "tasks",
      taskLessons(prompts, seeds, {
        shown,
        written,
        lists,
        sortingWeight,
        seed,
      }),
      settings,
    ),
    instances: await teach(
      "instances",
      instanceLessons(prompts, seeds),
      author.instances,
    ),
  };
}

function isTeachable(prompts: PromptSet): prompts is TeachablePromptSet {
  return "instancesAnswer" in prompts;
}
