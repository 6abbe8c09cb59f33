/**
 * @file A Self-Instruct run with training explained from its recipe alone, stage by
 * stage: `autodidact run --plan`.
 */
import type { SelfInstructTrainingRecipe } from "../../recipes/self-instruct.js";
import { counted } from "../../text/number-words.js";
import { explained, type ExplainedStage } from "../run/explained-stage.js";
import { trainingStages } from "./run.js";

/** Stages in order. */
export function explainSelfInstruct(
  recipe: SelfInstructTrainingRecipe,
): ExplainedStage[] {
  return trainingStages(recipe).map((stage) => explainStage(stage, recipe));
}

type Explain = (
  recipe: SelfInstructTrainingRecipe,
  stage: string,
  model: string,
) => ExplainedStage;

const unbounded = { answers: null, generatedTokens: null } as const;

/** By the whole name of a stage, or the end of it. */
const STAGES: Readonly<Record<string, Explain>> = {
  base: (_, stage) =>
    explained(stage, "the base model is opened and hashed", { model: "M0" }),
  evaluation: (_, stage, model) =>
    explained(stage, `${model} is measured on the held-out prompts`, {
      ...{ engine: "generate", model },
      ...unbounded,
    }),
  seeds: (_, stage) => explained(stage, "the seed tasks are read"),
  train: ({ training, author }, stage, model) => {
    const isAuthor = author !== null && model.startsWith("author-");
    return explained(stage, `M0 becomes ${model}`, {
      ...{ engine: "train", model: "M0" },
      ...(isAuthor ? { rows: null, steps: null } : { steps: training.steps }),
      ...(isAuthor ? {} : { rows: null }),
      trainedTokens: isAuthor
        ? null
        : training.steps *
          training.batchSize *
          training.gradientAccumulation *
          training.maxLength,
      files: [`datasets/${model}.jsonl`, `models/${model}`],
    });
  },
};

function explainStage(
  stage: string,
  recipe: SelfInstructTrainingRecipe,
): ExplainedStage {
  const [kind = "", model = ""] = stage.split("/").reverse();
  const explain = STAGES[kind];
  if (explain !== undefined) return explain(recipe, stage, model);
  const accept = counted(recipe.instruct.accept, "instruction");
  return explained(stage, `${stage} of ${accept}, by M0 or its author`, {
    ...{ engine: "generate", model: recipe.author === null ? "M0" : "author" },
    ...unbounded,
    files: stage === "training-set" ? ["instruct/dataset"] : [],
  });
}
