/**
 * @file How far a judge may be trusted, measured on pairs of which the better answer is
 * known: how often it agrees, where, and what it leans to besides quality.
 *
 * Each answer is judged by itself and the higher score wins; equal scores count half
 * and are told. What could not be judged is left out and counted.
 */
import { mean } from "../foundation/statistics.js";
import { wilsonInterval, type Interval } from "./interval.js";

/** One answer with what the judge and the file say of it. */
export interface CalibratedAnswer {
  /** 0 … 5; null where the judge gave none. */
  readonly score: number | null;
  /** Larger is better, within the prompt. */
  readonly truth: number;
  /** Characters. */
  readonly length: number;
  /** Who wrote it, where that is known. */
  readonly model: string | null;
}

/** The answers to one prompt, in the order of the file. */
export interface CalibratedPrompt {
  readonly category: string | null;
  readonly answers: readonly CalibratedAnswer[];
}

/** Pairs, and the share of them the judge has right, 0 … 1, ties half. */
export interface Agreement {
  readonly pairs: number;
  readonly accuracy: number | null;
}

/** How often the one of a pair is preferred that has more of something, 0 … 1. */
export interface Leaning {
  /** Pairs that differ in it. */
  readonly pairs: number;
  readonly judge: number;
  readonly truth: number;
}

export interface Calibration {
  /** Mean over the prompts, with 95 % by Wilson's formula; null when nothing was judged. */
  readonly accuracy: Interval | null;
  /** Prompts, and pairs, on both sides of which there is a score. */
  readonly prompts: number;
  readonly pairs: number;
  /** Pairs left out for want of a score. */
  readonly unjudged: number;
  /** Share of the pairs on which both scores are equal, 0 … 1. */
  readonly ties: number | null;
  /** By name; empty where the file names none. */
  readonly categories: readonly (Agreement & { readonly category: string })[];
  /** By the distance of the scores: above the one before, up to `gap`. */
  readonly gaps: readonly (Agreement & { readonly gap: number })[];
  readonly longer: Leaning | null;
  /** By the place in the file; null where the better answer always has the same place. */
  readonly first: Leaning | null;
  /** Towards answers of the model that is named; null where no pair has one. */
  readonly own: Leaning | null;
}

interface Pair {
  readonly prompt: number;
  readonly category: string | null;
  readonly better: CalibratedAnswer & { readonly place: number };
  readonly worse: CalibratedAnswer & { readonly place: number };
  /** Score of the better one − score of the worse. */
  readonly lead: number;
}

/** Up to these distances of scores, each above the one before. */
const GAPS = [0.5, 1, 2, 5] as const;

/** @param own name of the judge's own model among those that wrote answers */
export function calibrate(
  prompts: readonly CalibratedPrompt[],
  own: string | null = null,
): Calibration {
  const all = prompts.flatMap(pairsOf);
  const pairs = all.filter(({ lead }) => !Number.isNaN(lead));
  const byPrompt = [...groups(pairs, ({ prompt }) => prompt).values()];
  const accuracy = mean(byPrompt.map((some) => agreement(some).accuracy ?? 0));
  const categories = groups(pairs, ({ category }) => category);
  categories.delete(null);
  const first = leaning(pairs, ({ place }) => -place);
  return {
    accuracy:
      accuracy === null ? null : wilsonInterval(accuracy, byPrompt.length),
    prompts: byPrompt.length,
    pairs: pairs.length,
    unjudged: all.length - pairs.length,
    ties: mean(pairs.map(({ lead }) => Number(lead === 0))),
    categories: [...categories].map(([category, some]) => ({
      category: category ?? "",
      ...agreement(some),
    })),
    gaps: GAPS.map((gap, i) => ({
      gap,
      ...agreement(
        pairs.filter(
          ({ lead }) =>
            Math.abs(lead) <= gap &&
            (i === 0 || Math.abs(lead) > (GAPS[i - 1] ?? 0)),
        ),
      ),
    })),
    longer: leaning(pairs, ({ length }) => length),
    first: first === null || [0, 1].includes(first.truth) ? null : first,
    own:
      own === null
        ? null
        : leaning(pairs, ({ model }) => Number(model === own)),
  };
}

/** Every two answers that differ in truth; the lead is NaN where one has no score. */
function pairsOf(
  { category, answers }: CalibratedPrompt,
  prompt: number,
): Pair[] {
  const placed = answers.map((answer, place) => ({ ...answer, place }));
  return placed.flatMap((better) =>
    placed
      .filter((worse) => better.truth > worse.truth)
      .map((worse) => ({
        prompt,
        category,
        better,
        worse,
        lead: (better.score ?? NaN) - (worse.score ?? NaN),
      })),
  );
}

/** 1 where the first is ahead, ½ where none is. */
const credit = (lead: number): number => (Math.sign(lead) + 1) / 2;

function agreement(pairs: readonly Pair[]): Agreement {
  return {
    pairs: pairs.length,
    accuracy: mean(pairs.map(({ lead }) => credit(lead))),
  };
}

function leaning(
  pairs: readonly Pair[],
  amount: (answer: Pair["better"]) => number,
): Leaning | null {
  const uneven = pairs
    .map(({ better, worse, lead }) => ({
      lead,
      more: Math.sign(amount(better) - amount(worse)),
    }))
    .filter(({ more }) => more !== 0);
  const judge = mean(uneven.map(({ lead, more }) => credit(lead * more)));
  const truth = mean(uneven.map(({ more }) => credit(more)));
  return judge === null || truth === null
    ? null
    : { pairs: uneven.length, judge, truth };
}

function groups<K>(
  pairs: readonly Pair[],
  keyOf: (pair: Pair) => K,
): Map<K, Pair[]> {
  const found = new Map<K, Pair[]>();
  for (const pair of pairs) {
    const key = keyOf(pair);
    const group = found.get(key);
    if (group === undefined) found.set(key, [pair]);
    else group.push(pair);
  }
  return found;
}
