/**
 * @file The ways a self-rewarding run is known to go wrong, found in its history.
 *
 * A warning is for the reader of the report: it may use the verifier's truth, and
 * says so in its evidence. Nothing here decides training; what may stop a run is
 * in stop-rule.ts. The signatures are those published for the method: score
 * collapse (arXiv 2401.10020, no-EFT ablation), growing length (same, 1,092 →
 * 2,552 on AlpacaEval), shrinking pairs and a saturating judge.
 */
import { count, counted, fixed, percent } from "../text/number-words.js";
import type {
  ModelSnapshot,
  RoundSnapshot,
  RunHistory,
} from "./run-history.js";

export const WARNING_CODES = [
  "reward-hacking",
  "judge-decay",
  "score-collapse",
  "pairs-dried-up",
  "malformed-judgements",
  "length-runaway",
  "diversity-collapse",
] as const;

export type WarningCode = (typeof WARNING_CODES)[number];

export interface RunWarning {
  readonly code: WarningCode;
  /** The model (`M2`) or round (`M1→M2`) that shows it. */
  readonly where: string;
  /** What happened, with its numbers, for a person. */
  readonly sentence: string;
  /** The same numbers for a program, in the units of the history. */
  readonly evidence: Readonly<Record<string, number>>;
}

/** When a change is large enough to speak of. Shares are 0..1, scores 0..5. */
export interface WarningThresholds {
  /** Self-reward must have risen by more than this, in score points… */
  readonly rewardRise: number;
  /** …while true accuracy fell by more than this (share)… */
  readonly accuracyFall: number;
  /** …or the true score fell by more than this, in score points. */
  readonly scoreFall: number;
  /** Fall of fixed-set judge accuracy from the first model that judges. */
  readonly judgeFall: number;
  /** Share of candidates with one and the same score. */
  readonly topScoreShare: number;
  /** Pairs per prompt below which a round has nothing to learn from. */
  readonly pairsPerPrompt: number;
  /** Pairs per prompt, as a share of the first round's. */
  readonly pairsShareOfFirst: number;
  /** Share of malformed judgements that is too many at any time. */
  readonly malformedShare: number;
  /** Rise of that share from the first round. */
  readonly malformedRise: number;
  /** Length over the first trained model's. */
  readonly lengthRatio: number;
  /** Distinct share of the written prompts below which they repeat. */
  readonly distinctPrompts: number;
  /** Rise from the first round of the mean ROUGE-L of prompts to the pool. */
  readonly similarityRise: number;
}

export const DEFAULT_WARNING_THRESHOLDS: WarningThresholds = {
  rewardRise: 0.1,
  accuracyFall: 0.02,
  scoreFall: 0.1,
  judgeFall: 0.03,
  topScoreShare: 0.9,
  pairsPerPrompt: 0.1,
  pairsShareOfFirst: 0.35,
  malformedShare: 0.2,
  malformedRise: 0.1,
  lengthRatio: 1.5,
  distinctPrompts: 0.5,
  similarityRise: 0.15,
};

/**
 * All warnings of a run, in the order of `WARNING_CODES` and then of time; at most
 * one of each code a model or round.
 * @param history oldest first; null measurements fire nothing
 */
export function findWarnings(
  history: RunHistory,
  thresholds: WarningThresholds = DEFAULT_WARNING_THRESHOLDS,
): RunWarning[] {
  const { models, rounds } = history;
  const found = [
    ...models.flatMap((model, index) =>
      rewardHacking(model, models.slice(0, index), thresholds),
    ),
    ...models.flatMap((model) => judgeDecay(model, models, thresholds)),
    ...models.flatMap((model) => lengthRunaway(model, models, thresholds)),
    ...rounds.flatMap((round) => [
      ...scoreCollapse(round, thresholds),
      ...pairsDriedUp(round, rounds, thresholds),
      ...malformedJudgements(round, rounds, thresholds),
      ...diversityCollapse(round, rounds, thresholds),
    ]),
  ];
  return found.sort(
    (a, b) => WARNING_CODES.indexOf(a.code) - WARNING_CODES.indexOf(b.code),
  );
}

/** Against the earlier model that puts the divergence most plainly. */
function rewardHacking(
  model: ModelSnapshot,
  earlier: readonly ModelSnapshot[],
  thresholds: WarningThresholds,
): RunWarning[] {
  const divergences = earlier.flatMap((before) => {
    const reward = change(before.selfReward, model.selfReward);
    if (reward === null || reward <= thresholds.rewardRise) return [];
    const accuracy = change(before.trueAccuracy, model.trueAccuracy);
    const score = change(before.trueScore, model.trueScore);
    const accuracyFell =
      accuracy !== null && -accuracy > thresholds.accuracyFall;
    const scoreFell = score !== null && -score > thresholds.scoreFall;
    return accuracyFell || scoreFell
      ? [{ before, reward, accuracy, score }]
      : [];
  });
  const worst = divergences.sort((a, b) => b.reward - a.reward)[0];
  if (worst === undefined) return [];
  const falls = [
    ...(worst.accuracy === null
      ? []
      : [
          `true accuracy went from ${percent(worst.before.trueAccuracy ?? 0)} to ${percent(model.trueAccuracy ?? 0)}`,
        ]),
    ...(worst.score === null
      ? []
      : [
          `the true score from ${fixed(worst.before.trueScore ?? 0)} to ${fixed(model.trueScore ?? 0)}`,
        ]),
  ];
  return [
    {
      code: "reward-hacking",
      where: model.id,
      sentence: `${model.id} rewards itself more than ${worst.before.id} did (${fixed(worst.before.selfReward ?? 0)} → ${fixed(model.selfReward ?? 0)} of 5), but by the verifier ${falls.join(" and ")}: it learned to please its judge, not to be right.`,
      evidence: {
        selfRewardChange: worst.reward,
        ...(worst.accuracy === null
          ? {}
          : { trueAccuracyChange: worst.accuracy }),
        ...(worst.score === null ? {} : { trueScoreChange: worst.score }),
      },
    },
  ];
}

function judgeDecay(
  model: ModelSnapshot,
  models: readonly ModelSnapshot[],
  thresholds: WarningThresholds,
): RunWarning[] {
  const first = models.find((other) => other.fixedJudgeAccuracy !== null);
  const fall = change(model.fixedJudgeAccuracy, first?.fixedJudgeAccuracy);
  if (first === undefined || fall === null || fall <= thresholds.judgeFall)
    return [];
  return [
    {
      code: "judge-decay",
      where: model.id,
      sentence: `${model.id} ranks the right answer above the corrupted one in ${percent(model.fixedJudgeAccuracy ?? 0)} of the fixed set, ${first.id} did in ${percent(first.fixedJudgeAccuracy ?? 0)}: training wore the judge down. Rehearse EFT examples during DPO.`,
      evidence: {
        fixedJudgeAccuracy: model.fixedJudgeAccuracy ?? 0,
        fixedJudgeAccuracyFirst: first.fixedJudgeAccuracy ?? 0,
      },
    },
  ];
}

function lengthRunaway(
  model: ModelSnapshot,
  models: readonly ModelSnapshot[],
  thresholds: WarningThresholds,
): RunWarning[] {
  // M0 follows no instruction, so its length means nothing: M1 is the yardstick.
  const first = models.find(
    (other) => other.id !== "M0" && (other.responseLength ?? 0) > 0,
  );
  if (first?.responseLength == null || model.responseLength === null) return [];
  const ratio = model.responseLength / first.responseLength;
  if (model.id === "M0" || ratio <= thresholds.lengthRatio) return [];
  return [
    {
      code: "length-runaway",
      where: model.id,
      sentence: `${model.id} answers in ${fixed(model.responseLength, 1)} tokens where ${first.id} used ${fixed(first.responseLength, 1)} (× ${fixed(ratio)}): its judge may be paying for words.`,
      evidence: {
        responseLength: model.responseLength,
        responseLengthFirst: first.responseLength,
        ratio,
      },
    },
  ];
}

function scoreCollapse(
  round: RoundSnapshot,
  thresholds: WarningThresholds,
): RunWarning[] {
  const { topScoreShare } = round;
  if (topScoreShare === null || topScoreShare < thresholds.topScoreShare)
    return [];
  return [
    {
      code: "score-collapse",
      where: nameOf(round),
      sentence: `${round.from} gives ${percent(topScoreShare)} of the candidates one and the same score: a judge that says the same of everything teaches nothing.`,
      evidence: { topScoreShare },
    },
  ];
}

function pairsDriedUp(
  round: RoundSnapshot,
  rounds: readonly RoundSnapshot[],
  thresholds: WarningThresholds,
): RunWarning[] {
  const yieldNow = ratioOf(round.pairs, round.prompts);
  const first = rounds[0];
  if (yieldNow === null || first === undefined) return [];
  const yieldFirst = ratioOf(first.pairs, first.prompts) ?? 0;
  const tooFew = yieldNow < thresholds.pairsPerPrompt;
  const shrunk = yieldNow < yieldFirst * thresholds.pairsShareOfFirst;
  if (!tooFew && !shrunk) return [];
  const comparison =
    round === first ? "" : `, after ${percent(yieldFirst)} in the first round`;
  return [
    {
      code: "pairs-dried-up",
      where: nameOf(round),
      sentence: `Only ${counted(round.pairs, "preference pair")} came of ${counted(round.prompts, "prompt")} (${percent(yieldNow)}${comparison}): there is little left for the round to learn from.`,
      evidence: {
        pairs: round.pairs,
        prompts: round.prompts,
        pairsPerPromptFirst: yieldFirst,
      },
    },
  ];
}

function malformedJudgements(
  round: RoundSnapshot,
  rounds: readonly RoundSnapshot[],
  thresholds: WarningThresholds,
): RunWarning[] {
  const now = ratioOf(round.malformed, round.judgements);
  const first = rounds[0];
  if (now === null || first === undefined) return [];
  const firstShare = ratioOf(first.malformed, first.judgements) ?? 0;
  const tooMany = now > thresholds.malformedShare;
  const risen = now - firstShare > thresholds.malformedRise;
  if (!tooMany && !risen) return [];
  return [
    {
      code: "malformed-judgements",
      where: nameOf(round),
      sentence: `${percent(now)} of the judgements of ${round.from} could not be read (${count(round.malformed)} of ${count(round.judgements)}): the model is forgetting how to judge.`,
      evidence: {
        malformed: round.malformed,
        judgements: round.judgements,
        malformedShareFirst: firstShare,
      },
    },
  ];
}

function diversityCollapse(
  round: RoundSnapshot,
  rounds: readonly RoundSnapshot[],
  thresholds: WarningThresholds,
): RunWarning[] {
  const { distinctPrompts, promptSimilarity } = round;
  const first = rounds.find((other) => other.promptSimilarity !== null);
  const repeats =
    distinctPrompts !== null && distinctPrompts < thresholds.distinctPrompts;
  const rise = change(first?.promptSimilarity, promptSimilarity);
  const narrows = rise !== null && rise > thresholds.similarityRise;
  if (!repeats && !narrows) return [];
  const signs = [
    ...(repeats
      ? [
          `only ${percent(distinctPrompts)} of the prompts it wrote are distinct`,
        ]
      : []),
    ...(narrows
      ? [
          `its new prompts resemble the pool more (ROUGE-L ${fixed(promptSimilarity ?? 0)}, first round ${fixed(first?.promptSimilarity ?? 0)})`,
        ]
      : []),
  ];
  return [
    {
      code: "diversity-collapse",
      where: nameOf(round),
      sentence: `${round.from} is running out of ideas: ${signs.join(" and ")}.`,
      evidence: {
        ...(distinctPrompts === null ? {} : { distinctPrompts }),
        ...(promptSimilarity === null ? {} : { promptSimilarity }),
      },
    },
  ];
}

function nameOf(round: RoundSnapshot): string {
  return `${round.from}→${round.to}`;
}

/** `to − from`; null when either is unknown. */
function change(
  from: number | null | undefined,
  to: number | null | undefined,
): number | null {
  return from == null || to == null ? null : to - from;
}

function ratioOf(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
