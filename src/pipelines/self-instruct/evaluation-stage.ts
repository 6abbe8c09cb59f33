/**
 * @file How the models of this run are measured: on the held-out prompts alone, greedily
 * and sampled.
 */
import { countedHost } from "../../generation/counted-host.js";
import { evaluationStage, type Measured } from "../run/evaluation-stage.js";
import type { TrainedModel } from "../run/model-stages.js";
import type { TrainingContext } from "./training-context.js";

/** Measures one model as the recipe says. */
export function measureTrained(
  context: TrainingContext,
  model: TrainedModel,
): Promise<Measured<TrainedModel>> {
  const { heldOut, recipe, ledger } = context;
  const { evaluation, seed } = recipe;
  const host = countedHost(context.host, (usage) => {
    ledger.spend(usage);
  });
  return evaluationStage({ ...context, host }, model, {
    sets: { heldOut, judgeFixed: [], judgeTest: [] },
    settings: { ...evaluation, seed, judge: null },
    inputs: { model: model.weightHash, evaluation, heldOut },
  });
}
