/**
 * @file report.json of a Self-Instruct run with training: what every model is worth
 * before and after, and what the data were like.
 *
 * `models`, `headToHead`, `rounds`, `seed` and `versions` are under the names that
 * every report of `autodidact run` has; there are no rounds and no judges here. What
 * the verifier says of the data is measured afterwards and filters nothing.
 */
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import { headToHead } from "../../evaluation/head-to-head.js";
import {
  bootstrapMean,
  bootstrapPairedDifference,
  type Interval,
} from "../../evaluation/interval.js";
import { randomStream } from "../../foundation/random.js";
import type { WaterfallStage } from "../../pipelines/self-instruct/yield-waterfall.js";
import type { FamilyFigures } from "../../evaluation/model-figures.js";
import type {
  RunOutcome,
  ComparedModel,
} from "../../pipelines/self-instruct-training/run.js";
import type { TrainingContext } from "../../pipelines/self-instruct-training/training-context.js";
import type { TrainingExample } from "../../pipelines/self-instruct-training/training-data.js";

export interface TrainedModelReport {
  /** `M0`, `M1`, or the name of a control. */
  readonly id: string;
  /** Checkpoint folder, relative to the run folder. */
  readonly path: string;
  readonly parent: string | null;
  readonly method: "base" | "sft";
  readonly weightHash: string;
  /** Rows it was trained on, for how many optimizer steps. */
  readonly rows: number;
  readonly steps: number;
  /** Held-out, greedy, by the verifier; 0..1 and 0..5. */
  readonly accuracy: Interval | null;
  readonly score: Interval | null;
  /** Held-out, sampled; the mean of each prompt's samples. */
  readonly sampled: {
    readonly temperature: number;
    readonly samplesPerPrompt: number;
    readonly accuracy: Interval | null;
    readonly score: Interval | null;
  } | null;
  /** No model of this kind of run judges. */
  readonly selfReward: null;
  readonly judge: null;
  /** Mean length of its held-out answers, in tokens. */
  readonly responseLength: number | null;
  readonly families: readonly FamilyFigures[];
}

/** Paired by prompt: `to` minus `from`. */
export interface TrainedGain {
  readonly from: string;
  readonly to: string;
  readonly accuracy: Interval;
  readonly sampledAccuracy: Interval | null;
}

/** What the verifier says of a set of rows; unreadable where it knows no such task. */
export interface DataTruth {
  readonly rows: number;
  readonly right: number;
  readonly wrong: number;
  readonly unreadable: number;
  /** Right of those it can read, over distinct prompts. */
  readonly rightShare: Interval | null;
}

export interface TrainingRun {
  readonly seed: number;
  readonly models: readonly TrainedModelReport[];
  readonly gains: readonly TrainedGain[];
  readonly data: {
    /** Asked for, and reached. */
    readonly wanted: number;
    readonly instructions: number;
    readonly classification: number;
    readonly instances: number;
    readonly instancesWithoutInput: number;
    /** Rows whose prompt is measured on, kept out of training. */
    readonly heldBack: number;
    readonly waterfall: readonly WaterfallStage[];
    readonly own: DataTruth | null;
    readonly unfiltered: DataTruth | null;
  };
}

export interface TrainingReport extends TrainingRun {
  readonly kind: "self-instruct";
  readonly name: string;
  readonly world: string | null;
  readonly headToHead: readonly {
    readonly left: string;
    readonly right: string;
    readonly win: number;
    readonly tie: number;
    readonly lose: number;
  }[];
  readonly rounds: readonly never[];
  /** One for each seed of a comparison; empty in a single run. */
  readonly runs: readonly TrainingRun[];
  readonly recipe: unknown;
  readonly versions: Readonly<Record<string, string>>;
  readonly commit: string | null;
  readonly timings: {
    readonly seconds: number;
    readonly machine: string | null;
  } | null;
}

/** The report of one run; timings are the caller's to add. */
export function trainingReport(
  context: TrainingContext,
  outcome: RunOutcome,
): TrainingReport {
  const { recipe, environment } = context;
  const { models, instruct, own, unfiltered, heldBack } = outcome;
  const { counts } = instruct.data;
  const [base, first] = models;
  const truthOf = (model: ComparedModel) =>
    model.truth?.greedy.map(({ score }) => score) ?? [];
  return {
    kind: "self-instruct",
    name: recipe.name,
    world: recipe.verifier === "none" ? null : recipe.verifier,
    seed: recipe.seed,
    models: models.map((model) => modelReport(context, model)),
    gains: gains(context, models),
    headToHead:
      base === undefined || first === undefined || first.truth === null
        ? []
        : [
            {
              left: first.model.id,
              right: base.model.id,
              ...headToHead(truthOf(first), truthOf(base)),
            },
          ],
    rounds: [],
    data: {
      wanted: instruct.wanted,
      instructions: instruct.accepted,
      classification: counts.classification,
      instances: counts.instances,
      instancesWithoutInput: counts.instancesWithoutInput,
      heldBack,
      waterfall: instruct.waterfall,
      own: dataTruth(context, own),
      unfiltered: dataTruth(context, unfiltered),
    },
    runs: [],
    recipe,
    versions: {
      autodidact: environment.packageVersion,
      node: environment.nodeVersion,
      onnxruntime: environment.onnxruntimeVersion,
    },
    commit: environment.gitCommit,
    timings: null,
  };
}

/**
 * The report at `path`, when it is of this kind of run; null when it is another's or
 * cannot be read, which whoever reads the other kind will tell.
 */
export async function readTrainingReport(
  path: string,
): Promise<TrainingReport | null> {
  try {
    const report: unknown = JSON.parse(await readFile(path, "utf8"));
    return report !== null &&
      typeof report === "object" &&
      "kind" in report &&
      report.kind === "self-instruct"
      ? (report as TrainingReport)
      : null;
  } catch {
    return null;
  }
}

function modelReport(
  { recipe, folder }: TrainingContext,
  { model, figures, control, examples }: ComparedModel,
): TrainedModelReport {
  const { temperature, samplesPerPrompt } = recipe.evaluation;
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
    sampled:
      samplesPerPrompt === 0
        ? null
        : {
            temperature,
            samplesPerPrompt,
            accuracy: figures.sampledAccuracy,
            score: figures.sampledScore,
          },
    selfReward: null,
    judge: null,
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
    verifier.verify(prompt, output, true),
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
