/**
 * @file report.json of a run from what the stages left: figures, not decisions.
 */
import {
  bootstrapPairedDifference,
  type Interval,
} from "../../evaluation/interval.js";
import { judgeMetrics } from "../../evaluation/judge-metrics.js";
import { findWarnings } from "../../evaluation/warnings.js";
import { defined } from "../../foundation/defined.js";
import { randomStream } from "../../foundation/random.js";
import type {
  GainReport,
  ModelReport,
  PairExampleReport,
  RunReport,
  TrainingCurve,
} from "../../reporting/self-rewarding/schema.js";
import { sampledFigures } from "../run/evaluation-stage.js";
import { workingSeconds } from "../run/working-seconds.js";
import { groupByPrompt } from "../../rewarding/candidate.js";
import { roundReport, type RoundRecord } from "./round-record.js";
import type { RunContext } from "./run-context.js";
import {
  historyOf,
  type MeasuredModel,
  type RunRecordings,
} from "./measured-model.js";

/** The whole report; timings and machine are filled in by the caller. */
export function buildReport(
  context: RunContext,
  recordings: RunRecordings,
): RunReport {
  const { recipe, verifier } = context;
  const { models, rounds, gate, stop, headToHead, judgeSwap } = recordings;
  const { judgeData } = recordings;
  const [base, first] = models;
  return {
    kind: "self-rewarding",
    name: recipe.name,
    world: recipe.verifier === "none" ? null : recipe.verifier,
    seed: recipe.seed,
    models: models.map((_, index) => modelReport(context, recordings, index)),
    gains: gains(context, models, stop?.keep ?? null),
    headToHead,
    judgeSwap,
    rounds: rounds.map((round) =>
      roundReport(round, {
        recipe,
        verifier,
        seconds: workingSeconds(context.ledger, `round-${round.number}/`),
      }),
    ),
    training: models
      .slice(1)
      .map((each, i) =>
        trainingReport(context, each, models[i] as MeasuredModel),
      )
      .filter(({ model }) => model !== "M1" || !isUntaught(base, first)),
    warnings: findWarnings(historyOf(models, rounds)),
    gate,
    stop: stop === null ? null : { kept: stop.keep, reasons: stop.reasons },
    ...(judgeData !== null && { judgeData }),
    examples: rounds.flatMap((round) => examples(context, round)),
    arms: [],
    recipe: { ...recipe } as unknown as RunReport["recipe"],
    versions: {},
    timings: null,
  };
}

function modelReport(
  context: RunContext,
  { models, rounds, outside }: RunRecordings,
  index: number,
): ModelReport {
  const { recipe } = context;
  const { model, figures } = models[index] as MeasuredModel;
  const round = rounds.find(({ from }) => from === model.id);
  const canJudge = index > 0;
  return {
    id: model.id,
    path: model.source,
    parent: models[index - 1]?.model.id ?? null,
    method: methodOf(context, models, index),
    weightHash: model.weightHash,
    parameters: model.parameters,
    accuracy: figures.accuracy,
    score: figures.score,
    sampled: sampledFigures(recipe.evaluation, figures),
    selfReward: canJudge ? (figures.selfReward?.mean ?? null) : null,
    self: canJudge
      ? {
          answers: "greedy",
          reward: figures.selfReward,
          truth: figures.selfTruth,
          gap: figures.selfGap,
          scoreLengthCorrelation: figures.scoreLengthCorrelation,
        }
      : null,
    ...defined({ outside: outside?.get(model.id) }),
    responseLength: figures.responseLength,
    judge: canJudge ? figures.judge : null,
    judgeFixed: canJudge ? figures.judgeFixed : null,
    judgeOwn: round === undefined ? null : ownJudge(context, round),
    prompts: round === undefined ? null : writingOf(round),
    families: figures.families,
    ...(figures.constraints !== null && { constraints: figures.constraints }),
  };
}

function methodOf(
  { recipe }: RunContext,
  [base, first]: readonly MeasuredModel[],
  index: number,
): ModelReport["method"] {
  if (index > 1) return recipe.preference.mode;
  if (index === 0) return "base";
  return isUntaught(base, first) ? "untaught" : "sft";
}

/** Whether M1 is the base as it is. */
function isUntaught(base?: MeasuredModel, first?: MeasuredModel): boolean {
  return base?.model.weightHash === first?.model.weightHash;
}

function writingOf({ writing }: RoundRecord): ModelReport["prompts"] {
  const { written, distinct, similarity } = writing;
  return written === null ? null : { written, distinct, similarity };
}

/** The round's rewards against the truth; only where a model gave them and the truth is known. */
function ownJudge(
  { recipe, verifier }: RunContext,
  { judged }: RoundRecord,
): ModelReport["judgeOwn"] {
  if (verifier === null || recipe.judge.source !== "self") return null;
  const prompts = [...groupByPrompt(judged).values()].map((candidates) =>
    candidates.flatMap(({ prompt, text, finished, score }) => {
      const truth = verifier.verify({ prompt }, text, finished);
      return truth === null ? [] : [{ judge: score, truth: truth.score }];
    }),
  );
  return judgeMetrics(prompts.filter((candidates) => candidates.length > 0));
}

/**
 * Each model against the one before; the last, and the one a stop rule kept, against
 * M1. Paired by prompt.
 */
function gains(
  context: RunContext,
  models: readonly MeasuredModel[],
  kept: string | null,
): GainReport[] {
  const { recipe } = context;
  const taught = models.slice(1);
  const successive = taught
    .slice(1)
    .map((to, i) => [taught[i] as MeasuredModel, to] as const);
  // M1 → M2 is among the successive ones.
  const whole = taught
    .slice(2)
    .filter((each) => each === taught.at(-1) || each.model.id === kept)
    .map((each) => [taught[0] as MeasuredModel, each] as const);
  return [...successive, ...whole].map(([from, to]) => {
    const difference = (
      pick: (model: MeasuredModel) => readonly number[] | undefined,
    ): Interval | null => {
      const [before, after] = [pick(from), pick(to)];
      if (before === undefined || after === undefined) return null;
      const ends = [from.model.id, to.model.id];
      return bootstrapPairedDifference(after, before, {
        random: randomStream(recipe.seed, "bootstrap", "gain", ...ends),
        resamples: recipe.evaluation.resamples,
      });
    };
    return {
      from: from.model.id,
      to: to.model.id,
      accuracy: difference(({ truth }) =>
        truth?.greedy.map(({ correct }) => Number(correct)),
      ),
      score: difference(({ truth }) => truth?.greedy.map(({ score }) => score)),
      sampledAccuracy: difference(({ truth }) => truth?.sampledAccuracy),
      sampledScore: difference(({ truth }) => truth?.sampledScore),
    };
  });
}

function trainingReport(
  context: RunContext,
  { model }: MeasuredModel,
  parent: MeasuredModel,
): TrainingCurve {
  const { recipe, ledger } = context;
  const isFirst = model.id === "M1";
  const stage = isFirst
    ? "M1/teach"
    : `round-${Number(model.id.slice(1)) - 1}/train`;
  const steps = [...ledger.read("training_steps", { stage })].map(
    ({ step, metrics }) => {
      const values = metrics as Readonly<Record<string, number | undefined>>;
      return {
        step,
        loss: values["loss"] ?? null,
        rewardMargin: values["rewards/margins"] ?? null,
        rewardAccuracy: values["rewards/accuracies"] ?? null,
        learningRate: values["learning_rate"] ?? null,
        gradientNorm: values["grad_norm"] ?? null,
      };
    },
  );
  return {
    model: model.id,
    from: parent.model.id,
    method: isFirst ? "sft" : recipe.preference.mode,
    rows: ledger.count("training_rows", { stage }),
    steps: thinned(steps),
    seconds: workingSeconds(context.ledger, stage),
  };
}

/** At most this many points of a curve go into the report; the ledger has them all. */
const CURVE_POINTS = 300;

function thinned<T>(steps: readonly T[]): T[] {
  const stride = Math.ceil(steps.length / CURVE_POINTS);
  return steps.filter((_, i) => i % stride === 0 || i === steps.length - 1);
}

const EXAMPLES_A_ROUND = 8;

/** A few pairs for people, drawn by the run's seed. */
function examples(
  { recipe, verifier }: RunContext,
  round: RoundRecord,
): PairExampleReport[] {
  const random = randomStream(recipe.seed, "examples", round.number);
  return random
    .sample(round.outcome.pairs, EXAMPLES_A_ROUND)
    .map(({ prompt, chosen, rejected }) => {
      const side = ({ text, rationale, score, finished }: typeof chosen) => ({
        text,
        rationale,
        selfScore: score,
        trueScore: verifier?.verify({ prompt }, text, finished)?.score ?? null,
      });
      const { from, to } = round;
      return {
        from,
        to,
        prompt,
        chosen: side(chosen),
        rejected: side(rejected),
      };
    });
}
