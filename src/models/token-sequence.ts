/**
 * @file A tokenized example: what is left of a row when text becomes numbers.
 */

export interface TokenSequence {
  readonly ids: readonly number[];
  /** First token that is to be learned; at least 1, since token t is predicted from t − 1. */
  readonly completionStart: number;
  /** Loss weight of each completion token; all 1 when absent. */
  readonly weights?: readonly number[];
}

/** Number of tokens that carry loss. */
export function targetCount(sequence: TokenSequence): number {
  return Math.max(0, sequence.ids.length - sequence.completionStart);
}
