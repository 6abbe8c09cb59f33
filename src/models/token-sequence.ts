/**
 * @file A tokenized example: what is left of a row when text becomes numbers.
 */

export interface TokenSequence {
  readonly ids: readonly number[];
  /** First token that is to be learned; at least 1, since token t is predicted from t − 1. */
  readonly completionStart: number;
  /** Loss weight of each completion token; all 1 when absent. */
  readonly weights?: readonly number[];
  /** Tokens of which each is a target after the last token of `ids`, besides the completion. */
  readonly options?: readonly number[];
}

/** Number of targets: completion tokens and options. */
export function targetCount(sequence: TokenSequence): number {
  const { ids, completionStart, options } = sequence;
  return Math.max(0, ids.length - completionStart) + (options?.length ?? 0);
}
