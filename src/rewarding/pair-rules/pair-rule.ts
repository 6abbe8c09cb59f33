/**
 * @file What a rule for preference pairs is: the judged answers to one prompt in, a pair
 * or the reason for none out.
 *
 * Only scored answers take part; an answer without a score is never on either side.
 */
import type { JudgedCandidate } from "../candidate.js";

export type Scored = Pick<JudgedCandidate, "score" | "finished">;

export interface PairSettings {
  /** A pair needs a score difference above this. */
  readonly minMargin: number;
  /** The chosen answer must have ended by itself. */
  readonly finishedOnly: boolean;
}

/** Why a prompt gives no pair. */
export type NoPair = "too-few-scored" | "unfinished" | "tie" | "small-margin";

export type PairChoice<C> =
  { readonly chosen: C; readonly rejected: C } | { readonly rule: NoPair };

export type PairRule = <C extends Scored>(
  candidates: readonly C[],
  settings: PairSettings,
) => PairChoice<C>;

/** The best of the scored answers, the earlier one where scores are equal; undefined for none. */
export function bestOf<C extends Scored>(
  candidates: readonly C[],
  finishedOnly: boolean,
): C | undefined {
  return candidates
    .filter(
      ({ score, finished }) => score !== null && (finished || !finishedOnly),
    )
    .reduce<C | undefined>(
      (best, next) =>
        best === undefined || scoreOf(next) > scoreOf(best) ? next : best,
      undefined,
    );
}

/** Of a scored answer. */
export function scoreOf({ score }: Scored): number {
  return score ?? Number.NaN;
}
