/**
 * @file What a comparison of arms shows, in words. The page and the terminal lead with
 * it; the one run that a report holds in full is named as what it is.
 */
import type { Interval } from "../../evaluation/interval.js";
import { rangeInPoints, signed } from "../../text/number-words.js";
import {
  armGains,
  greedyAccuracyOf,
  seedWords,
  type ArmGains,
} from "./arm-gains.js";
import type { RunReport } from "./schema.js";
import type { VerdictKind } from "./verdict.js";

export interface ComparedArm {
  readonly name: string;
  /** Changes of right answers, shares. */
  readonly gains: ArmGains;
  /** `5 seeds`, with those that a stop rule ended unchanged. */
  readonly seeds: string;
}

export interface ComparisonVerdict {
  /** `compared` for several arms; that of the mean over seeds for a single one. */
  readonly kind: VerdictKind | "compared";
  readonly title: string;
  /** Whole sentences, most important first. */
  readonly sentences: readonly string[];
  readonly arms: readonly ComparedArm[];
  /** The run that the rest of the report shows: `arm self, seed 1`. */
  readonly detail: string;
}

/** The words for a report with arms; null for the report of one run. */
export function comparisonOf(report: RunReport): ComparisonVerdict | null {
  const [first, ...others] = report.arms;
  if (first === undefined) return null;
  const arms = report.arms.map((arm) => ({
    name: arm.name,
    gains: armGains(arm, greedyAccuracyOf),
    seeds: seedWords(arm),
  }));
  const kind =
    others.length > 0 ? "compared" : kindOf(armGains(first, greedyAccuracyOf));
  return {
    kind,
    title:
      kind === "compared"
        ? `${arms.length} arms side by side.`
        : SEED_TITLES[kind],
    sentences: sentencesOf(arms),
    arms,
    detail: `arm ${first.name}, seed ${report.seed}`,
  };
}

type SeedKind = "improved" | "worse" | "unclear" | "unmeasured";

const SEED_TITLES: Readonly<Record<SeedKind, string>> = {
  improved: "It gets better, seed after seed.",
  worse: "It gets worse, seed after seed.",
  unclear: "No clear change over the seeds.",
  unmeasured: "Nothing true to measure it by.",
};

/** One seed has no interval, so nothing is clear of zero. */
function kindOf({ mean, interval }: ArmGains): SeedKind {
  if (mean === null) return "unmeasured";
  if (interval !== null && interval.low > 0) return "improved";
  return interval !== null && interval.high < 0 ? "worse" : "unclear";
}

function sentencesOf(arms: readonly ComparedArm[]): string[] {
  const measured = arms.flatMap(({ name, gains, seeds }) =>
    gains.mean === null ? [] : [{ name, seeds, ...gains, mean: gains.mean }],
  );
  const [best] = [...measured].sort((a, b) => b.mean - a.mean);
  if (best === undefined)
    return [
      "No verifier scored the answers, so the arms cannot be compared by what is right.",
    ];
  const gained = `${gainWords(best)} (${best.seeds})`;
  return arms.length === 1
    ? [`Change of right answers, mean: ${gained}.`]
    : [
        best.mean > 0
          ? `The arm ${best.name} gained most: ${gained}.`
          : `No arm gained; ${best.name} did best: ${gained}.`,
        `Mean change of right answers, in points: ${measured.map(({ name, mean }) => `${name} ${signed(mean * 100, 1)}`).join(", ")}.`,
      ];
}

/** `+12.9 points [10.1, 15.6]`, without the interval where there is none. */
function gainWords(gains: {
  readonly mean: number;
  readonly interval: Interval | null;
}): string {
  const range = pointsRange(gains.interval);
  return `${signed(gains.mean * 100, 1)} points${range === null ? "" : ` ${range}`}`;
}

/** `[10.1, 15.6]`, in points. */
export function pointsRange(interval: Interval | null): string | null {
  return interval === null ? null : rangeInPoints(interval);
}
