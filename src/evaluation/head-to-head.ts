/**
 * @file Win, tie and lose counts of two models over the same prompts.
 *
 * Knows nothing of who gave the scores: the verifier and a model's own judge go
 * through the same function, which is what makes them comparable.
 */
import { assertPaired } from "./interval.js";

/** From the left side's point of view; win + tie + lose = prompts compared. */
export interface WinTieLose {
  readonly win: number;
  readonly tie: number;
  readonly lose: number;
}

/**
 * Compares per-prompt scores. A prompt that either side has no score for (null)
 * is left out of all three counts.
 * @param left one score a prompt
 * @param right the same prompts, in the same order
 * @param margin the left must lead by more than this to win, trail by more to
 *   lose; 0 when absent. Fractional judge scores hardly ever tie without one.
 */
export function headToHead(
  left: readonly (number | null)[],
  right: readonly (number | null)[],
  margin = 0,
): WinTieLose {
  assertPaired(left, right);
  let win = 0;
  let tie = 0;
  let lose = 0;
  for (const [index, score] of left.entries()) {
    const other = right[index] ?? null;
    if (score === null || other === null) continue;
    if (score - other > margin) win++;
    else if (other - score > margin) lose++;
    else tie++;
  }
  return { win, tie, lose };
}
