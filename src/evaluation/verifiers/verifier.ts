/**
 * @file Who knows the truth about an answer. It measures; it is a reward only in the
 * control arm named for it.
 */
import type { Followed } from "./constraints/constraints.js";

export interface Verdict {
  /** 0 … 5 */
  readonly score: number;
  readonly correct: boolean;
  /** Of an answer that was held to constraints: which of them it follows. */
  readonly followed?: Followed;
}

/** A prompt with what else its row says, such as its constraints or its answer. */
export interface VerifiedPrompt {
  readonly prompt: string;
  readonly [field: string]: unknown;
}

export interface Verifier {
  /**
   * Null when the prompt is no task this verifier can read.
   * @param finished whether the response ended by itself
   */
  verify(
    row: VerifiedPrompt,
    response: string,
    finished: boolean,
  ): Verdict | null;
  /** Kind of task, for breaking results down; null when it cannot be read. */
  familyOf(row: VerifiedPrompt): string | null;
}
