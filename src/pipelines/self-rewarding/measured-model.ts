/**
 * @file The models of a run with everything measured of them, and the run's history as
 * the warnings and the stop rule see it.
 */
import type { GateResult } from "../../evaluation/gate.js";
import type {
  ModelSnapshot,
  RunHistory,
} from "../../evaluation/run-history.js";
import type { StopDecision } from "../../evaluation/stop-rule.js";
import { evaluationStage, type Measurement } from "./evaluation-stage.js";
import {
  modelFigures,
  truthOf,
  type ModelFigures,
  type Truth,
} from "./figures.js";
import {
  roundSnapshot,
  samplesPerCandidate,
  type RoundRecord,
} from "./round-record.js";
import type { TrainedModel, RunContext } from "./run-context.js";

/** A model with what was measured of it. */
export interface MeasuredModel {
  readonly model: TrainedModel;
  readonly measurement: Measurement;
  readonly truth: Truth | null;
  readonly figures: ModelFigures;
}

/** What happened, for the report. */
export interface RunRecordings {
  readonly models: readonly MeasuredModel[];
  readonly rounds: readonly RoundRecord[];
  readonly gate: GateResult | null;
  readonly stop: StopDecision | null;
}

/** Measures a model and computes its figures. */
export async function measureModel(
  context: RunContext,
  model: TrainedModel,
): Promise<MeasuredModel> {
  const { recipe, data, verifier, emit } = context;
  const measurement = await evaluationStage(context, model);
  const truth = truthOf(data, measurement, verifier);
  const figures = modelFigures({
    data,
    measurement,
    truth,
    seed: recipe.seed,
    resamples: recipe.evaluation.resamples,
  });
  if (figures.accuracy !== null && figures.score !== null) {
    emit({
      type: "evaluation-end",
      model: model.id,
      accuracy: figures.accuracy,
      score: figures.score.mean,
      ...(figures.selfReward === null
        ? {}
        : { selfReward: figures.selfReward.mean }),
    });
  }
  return { model, measurement, truth, figures };
}

/** The run so far as the warnings and the stop rule see it; M0 cannot judge yet and is left out. */
export function historyOf(
  { recipe }: RunContext,
  models: readonly MeasuredModel[],
  rounds: readonly RoundRecord[],
): RunHistory {
  return {
    models: models.slice(1).map(({ model, figures }): ModelSnapshot => ({
      id: model.id,
      trueAccuracy: figures.accuracy?.mean ?? null,
      trueScore: figures.score?.mean ?? null,
      selfReward: figures.selfReward?.mean ?? null,
      fixedJudgeAccuracy: figures.judgeFixed.pairwiseAccuracy,
      responseLength: figures.responseLength,
    })),
    rounds: rounds.map((round) =>
      roundSnapshot(round, samplesPerCandidate(recipe)),
    ),
  };
}
