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
import type {
  HeadToHeadReport,
  JudgeDataReport,
  JudgeSwapReport,
  ModelReport,
} from "../../reporting/self-rewarding/schema.js";
import { evaluationStage, type Measured } from "../run/evaluation-stage.js";
import { judgeSettings } from "./reward.js";
import { roundSnapshot, type RoundRecord } from "./round-record.js";
import type { TrainedModel } from "../run/model-stages.js";
import type { RunContext } from "./run-context.js";

/** A model with what was measured of it. */
export type MeasuredModel = Measured<TrainedModel>;

/** What happened, for the report. */
export interface RunRecordings {
  readonly models: readonly MeasuredModel[];
  readonly rounds: readonly RoundRecord[];
  readonly gate: GateResult | null;
  readonly stop: StopDecision | null;
  readonly headToHead: readonly HeadToHeadReport[];
  readonly judgeSwap: readonly JudgeSwapReport[];
  /** By model; null where no outside judge rewards. */
  readonly outside: ReadonlyMap<
    string,
    NonNullable<ModelReport["outside"]>
  > | null;
  /** Null where the recipe makes none. */
  readonly judgeData: JudgeDataReport | null;
}

/** Measures a model as the recipe says. */
export function measureModel(
  context: RunContext,
  model: TrainedModel,
): Promise<MeasuredModel> {
  const { recipe, data, form } = context;
  const { seed, evaluation, judge, engine, plainPrompt } = recipe;
  const { heldOut, judgeFixed, judgeTest } = data;
  // Who rewards the rounds changes nothing in what a model answers.
  const {
    source: _source,
    gate: _gate,
    rewardModel: _rewardModel,
    endpoint: _endpoint,
    ...judging
  } = judge;
  const inputs = { model: model.weightHash, settings: evaluation };
  return evaluationStage(context, model, {
    sets: { heldOut, judgeFixed, judgeTest },
    settings: {
      ...evaluation,
      seed,
      judge: judgeSettings(context, "evaluation"),
      ask: form.ask,
    },
    inputs: { ...inputs, judge },
    measured: { ...inputs, judging, engine, plainPrompt, seed },
  });
}

/** The run so far as the warnings and the stop rule see it; M0 cannot judge yet and is left out. */
export function historyOf(
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
    rounds: rounds.map(roundSnapshot),
  };
}
