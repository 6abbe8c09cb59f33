/**
 * @file The cheapest thing that would help a judge that is too weak: a table of what may
 * be wrong with it, from what costs nothing to what needs other data or another judge.
 */
import type { Interval } from "./interval.js";

/** What was measured of a judge, whatever it is. */
export interface MeasuredJudge {
  readonly kind: "model" | "endpoint" | "reward-model";
  /** Whether scores are sampled judgements; otherwise they are weighed, or rewards. */
  readonly sampled: boolean;
  /** Share of pairs ranked rightly, 0 … 1; null when nothing was judged. */
  readonly accuracy: Interval | null;
  /** Share of the pairs whose scores are equal, 0 … 1. */
  readonly ties: number;
  /** Share of the answers that it gave no readable score, 0 … 1. */
  readonly unread: number;
  /** How much more often than is right it prefers the longer answer; 0 where unknown. */
  readonly leansLong?: number;
}

/** What the user turns, as a recipe or the command line calls it. */
export interface CureWords {
  readonly expected: string;
  readonly samples: string;
  readonly answer: string;
  readonly template: string;
  /** Further judge data for a model that can be taught. */
  readonly teach: string;
  /** Further rankings for a reward model. */
  readonly rank: string;
}

const OFTEN_UNREAD = 0.1;
const OFTEN_EQUAL = 0.2;
const LEANS = 0.1;

/** @param bar accuracy that is asked for, 0 … 1 */
export function cheapestCure(
  judge: MeasuredJudge,
  bar: number,
  words: CureWords,
): string {
  const { kind, sampled, accuracy, ties, unread, leansLong = 0 } = judge;
  const { expected, samples, answer, template, teach, rank } = words;
  const cures: readonly (readonly [boolean, string])[] = [
    [
      sampled && unread > OFTEN_UNREAD,
      `Many judgements cannot be read: try ${expected}, which weighs scores alone.`,
    ],
    [
      kind !== "reward-model" && unread > OFTEN_UNREAD,
      `It gives many answers no score: say in ${answer} how it writes one.`,
    ],
    [
      sampled && ties > OFTEN_EQUAL,
      `Many scores are equal: try ${expected}, or more ${samples}.`,
    ],
    [
      accuracy !== null && accuracy.mean >= bar,
      "Measure it on more pairs, which narrows the interval.",
    ],
    [
      sampled && accuracy !== null && accuracy.high >= bar,
      `It is close: more ${samples} average its noise away, and ${expected} has none.`,
    ],
    [
      kind !== "reward-model" && leansLong > LEANS,
      `It prefers long answers: say in ${template} that length earns nothing.`,
    ],
    [
      kind === "reward-model",
      `Train it longer or on more rankings (${rank}), or let a model judge.`,
    ],
    [
      kind === "endpoint",
      `It cannot be taught from here: reword ${template}, or name a larger model.`,
    ],
    [true, `Teach it on more judge data (${teach}), or let another judge.`],
  ];
  return cures.find(([applies]) => applies)?.[1] ?? "";
}
