/**
 * @file When a run should stop, and which model it should keep.
 *
 * By default the rule sees only what a run without a verifier can know: how well
 * the model judges a small fixed labelled set, whether its scores have collapsed,
 * whether its judgements can be read, how long its answers are. `trueAccuracyFall`
 * is the one bound that needs the verifier; it is off unless a recipe names it,
 * because a run that stops by the truth is no longer judged by it.
 */
import { percent, points, fixed } from "../text/number-words.js";
import type {
  ModelSnapshot,
  RoundSnapshot,
  RunHistory,
} from "./run-history.js";

/** Bounds of the stop rule; null switches a bound off. */
export interface StopRule {
  /** Fixed-set judge accuracy may not be below this share. */
  readonly judgeFloor: number | null;
  /** Nor fall by more than this share below the first model that judges. */
  readonly judgeFall: number | null;
  /** Largest share of candidates that may get one and the same score. */
  readonly topScoreShare: number | null;
  /** Largest share of malformed judgements. */
  readonly malformedShare: number | null;
  /** Fewest preference pairs a round may train on. */
  readonly minimumPairs: number | null;
  /** Longest answers, as a multiple of M1's. */
  readonly lengthRatio: number | null;
  /** Verifier only: largest fall of true accuracy below the best earlier model. */
  readonly trueAccuracyFall: number | null;
}

/** Every stop bound by its name. */
export type StopBound = keyof StopRule;

export const DEFAULT_STOP_RULE: StopRule = {
  judgeFloor: null,
  judgeFall: 0.1,
  topScoreShare: 0.98,
  malformedShare: 0.5,
  minimumPairs: 1,
  lengthRatio: null,
  trueAccuracyFall: null,
};

export interface StopDecision {
  readonly stop: boolean;
  /** The last model that broke no bound; null when even the first one did. */
  readonly keep: string | null;
  /** One for each bound broken, at the first place that broke any; empty if none. */
  readonly reasons: readonly StopReason[];
}

export interface StopReason {
  readonly bound: StopBound;
  /** The model, or the round (`M1→M2`). */
  readonly where: string;
  readonly sentence: string;
  /** What was measured, and the bound it broke, in the same unit. */
  readonly value: number;
  readonly limit: number;
}

/**
 * Looks at the whole history, oldest first, and stops at the first model or round
 * that breaks a bound. A round is looked at before the model it trains: if its data
 * are bad, the model it began from is the one to keep. Unknown (null) measurements
 * break nothing.
 */
export function shouldStop(rule: StopRule, history: RunHistory): StopDecision {
  let keep: string | null = null;
  for (const [index, model] of history.models.entries()) {
    const round = history.rounds.find((candidate) => candidate.to === model.id);
    const reasons = [
      ...(round === undefined ? [] : roundReasons(rule, round)),
      ...modelReasons(rule, model, history.models.slice(0, index)),
    ];
    if (reasons.length > 0) return { stop: true, keep, reasons };
    keep = model.id;
  }
  // The round under way, whose model does not exist yet.
  const known = new Set(history.models.map((model) => model.id));
  const pending = history.rounds.find((round) => !known.has(round.to));
  const reasons = pending === undefined ? [] : roundReasons(rule, pending);
  return { stop: reasons.length > 0, keep, reasons };
}

function roundReasons(rule: StopRule, round: RoundSnapshot): StopReason[] {
  const where = `${round.from}→${round.to}`;
  const malformed =
    round.judgements === 0 ? null : round.malformed / round.judgements;
  return [
    ...above("topScoreShare", rule, {
      where,
      value: round.topScoreShare,
      sentence: (value, limit) =>
        `${round.from} gives ${percent(value)} of the candidates one and the same score; the limit is ${percent(limit)}.`,
    }),
    ...above("malformedShare", rule, {
      where,
      value: malformed,
      sentence: (value, limit) =>
        `${percent(value)} of the judgements of ${round.from} could not be read; the limit is ${percent(limit)}.`,
    }),
    ...below("minimumPairs", rule, {
      where,
      value: round.pairs,
      sentence: (value, limit) =>
        `The round ${where} found ${value} preference pairs; it needs at least ${limit}.`,
    }),
  ];
}

function modelReasons(
  rule: StopRule,
  model: ModelSnapshot,
  earlier: readonly ModelSnapshot[],
): StopReason[] {
  const where = model.id;
  const firstJudge = earlier.find((other) => other.fixedJudgeAccuracy !== null);
  const firstLength = earlier.find(
    (other) => other.id !== "M0" && (other.responseLength ?? 0) > 0,
  );
  const bestAccuracy = Math.max(
    ...earlier.flatMap((other) =>
      other.trueAccuracy === null ? [] : [other.trueAccuracy],
    ),
  );
  return [
    ...below("judgeFloor", rule, {
      where,
      value: model.fixedJudgeAccuracy,
      sentence: (value, limit) =>
        `${where} ranks ${percent(value)} of the fixed judge set rightly; the floor is ${percent(limit)}.`,
    }),
    ...above("judgeFall", rule, {
      where,
      value: difference(
        firstJudge?.fixedJudgeAccuracy,
        model.fixedJudgeAccuracy,
      ),
      sentence: (value, limit) =>
        `${where} judges the fixed set ${points(value)} worse than ${firstJudge?.id}; the limit is ${points(limit)}.`,
    }),
    ...above("lengthRatio", rule, {
      where,
      value: quotient(model.responseLength, firstLength?.responseLength),
      sentence: (value, limit) =>
        `${where} answers at ${fixed(value)} times the length of ${firstLength?.id}; the limit is ${fixed(limit)} times.`,
    }),
    ...above("trueAccuracyFall", rule, {
      where,
      value:
        bestAccuracy === -Infinity
          ? null
          : difference(bestAccuracy, model.trueAccuracy),
      sentence: (value, limit) =>
        `By the verifier, ${where} is ${points(value)} below the best earlier model; the limit is ${points(limit)}.`,
    }),
  ];
}

interface Measurement {
  readonly where: string;
  readonly value: number | null;
  readonly sentence: (value: number, limit: number) => string;
}

const above = bounded((value, limit) => value <= limit);
const below = bounded((value, limit) => value >= limit);

function bounded(holds: (value: number, limit: number) => boolean) {
  return (
    bound: StopBound,
    rule: StopRule,
    { where, value, sentence }: Measurement,
  ): StopReason[] => {
    const limit = rule[bound];
    if (limit === null || value === null || holds(value, limit)) return [];
    return [{ bound, where, value, limit, sentence: sentence(value, limit) }];
  };
}

function difference(
  from: number | null | undefined,
  to: number | null | undefined,
): number | null {
  return from == null || to == null ? null : from - to;
}

function quotient(
  value: number | null,
  base: number | null | undefined,
): number | null {
  return value === null || base == null ? null : value / base;
}
