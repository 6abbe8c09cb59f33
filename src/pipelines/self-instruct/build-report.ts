/**
 * @file The report of a Self-Instruct run with training from what its stages left.
 */
import { relative } from "node:path";
import { headToHead } from "../../evaluation/head-to-head.js";
import {
  bootstrapMean,
  bootstrapPairedDifference,
  type Interval,
} from "../../evaluation/interval.js";
import { randomStream } from "../../foundation/random.js";
import type {
  ComparedModelReport,
  DataTruth,
  TrainedGain,
  TrainingReport,
} from "../../reporting/self-instruct/schema.js";
import { versionsOf } from "../run/environment.js";
import { sampledFigures } from "../run/evaluation-stage.js";
import type { RunOutcome, ComparedModel } from "./run.js";
import type { TrainingContext } from "./training-context.js";
import type { TrainingExample } from "./training-data.js";

/** The report of one run; timings are the caller's to add. */
export function trainingReport(
  context: TrainingContext,
  outcome: RunOutcome,
): TrainingReport {
  const { recipe, environment } = context;
  const { models, instruct, own, unfiltered, heldBack } = outcome;
  const { classification, instances, instancesWithoutInput } =
    instruct.data.counts;
  return {
    kind: "self-instruct",
    name: recipe.name,
    world: recipe.verifier === "none" ? null : recipe.verifier,
    seed: recipe.seed,
    models: models.map((model) => modelReport(context, model)),
    gains: gains(context, models),
    headToHead: duel(models),
    data: {
      wanted: instruct.wanted,
      instructions: instruct.accepted,
      ...{ classification, instances, instancesWithoutInput },
      heldBack,
      waterfall: instruct.waterfall,
      own: dataTruth(context, own),
      unfiltered: dataTruth(context, unfiltered),
    },
    runs: [],
    recipe,
    versions: versionsOf(environment),
    commit: environment.gitCommit,
    timings: null,
  };
}

/** M1 against M0, where the truth is known. */
function duel([
  base,
  first,
]: readonly ComparedModel[]): TrainingReport["headToHead"] {
  if (base === undefined || first?.truth == null) return [];
  const scores = ({ truth }: ComparedModel): number[] =>
    truth?.greedy.map(({ score }) => score) ?? [];
  const [left, right] = [first.model.id, base.model.id];
  return [{ left, right, ...headToHead(scores(first), scores(base)) }];
}

function modelReport(
  { recipe, folder }: TrainingContext,
  { model, figures, control, examples }: ComparedModel,
): ComparedModelReport {
  const isBase = examples.length === 0 && control === null;
  return {
    id: model.id,
    path: relative(folder, model.path),
    parent: isBase ? null : "M0",
    method: isBase ? "base" : "sft",
    weightHash: model.weightHash,
    rows: examples.length,
    steps: isBase ? 0 : recipe.training.steps,
    accuracy: figures.accuracy,
    score: figures.score,
    sampled: sampledFigures(recipe.evaluation, figures),
    responseLength: figures.responseLength,
    families: figures.families,
  };
}

/** M1 against M0 and against each control. */
function gains(
  { recipe }: TrainingContext,
  models: readonly ComparedModel[],
): TrainedGain[] {
  const [base, first, ...controls] = models;
  if (base === undefined || first === undefined || first.truth === null)
    return [];
  const after = first.truth;
  return [base, ...controls].flatMap((from): TrainedGain[] => {
    if (from.truth === null) return [];
    const difference = (
      left: readonly number[],
      right: readonly number[],
    ): Interval | null =>
      bootstrapPairedDifference(left, right, {
        random: randomStream(recipe.seed, "bootstrap", "gain", from.model.id),
        resamples: recipe.evaluation.resamples,
      });
    const accuracy = difference(
      after.greedy.map(({ correct }) => Number(correct)),
      from.truth.greedy.map(({ correct }) => Number(correct)),
    );
    if (accuracy === null) return [];
    return [
      {
        from: from.model.id,
        to: first.model.id,
        accuracy,
        sampledAccuracy: difference(
          after.sampledAccuracy,
          from.truth.sampledAccuracy,
        ),
      },
    ];
  });
}

function dataTruth(
  { verifier, recipe }: TrainingContext,
  examples: readonly TrainingExample[],
): DataTruth | null {
  if (verifier === null) return null;
  const verdicts = examples.map(({ prompt, output }) =>
    verifier.verify({ prompt }, output, true),
  );
  const right = verdicts.filter((verdict) => verdict?.correct === true).length;
  const unreadable = verdicts.filter((verdict) => verdict === null).length;
  return {
    rows: examples.length,
    right,
    wrong: examples.length - right - unreadable,
    unreadable,
    rightShare: bootstrapMean(
      verdicts.flatMap((verdict) =>
        verdict === null ? [] : [Number(verdict.correct)],
      ),
      {
        random: randomStream(recipe.seed, "bootstrap", "data-truth"),
        resamples: recipe.evaluation.resamples,
      },
    ),
  };
}
