/**
 * @file A small simulated run whose every number comes out of the real evaluation
 * functions, so that intervals, metrics and warnings belong together. Not a claim
 * about any real run.
 */
import { judgeGate, type GateResult } from "../../src/evaluation/gate.js";
import { wilsonInterval } from "../../src/evaluation/interval.js";
import { headToHead } from "../../src/evaluation/head-to-head.js";
import type { Interval } from "../../src/evaluation/interval.js";
import {
  bootstrapMean,
  bootstrapPairedDifference,
} from "../../src/evaluation/interval.js";
import type { JudgedPrompt } from "../../src/evaluation/judge-metrics.js";
import { judgeMetrics } from "../../src/evaluation/judge-metrics.js";
import { pearson } from "../../src/evaluation/rank-correlation.js";
import { scoreHistogram } from "../../src/evaluation/score-statistics.js";
import { findWarnings } from "../../src/evaluation/warnings.js";
import type { RandomStream } from "../../src/foundation/random.js";
import { randomStream } from "../../src/foundation/random.js";
import type {
  ModelReport,
  RoundReport,
  RunReport,
  TrainingCurve,
} from "../../src/reporting/self-rewarding/schema.js";

const FAMILIES = [
  "reverse",
  "sort-letters",
  "sort-digits",
  "largest-digit",
  "repeat",
  "capitals",
  "first-letters",
  "drop-vowels",
  "kind-of",
  "last-letter",
  "next-letters",
  "double-letters",
  "odd-one-out",
  "shorter-word",
  "before-or-after",
  "colour-of",
  "count-items",
  "join-words",
  "true-or-false",
  "rhyme-class",
];

const PROMPTS = 500;
const CANDIDATES = 4;

/** What one simulated run is like; arrays hold one entry for M1, M2, M3. */
export interface Character {
  readonly name: string;
  readonly seed: number;
  /** True accuracy aimed at. */
  readonly ability: readonly number[];
  /** How much of the loss by sampling each round takes away. */
  readonly steadier: number;
  /** Standard deviation of the judge's error, in score points. */
  readonly judgeNoise: number;
  /** Points of flattery the judge adds to its own side, growing by round. */
  readonly flattery: readonly number[];
  readonly reward: string;
  /** Mean answer length in tokens. */
  readonly length: readonly number[];
  readonly pairs: readonly number[];
  readonly distinct: readonly number[];
}

/** One model's answers to the held-out prompts. */
interface Answers {
  readonly id: string;
  readonly place: number;
  readonly greedy: readonly number[];
  /** [prompt][candidate] true scores. */
  readonly sampled: readonly (readonly number[])[];
}

/** What the gate says of M1 as a judge with this accuracy on 300 pairs. */
export function gateAt(accuracy: number | null, forced: boolean): GateResult {
  const interval = accuracy === null ? null : wilsonInterval(accuracy, 300);
  return judgeGate({
    judge: {
      ...{ kind: "model", sampled: false, ties: 0, unread: 0 },
      accuracy: interval,
    },
    threshold: 0.8,
    forced,
  });
}

/** Simulates a run from its character; the same character gives the same report. */
export function simulate(character: Character): RunReport {
  const stream = (...path: readonly (string | number)[]) =>
    randomStream(character.seed, character.name, character.reward, ...path);
  const luck = Array.from({ length: PROMPTS }, (_, prompt) =>
    stream("luck", prompt).next(),
  );
  const answers = character.ability.map((_, place) =>
    answer(character, place, luck, stream("answers", place)),
  );
  const models = [
    baseModel(),
    ...answers.map((given) => modelOf(character, given, stream)),
  ];
  const rounds = [0, 1].map((round) =>
    roundOf(character, round, stream("round", round)),
  );
  const warnings = findWarnings({
    models: models.map((model) => ({
      id: model.id,
      trueAccuracy: model.accuracy?.mean ?? null,
      trueScore: model.self?.truth?.mean ?? null,
      selfReward: model.selfReward,
      fixedJudgeAccuracy: model.judgeFixed?.pairwiseAccuracy ?? null,
      responseLength: model.responseLength,
    })),
    rounds: rounds.map((round, index) => ({
      from: round.from,
      to: round.to,
      prompts: round.prompts,
      judgements: round.judgements,
      malformed: round.malformed,
      pairs: round.pairs,
      distinctPrompts: character.distinct[index] ?? null,
      promptSimilarity: null,
      topScoreShare: null,
    })),
  });
  return {
    kind: "self-rewarding",
    name: character.name,
    world: "nursery",
    seed: character.seed,
    models,
    gains: gainsOf(answers, stream("gains")),
    headToHead: duelsOf(character, answers, stream("duels")),
    judgeSwap: answers.flatMap((judge) =>
      answers.map((judged) => {
        const prompts = judgedPrompts(character, judge.place, judged, stream);
        const metrics = judgeMetrics(prompts);
        return {
          judge: judge.id,
          candidatesOf: judged.id,
          meanScore: metrics.meanScore,
          trueScore: average(judged.sampled.flat()),
          pairwiseAccuracy: metrics.pairwiseAccuracy,
        };
      }),
    ),
    rounds,
    training: trainingOf(character, stream("training")),
    warnings,
    gate: gateAt(0.934, false),
    stop: null,
    examples: [],
    arms: [],
    recipe: {
      extends: "nursery",
      loop: {
        rounds: 2,
        reward: character.reward,
        candidates: CANDIDATES,
        temperature: 0.7,
        "top-p": 0.9,
        "least-margin": 1,
      },
      judge: { mode: "expected-score", threshold: 0.8 },
      dpo: { beta: 0.1, "learning-rate": 2e-4, epochs: 1, "nll-weight": 0.2 },
    },
    versions: {
      autodidact: "0.1.0",
      node: "20.20.2",
      "onnxruntime-node": "1.30.0",
    },
    usage: [
      {
        stage: "evaluation",
        requests: 800,
        tokensIn: 91_000,
        tokensOut: 12_800,
        cost: 0,
      },
    ],
    timings: {
      seconds: 402,
      peakMemoryBytes: 1_310_000_000,
      stages: [
        { stage: "M1: SFT", seconds: 121 },
        { stage: "M1 → M2", seconds: 118 },
        { stage: "M2 → M3", seconds: 109 },
        { stage: "evaluation", seconds: 54 },
      ],
      machine: "2 cores, Linux x64",
    },
  };
}

function answer(
  character: Character,
  place: number,
  luck: readonly number[],
  random: RandomStream,
): Answers {
  const ability = character.ability[place] as number;
  const chance = luck.map((_, prompt) => {
    const easy =
      ((prompt % FAMILIES.length) / (FAMILIES.length - 1) - 0.5) * 0.5;
    return Math.max(0.03, Math.min(0.98, ability + easy));
  });
  const score = (right: boolean): number => (right ? 5 : random.integer(5));
  return {
    id: `M${place + 1}`,
    place,
    greedy: chance.map((share, prompt) =>
      score(
        0.8 * (luck[prompt] as number) + 0.2 * random.next() < share * 0.98,
      ),
    ),
    sampled: chance.map((share) =>
      Array.from({ length: CANDIDATES }, () =>
        score(random.next() < share * (0.82 + place * character.steadier)),
      ),
    ),
  };
}

/** The judge's view of one answer: the truth, its error and its flattery. */
function judged(
  character: Character,
  place: number,
  truth: number,
  random: RandomStream,
): number {
  const flattery = character.flattery[place] ?? 0;
  const seen = truth + flattery + character.judgeNoise * random.normal();
  return Math.max(0, Math.min(5, seen));
}

type Streams = (...path: readonly (string | number)[]) => RandomStream;

function judgedPrompts(
  character: Character,
  judge: number,
  answers: Answers,
  stream: Streams,
): JudgedPrompt[] {
  const random = stream("judge", judge, answers.place);
  return answers.sampled.map((candidates) =>
    candidates.map((truth) => ({
      judge:
        random.next() < 0.01 ? null : judged(character, judge, truth, random),
      truth,
    })),
  );
}

function modelOf(
  character: Character,
  answers: Answers,
  stream: Streams,
): ModelReport {
  const { id, place, greedy, sampled } = answers;
  const random = stream("bootstrap", place);
  const interval = (values: readonly number[]): Interval | null =>
    bootstrapMean(values, { random, resamples: 400 });
  const right = (scores: readonly number[]): number =>
    average(scores.map((score) => (score === 5 ? 1 : 0)));
  const own = judgedPrompts(character, place, answers, stream);
  const believed = own.map((prompt) =>
    average(prompt.flatMap(({ judge }) => (judge === null ? [] : [judge]))),
  );
  const deserved = sampled.map(average);
  const lengths = stream("length", place);
  const reward = interval(believed);
  const test = stream("judge-test", place);
  const fixed = stream("judge-fixed", place);
  return {
    id,
    path: `models/${id}`,
    parent: `M${place}`,
    method: place === 0 ? "sft" : "dpo",
    weightHash: stream("hash", place)
      .next()
      .toString(16)
      .slice(2)
      .padEnd(64, "0c4f1e"),
    parameters: 3_412_480,
    accuracy: interval(greedy.map((score) => right([score]))),
    score: interval(greedy),
    sampled: {
      temperature: 0.7,
      samplesPerPrompt: CANDIDATES,
      accuracy: interval(sampled.map(right)),
      score: interval(deserved),
    },
    selfReward: reward?.mean ?? null,
    self: {
      answers: "sampled",
      reward,
      truth: interval(deserved),
      gap: bootstrapPairedDifference(believed, deserved, {
        random,
        resamples: 400,
      }),
      scoreLengthCorrelation: pearson(
        own.flat().map(({ judge }) => judge ?? 0),
        own
          .flat()
          .map(
            ({ judge }) =>
              4 + lengths.normal() + (judge ?? 0) * 0.1 * character.judgeNoise,
          ),
      ),
    },
    responseLength: character.length[place] ?? null,
    judge: judgeMetrics(
      Array.from({ length: 200 }, () =>
        [5, 4, 3, 2, 1, 0].map((truth) => ({
          judge: judged(character, place, truth, test),
          truth,
        })),
      ),
    ),
    judgeFixed: judgeMetrics(
      Array.from({ length: 480 }, () =>
        [5, 2.8].map((truth) => ({
          judge: truth + character.judgeNoise * 0.8 * fixed.normal(),
          truth,
        })),
      ),
    ),
    judgeOwn: judgeMetrics(own),
    prompts:
      character.distinct[place] === undefined
        ? null
        : {
            written: 2600,
            distinct: character.distinct[place],
            similarity: 0.41 + place * 0.04,
          },
    families: FAMILIES.map((family, index) => {
      const scores = greedy.filter(
        (_, prompt) => prompt % FAMILIES.length === index,
      );
      return {
        family,
        prompts: scores.length,
        accuracy: right(scores),
        score: average(scores),
      };
    }),
  };
}

function baseModel(): ModelReport {
  return {
    id: "M0",
    path: "models/M0",
    parent: null,
    method: "base",
    weightHash: "b".repeat(64),
    parameters: 3_412_480,
    accuracy: { mean: 0.046, low: 0.028, high: 0.066 },
    score: { mean: 0.9, low: 0.81, high: 0.99 },
    sampled: {
      temperature: 0.7,
      samplesPerPrompt: CANDIDATES,
      accuracy: { mean: 0.031, low: 0.022, high: 0.041 },
      score: { mean: 0.84, low: 0.78, high: 0.9 },
    },
    selfReward: null,
    self: null,
    responseLength: 18.4,
    judge: null,
    judgeFixed: null,
    judgeOwn: null,
    prompts: null,
    families: FAMILIES.map((family) => ({
      family,
      prompts: PROMPTS / FAMILIES.length,
      accuracy: 0.04,
      score: 0.9,
    })),
  };
}

function gainsOf(
  answers: readonly Answers[],
  random: RandomStream,
): RunReport["gains"] {
  const difference = (
    to: readonly number[],
    from: readonly number[],
  ): Interval | null =>
    bootstrapPairedDifference(to, from, { random, resamples: 400 });
  const right = (scores: readonly number[]): number[] =>
    scores.map((score) => (score === 5 ? 1 : 0));
  const pairs = [
    [0, 1],
    [1, 2],
    [0, 2],
  ] as const;
  return pairs.map(([earlier, later]) => {
    const from = answers[earlier] as Answers;
    const to = answers[later] as Answers;
    return {
      from: from.id,
      to: to.id,
      accuracy: difference(right(to.greedy), right(from.greedy)),
      score: difference(to.greedy, from.greedy),
      sampledAccuracy: difference(
        to.sampled.map((scores) => average(right(scores))),
        from.sampled.map((scores) => average(right(scores))),
      ),
      sampledScore: difference(
        to.sampled.map(average),
        from.sampled.map(average),
      ),
    };
  });
}

function duelsOf(
  character: Character,
  answers: readonly Answers[],
  random: RandomStream,
): RunReport["headToHead"] {
  const pairs = [
    [1, 0],
    [2, 1],
    [2, 0],
  ] as const;
  return pairs.map(([newer, older]) => {
    const left = answers[newer] as Answers;
    const right = answers[older] as Answers;
    // The newer model's judge flatters what it would have said itself.
    const seen = (scores: readonly number[], kin: number): number[] =>
      scores.map((truth) => judged(character, newer, truth, random) + kin);
    const kinship =
      (character.flattery[newer] ?? 0) - (character.flattery[older] ?? 0);
    return {
      left: left.id,
      right: right.id,
      ...headToHead(left.greedy, right.greedy),
      ownJudge: {
        judge: left.id,
        ...headToHead(seen(left.greedy, kinship), seen(right.greedy, 0), 0.5),
      },
    };
  });
}

function roundOf(
  character: Character,
  index: number,
  random: RandomStream,
): RoundReport {
  const prompts = 2000;
  const pairs = character.pairs[index] ?? 0;
  const wrong = Math.round(
    pairs *
      (character.judgeNoise > 2 ? 0.27 + index * 0.07 : 0.03 + index * 0.02),
  );
  const tied = Math.round(pairs * 0.06);
  const scores = Array.from({ length: 4000 }, () =>
    judged(
      character,
      index,
      random.next() < 0.55 ? 5 : random.integer(5),
      random,
    ),
  );
  const ties = Math.round((prompts - pairs) * 0.62);
  return {
    from: `M${index + 1}`,
    to: `M${index + 2}`,
    reward: character.reward,
    method: "dpo",
    promptsWritten: 2600,
    rejections: {
      "too similar": 341 + index * 60,
      "not distinct": 148,
      "too short": 74,
      "bad form": 37 - index * 10,
    },
    prompts,
    candidates: prompts * CANDIDATES,
    merged: 1902 + index * 800,
    judgements: prompts * CANDIDATES * 3,
    malformed: character.judgeNoise > 2 ? 610 + index * 2100 : 83 + index * 21,
    scored: prompts * CANDIDATES - 12,
    pairs,
    ties,
    dropped: {
      "margin too small": prompts - pairs - ties - 40,
      "fewer than two candidates": 40,
    },
    pairTruth: { right: pairs - wrong - tied, tied, wrong },
    scoreHistogram: scoreHistogram(scores),
    seconds: 118 - index * 9,
  };
}

function trainingOf(
  character: Character,
  random: RandomStream,
): TrainingCurve[] {
  const sft = Array.from({ length: 620 }, (_, step) => ({
    step,
    loss: 0.32 + 2.4 * Math.exp(-step / 70) + 0.05 * random.normal(),
    rewardMargin: null,
    rewardAccuracy: null,
    learningRate: 1.5e-3 * (1 - step / 620),
    gradientNorm: 1 + 0.2 * random.normal(),
  }));
  const dpo = (round: number, steps: number) =>
    Array.from({ length: steps }, (_, step) => {
      const along = 1 - Math.exp(-step / 22);
      const margin =
        step === 0 ? 0 : along * (1.5 - round * 0.35) + 0.12 * random.normal();
      return {
        step,
        loss:
          step === 0
            ? Math.LN2
            : Math.log(1 + Math.exp(-margin)) + 0.02 * random.normal(),
        rewardMargin: margin,
        rewardAccuracy:
          step === 0
            ? 0
            : Math.min(1, 0.55 + 0.37 * along + 0.05 * random.normal()),
        learningRate: 2e-4 * (1 - step / steps),
        gradientNorm: 2 + 0.3 * random.normal(),
      };
    });
  return [
    {
      model: "M1",
      from: "M0",
      method: "sft",
      rows: 6600,
      steps: sft,
      seconds: 121,
    },
    ...character.pairs.map((rows, round): TrainingCurve => ({
      model: `M${round + 2}`,
      from: `M${round + 1}`,
      method: "dpo",
      rows,
      steps: dpo(round, Math.ceil(rows / 16)),
      seconds: 9,
    })),
  ];
}

/** Mean of a list that is not empty. */
function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
