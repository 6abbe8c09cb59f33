/**
 * @file Who knows the truth about an answer. It measures; it is a reward only in the
 * control arm named for it.
 */

export interface Verdict {
  /** 0 … 5 */
  readonly score: number;
  readonly correct: boolean;
}

export interface Verifier {
  /**
   * Null when the prompt is no task this verifier can read.
   * @param finished whether the response ended by itself
   */
  verify(prompt: string, response: string, finished: boolean): Verdict | null;
  /** Kind of task, for breaking results down. */
  familyOf(prompt: string): string | null;
}
