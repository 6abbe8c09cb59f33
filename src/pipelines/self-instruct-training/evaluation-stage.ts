/**
 * @file What is measured of every model: its answers to the held-out prompts, greedy
 * and sampled. Nothing here feeds back into training.
 */
import { counted } from "../../text/number-words.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { measure } from "../stages/evaluate.js";
import { allAccepted } from "../run/run-stage.js";
import { runStage } from "../self-instruct/run-context.js";
import type { Measurement } from "../self-rewarding/evaluation-stage.js";
import {
  modelFigures,
  truthOf,
  type ModelFigures,
  type Truth,
} from "../self-rewarding/figures.js";
import type { LoopData } from "../self-rewarding/loop-data.js";
import type { TrainedModel, TrainingContext } from "./training-context.js";

/** A model with what was measured of it. */
export interface MeasuredModel {
  readonly model: TrainedModel;
  /** Null where nobody knows the truth. */
  readonly truth: Truth | null;
  readonly figures: ModelFigures;
}

/** Measures one model. */
export async function evaluationStage(
  context: TrainingContext,
  model: TrainedModel,
): Promise<MeasuredModel> {
  const { recipe, heldOut, verifier, host, signal, emit } = context;
  const { evaluation, seed } = recipe;
  const sets = { heldOut, judgeFixed: [], judgeTest: [] };
  const { stage } = await runStage(context, {
    name: `${model.id}/evaluation`,
    title: `${model.id} is measured on ${counted(heldOut.length, "held-out prompt")}`,
    inputs: { model: model.weightHash, evaluation, heldOut },
    work: async (opened) => {
      const result = await host.withModel(model.path, (loaded) =>
        measure(loaded, sets, { ...evaluation, seed, judge: null }, { signal }),
      );
      opened.insert("evaluations", [
        {
          key: "measurement",
          modelId: model.rowId,
          name: "measurement",
          result,
        },
      ]);
      crashPoint("evaluation-written");
      return { counts: allAccepted(heldOut.length), output: null };
    },
  });
  const measurement = stage.find("evaluations", "measurement")
    ?.result as unknown as Measurement;
  const data: LoopData = { ...sets, ift: [], eft: [] };
  const truth = truthOf(data, measurement, verifier);
  const { resamples } = evaluation;
  const figures = modelFigures({ data, measurement, truth, seed, resamples });
  if (figures.accuracy !== null && figures.score !== null) {
    emit({
      type: "evaluation-end",
      model: model.id,
      accuracy: figures.accuracy,
      score: figures.score.mean,
    });
  }
  return { model, truth, figures };
}
