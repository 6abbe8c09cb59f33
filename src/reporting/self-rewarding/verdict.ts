/**
 * @file What a run shows, in words: the first thing the page and the terminal say.
 *
 * The verdict rests on the verifier's paired difference between the first trained
 * model and the run's result, never on self-reward. Where the interval includes
 * zero it says so; it never rounds "unclear" up to "better".
 */
import type { Interval } from "../../evaluation/interval.js";
import {
  fixed,
  percent,
  rangeInPoints,
  signed,
} from "../../text/number-words.js";
import { armEnds, gainBetween } from "./arm-gains.js";
import type { GainReport, ModelReport, RunReport } from "./schema.js";

export const VERDICT_KINDS = [
  "improved",
  "unclear",
  "worse",
  "fooling-itself",
  "stopped",
  "gated",
  "no-round",
  "unmeasured",
] as const;

export type VerdictKind = (typeof VERDICT_KINDS)[number];

export interface RunVerdict {
  readonly kind: VerdictKind;
  /** A few words: "It did get better." */
  readonly title: string;
  /** The numbers that carry the title, most important first; whole sentences. */
  readonly sentences: readonly string[];
  /** Where the comparison begins: the first trained model. */
  readonly first: ModelReport | null;
  /** The run's result: the last model, or the one a stop rule kept. */
  readonly last: ModelReport | null;
  readonly gain: GainReport | null;
}

const TITLES: Readonly<Record<VerdictKind, string>> = {
  improved: "It did get better.",
  unclear: "No clear change.",
  worse: "It got worse.",
  "fooling-itself": "It is fooling itself.",
  stopped: "Stopped before any round helped.",
  gated: "Not begun: the judge is too weak.",
  "no-round": "No round was run.",
  unmeasured: "Nothing true to measure it by.",
};

/** Reads the verdict out of a report. */
export function runVerdict(report: RunReport): RunVerdict {
  const { first: taught, last } = armEnds(report);
  const first = taught ?? report.models[0] ?? null;
  const ends = { first, last, gain: gainBetween(report, first, last) };
  const kind = kindOf(report, ends);
  const sentences = sentencesOf(report, { kind, ...ends });
  return { kind, title: TITLES[kind], sentences, ...ends };
}

type Comparison = Pick<RunVerdict, "first" | "last" | "gain">;

function kindOf(
  report: RunReport,
  { first, last, gain }: Comparison,
): VerdictKind {
  if (report.gate !== null && !report.gate.passed && !report.gate.forced)
    return "gated";
  if (report.stop !== null && (report.stop.kept === null || last === first))
    return "stopped";
  if (last !== null && last === first && last.accuracy !== null)
    return "no-round";
  const accuracy = gain?.accuracy ?? null;
  const change = accuracy?.mean ?? accuracyChange(first, last);
  if (change === null) return "unmeasured";
  const deceived = report.warnings.some(
    ({ code, where }) => code === "reward-hacking" && where === last?.id,
  );
  const below = accuracy === null ? change < 0 : accuracy.high < 0;
  if (deceived && change <= 0) return "fooling-itself";
  if (below) return "worse";
  return accuracy !== null && accuracy.low > 0 ? "improved" : "unclear";
}

function sentencesOf(
  report: RunReport,
  comparison: Comparison & { readonly kind: VerdictKind },
): string[] {
  const { kind, first, last, gain } = comparison;
  if (kind === "gated") {
    return [
      ...(report.gate === null ? [] : [report.gate.sentence]),
      ...(first?.accuracy == null
        ? []
        : [`${first.id} answers ${percent(first.accuracy.mean)} right.`]),
    ];
  }
  return [
    ...accuracySentences(first, last, gain),
    ...rewardSentences(kind, first, last),
    ...judgeSentences(first, last),
    ...stopSentences(report),
    ...(report.gate?.forced === true
      ? ["The judge failed the gate and the run was forced to go on."]
      : []),
  ];
}

function accuracySentences(
  first: ModelReport | null,
  last: ModelReport | null,
  gain: GainReport | null,
): string[] {
  if (first?.accuracy == null || last?.accuracy == null) {
    return [
      "No verifier scored the answers, so this report can say what the model thinks of itself but not whether it is right.",
    ];
  }
  if (first === last)
    return [`${first.id} answers ${percent(first.accuracy.mean)} right.`];
  const change =
    gain?.accuracy == null
      ? `${signed((last.accuracy.mean - first.accuracy.mean) * 100, 1)} points`
      : pointsWithInterval(gain.accuracy);
  const sampled =
    gain?.sampledAccuracy == null || last.sampled === null
      ? []
      : [
          `Sampled at temperature ${last.sampled.temperature} the change is ${pointsWithInterval(gain.sampledAccuracy)}.`,
        ];
  return [
    `${last.id} answers ${percent(last.accuracy.mean)} right, ${first.id} ${percent(first.accuracy.mean)}: ${change}.`,
    ...sampled,
  ];
}

function rewardSentences(
  kind: VerdictKind,
  first: ModelReport | null,
  last: ModelReport | null,
): string[] {
  const before = first?.self;
  const after = last?.self;
  if (
    before?.reward == null ||
    before.truth === null ||
    after?.reward == null ||
    after.truth === null ||
    first === last
  )
    return [];
  const believed = `It rates its own answers ${fixed(after.reward.mean)} of 5, ${from(before.reward, after.reward)}`;
  const deserved = `the verifier gives them ${fixed(after.truth.mean)}, ${from(before.truth, after.truth)}`;
  return kind === "fooling-itself"
    ? [`Reward up, truth down: ${lowerFirst(believed)}; ${deserved}.`]
    : [`${believed}; ${deserved}.`];
}

function judgeSentences(
  first: ModelReport | null,
  last: ModelReport | null,
): string[] {
  const now = last?.judgeFixed?.pairwiseAccuracy ?? null;
  const before = first?.judgeFixed?.pairwiseAccuracy ?? null;
  if (now === null || last === null) return [];
  const history =
    before === null || first === null || first === last
      ? ""
      : ` (${first.id}: ${percent(before)})`;
  return [
    `As judge, ${last.id} ranks a right answer above a corrupted one ${percent(now)} of the time${history}.`,
  ];
}

function stopSentences(report: RunReport): string[] {
  if (report.stop === null) return [];
  const kept =
    report.stop.kept === null
      ? "no model is kept"
      : `${report.stop.kept} is kept`;
  return [
    `The stop rule ended the run and ${kept}: ${report.stop.reasons.map(({ sentence }) => sentence).join(" ")}`,
  ];
}

/** A difference of accuracies: `+12.9 points [10.1, 15.6]`. */
export function pointsWithInterval(difference: Interval): string {
  return `${signed(difference.mean * 100, 1)} points ${rangeInPoints(difference)}`;
}

function accuracyChange(
  first: ModelReport | null,
  last: ModelReport | null,
): number | null {
  if (first?.accuracy == null || last?.accuracy == null || first === last)
    return null;
  return last.accuracy.mean - first.accuracy.mean;
}

/** As the numbers are shown: what looks equal did not move. */
function from(before: Interval, after: Interval): string {
  const [was, is] = [fixed(before.mean), fixed(after.mean)];
  if (was === is) return "as before";
  return `${after.mean < before.mean ? "down" : "up"} from ${was}`;
}

function lowerFirst(sentence: string): string {
  return sentence.charAt(0).toLowerCase() + sentence.slice(1);
}
