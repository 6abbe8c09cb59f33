/**
 * @file What each arm of a comparison gained, seed by seed. One definition for the
 * page, the terminal and the verdict: the run's result (the model a stop rule kept,
 * else the last) minus the first trained model of the same seed.
 */
import type { Interval } from "../../evaluation/interval.js";
import { counted } from "../../text/number-words.js";
import { seedInterval } from "../../evaluation/seed-interval.js";
import type {
  ArmReport,
  ArmRunReport,
  GainReport,
  ModelReport,
} from "./schema.js";
import { mean } from "../../foundation/statistics.js";

/** A number of one model, null when it was not measured. */
export type ModelMeasure = (model: ModelReport) => number | null;

export const greedyAccuracyOf: ModelMeasure = ({ accuracy }) =>
  accuracy?.mean ?? null;
export const sampledAccuracyOf: ModelMeasure = ({ sampled }) =>
  sampled?.accuracy?.mean ?? null;

export interface ArmGains {
  /** One entry a seed that measured both ends. */
  readonly bySeed: readonly { readonly seed: number; readonly gain: number }[];
  readonly mean: number | null;
  /** Over seeds; null for fewer than two. */
  readonly interval: Interval | null;
}

/** Gains of one arm by one measure, in the unit of the measure. */
export function armGains(arm: ArmReport, measure: ModelMeasure): ArmGains {
  const bySeed = arm.runs.flatMap((run) => {
    const { first, last } = armEnds(run);
    const before = first === null ? null : measure(first);
    const after = last === null ? null : measure(last);
    return before === null || after === null
      ? []
      : [{ seed: run.seed, gain: after - before }];
  });
  const gains = bySeed.map(({ gain }) => gain);
  return { bySeed, mean: mean(gains), interval: seedInterval(gains) };
}

/**
 * The runs of an arm that a row of levels (M1, M2, …) averages: those that reached the
 * arm's furthest model, so that every number of the row is over the same seeds.
 */
export function furthestRuns({ runs }: ArmReport): readonly ArmRunReport[] {
  const furthest = Math.max(0, ...runs.map(({ models }) => models.length));
  return runs.filter(({ models }) => models.length === furthest);
}

/**
 * How many seeds stand behind an arm's gain, and how many of them ended as they began:
 * `2 seeds, 1 of 2 stopped: no change`. Such a run kept its first trained model, so its
 * gain is zero and is counted.
 */
export function seedWords({ runs }: ArmReport): string {
  const seeds = counted(runs.length, "seed");
  const unchanged = runs.filter((run) => {
    const { first, last } = armEnds(run);
    return run.stop !== null && first !== null && first === last;
  }).length;
  return unchanged === 0
    ? seeds
    : `${seeds}, ${unchanged} of ${runs.length} stopped: no change`;
}

/** The first trained model of a run and its result; null where there is none. */
export function armEnds({ models, stop }: ArmRunReport): {
  readonly first: ModelReport | null;
  readonly last: ModelReport | null;
} {
  const kept = models.find(({ id }) => id === stop?.kept);
  return {
    first: models.find(({ method }) => method !== "base") ?? null,
    last: kept ?? models.at(-1) ?? null,
  };
}

/** What was measured of the change from one model of a run to another. */
export function gainBetween(
  { gains }: ArmRunReport,
  first: ModelReport | null,
  last: ModelReport | null,
): GainReport | null {
  if (first === null || last === null || first === last) return null;
  return (
    gains.find(({ from, to }) => from === first.id && to === last.id) ?? null
  );
}
