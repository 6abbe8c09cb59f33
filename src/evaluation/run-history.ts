/**
 * @file What the warnings and the stop rule look at: one row a model, one a round,
 * oldest first. Every number may be null, for not measured; a null never fires
 * anything.
 */

/** One model after its evaluation. */
export interface ModelSnapshot {
  /** `M0`, `M1`, … */
  readonly id: string;
  /** Held-out accuracy by the verifier, 0..1. Truth: no training decision reads it. */
  readonly trueAccuracy: number | null;
  /** Held-out mean graded score by the verifier, 0..5. Truth, as above. */
  readonly trueScore: number | null;
  /** Mean score the model gives its own held-out answers, 0..5. */
  readonly selfReward: number | null;
  /** Share of the fixed set (right against corrupted answer) it ranks rightly, 0..1. */
  readonly fixedJudgeAccuracy: number | null;
  /** Mean answer length in tokens. */
  readonly responseLength: number | null;
}

/** One round, from prompts to pairs. */
export interface RoundSnapshot {
  /** The model that wrote, answered and judged. */
  readonly from: string;
  /** The model the round trained. */
  readonly to: string;
  /** Prompts that were answered. */
  readonly prompts: number;
  /** Judge samples asked for, malformed ones included. */
  readonly judgements: number;
  readonly malformed: number;
  /** Preference pairs kept. */
  readonly pairs: number;
  /** Distinct prompts over prompts written, before any filter, 0..1. */
  readonly distinctPrompts: number | null;
  /** Mean ROUGE-L of kept prompts to their nearest pool member, 0..1. */
  readonly promptSimilarity: number | null;
  /** Share of candidates whose score rounds to the most frequent value, 0..1. */
  readonly topScoreShare: number | null;
}

export interface RunHistory {
  readonly models: readonly ModelSnapshot[];
  readonly rounds: readonly RoundSnapshot[];
}
