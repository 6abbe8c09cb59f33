/**
 * @file Figures of one model from its raw measurement: accuracy and score with
 * intervals, self-reward and its gap, judge metrics. Pure; the bootstrap is seeded.
 */
import { randomStream } from "../foundation/random.js";
import { mean } from "../foundation/statistics.js";
import type { EvaluationSets } from "./evaluation-sets.js";
import {
  bootstrapMean,
  bootstrapPairedDifference,
  type BootstrapOptions,
  type Interval,
} from "./interval.js";
import {
  judgeMetrics,
  type JudgedPrompt,
  type JudgeMetrics,
} from "./judge-metrics.js";
import type { MeasuredAnswer, Measurement } from "./measurement.js";
import { pearson } from "./rank-correlation.js";
import type { Verdict, Verifier } from "./verifiers/verifier.js";

/** Verdicts on the held-out answers of one model; null where nobody knows the truth. */
export interface Truth {
  /** One for each held-out prompt. */
  readonly greedy: readonly Verdict[];
  /** Mean over the samples of each prompt. */
  readonly sampledAccuracy: readonly number[];
  readonly sampledScore: readonly number[];
}

export function truthOf(
  sets: EvaluationSets,
  measurement: Measurement,
  verifier: Verifier | null,
): Truth | null {
  if (verifier === null) return null;
  const verdict = (prompt: number, answer: MeasuredAnswer): Verdict => {
    const row = sets.heldOut[prompt] ?? { prompt: "" };
    const found = verifier.verify(row, answer.text, answer.finished);
    return found ?? { score: 0, correct: false };
  };
  const sampled = measurement.sampled.map((answers, i) =>
    answers.map((answer) => verdict(i, answer)),
  );
  return {
    greedy: measurement.greedy.map((answer, i) => verdict(i, answer)),
    sampledAccuracy: sampled.map(
      (row) => mean(row.map(({ correct }) => Number(correct))) ?? 0,
    ),
    sampledScore: sampled.map(
      (row) => mean(row.map(({ score }) => score)) ?? 0,
    ),
  };
}

export interface ModelFigures {
  readonly accuracy: Interval | null;
  readonly score: Interval | null;
  readonly sampledAccuracy: Interval | null;
  readonly sampledScore: Interval | null;
  readonly selfReward: Interval | null;
  readonly selfTruth: Interval | null;
  readonly selfGap: Interval | null;
  readonly scoreLengthCorrelation: number | null;
  readonly responseLength: number | null;
  readonly judge: JudgeMetrics;
  readonly judgeFixed: JudgeMetrics;
  readonly families: readonly FamilyFigures[];
  /** Null where answers are not held to constraints. */
  readonly constraints: ConstraintFigures | null;
}

/** Shares, 0 … 1, that greedy answers follow: of prompts in whole, and of constraints. */
export interface ConstraintFigures {
  readonly promptStrict: number;
  readonly promptLoose: number;
  readonly instructionStrict: number;
  readonly instructionLoose: number;
}

export interface FamilyFigures {
  readonly family: string;
  readonly prompts: number;
  readonly accuracy: number | null;
  readonly score: number | null;
}

/** Everything the report says of one model's measurement. */
export function modelFigures(options: {
  readonly sets: EvaluationSets;
  readonly measurement: Measurement;
  readonly truth: Truth | null;
  readonly seed: number;
  readonly resamples: number;
}): ModelFigures {
  const { sets, measurement, truth, seed, resamples } = options;
  const bootstrap = (purpose: string): BootstrapOptions => ({
    random: randomStream(seed, "bootstrap", purpose),
    resamples,
  });
  const interval = (
    purpose: string,
    values: readonly number[] | undefined,
  ): Interval | null =>
    values === undefined ? null : bootstrapMean(values, bootstrap(purpose));
  const judged = measurement.selfScores.flatMap((score, i) =>
    score === null ? [] : [{ score, i }],
  );
  const rewards = judged.map(({ score }) => score);
  const truths =
    truth === null ? null : judged.map(({ i }) => truth.greedy[i]?.score ?? 0);
  return {
    accuracy: interval(
      "accuracy",
      truth?.greedy.map(({ correct }) => Number(correct)),
    ),
    score: interval(
      "score",
      truth?.greedy.map(({ score }) => score),
    ),
    sampledAccuracy: interval("sampled-accuracy", truth?.sampledAccuracy),
    sampledScore: interval("sampled-score", truth?.sampledScore),
    selfReward: interval("self-reward", rewards),
    selfTruth: truths === null ? null : interval("self-truth", truths),
    selfGap:
      truths === null || rewards.length === 0
        ? null
        : bootstrapPairedDifference(rewards, truths, bootstrap("self-gap")),
    scoreLengthCorrelation: pearson(
      rewards,
      judged.map(({ i }) => measurement.greedy[i]?.tokens ?? 0),
    ),
    responseLength: mean(measurement.greedy.map(({ tokens }) => tokens)),
    judge: judgeMetrics(judgeTestPrompts(sets, measurement)),
    judgeFixed: judgeMetrics(judgeFixedPrompts(sets, measurement)),
    families: truth === null ? [] : familyFigures(sets, truth),
    constraints: truth === null ? null : constraintFigures(truth),
  };
}

function constraintFigures({ greedy }: Truth): ConstraintFigures | null {
  const held = greedy.flatMap(({ followed }) => followed ?? []);
  if (held.length === 0) return null;
  const share = (values: readonly boolean[]): number =>
    mean(values.map(Number)) ?? 0;
  const [strict, loose] = (["strict", "loose"] as const).map((how) =>
    held.map((answer) => answer[how]),
  ) as [boolean[][], boolean[][]];
  const whole = (lists: readonly (readonly boolean[])[]): number =>
    share(lists.map((list) => list.every(Boolean)));
  return {
    promptStrict: whole(strict),
    promptLoose: whole(loose),
    instructionStrict: share(strict.flat()),
    instructionLoose: share(loose.flat()),
  };
}

function judgeTestPrompts(
  sets: EvaluationSets,
  { testScores }: Measurement,
): JudgedPrompt[] {
  return sets.judgeTest.map(({ responses }, i) =>
    responses.map(({ score }, j) => ({
      judge: testScores[i]?.[j] ?? null,
      truth: score,
    })),
  );
}

/** Right against corrupted: the truth is an order, 1 above 0. */
function judgeFixedPrompts(
  sets: EvaluationSets,
  { fixedScores }: Measurement,
): JudgedPrompt[] {
  return sets.judgeFixed.map((_, i) => [
    { judge: fixedScores[i]?.[0] ?? null, truth: 1 },
    { judge: fixedScores[i]?.[1] ?? null, truth: 0 },
  ]);
}

function familyFigures(sets: EvaluationSets, truth: Truth): FamilyFigures[] {
  const groups = new Map<string, Verdict[]>();
  sets.heldOut.forEach(({ family }, i) => {
    const verdict = truth.greedy[i];
    if (verdict === undefined) return;
    groups.set(family, [...(groups.get(family) ?? []), verdict]);
  });
  return [...groups].map(([family, verdicts]) => ({
    family,
    prompts: verdicts.length,
    accuracy: mean(verdicts.map(({ correct }) => Number(correct))),
    score: mean(verdicts.map(({ score }) => score)),
  }));
}
