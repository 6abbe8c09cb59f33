/**
 * @file What rankings are: several answers to one prompt, of which people, or whoever
 * scored them, said which are better.
 */

export interface RankedAnswer {
  readonly response: string;
  /** Smaller is better; equal ones were not told apart. */
  readonly rank: number;
}

export interface Ranking {
  readonly prompt: string;
  /** Best first; at least two that differ in rank. */
  readonly answers: readonly RankedAnswer[];
}

/** What is read of one row or tree, with why what is not taken was left out. */
export interface ReadRanking {
  /** Absent where the answers cannot be told apart. */
  readonly ranking?: Ranking;
  /** The answer to learn from; absent where none is good enough to. */
  readonly best?: { readonly prompt: string; readonly output: string };
  /** How many of what was left out, by reason. */
  readonly leftOut: Readonly<Record<string, number>>;
}

/** The answers best first, where they differ. */
export function rankingOf(
  prompt: string,
  answers: readonly RankedAnswer[],
): Ranking | undefined {
  const ordered = [...answers].sort((a, b) => a.rank - b.rank);
  const differ = ordered[0]?.rank !== ordered.at(-1)?.rank;
  return differ ? { prompt, answers: ordered } : undefined;
}
