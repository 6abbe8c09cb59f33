/**
 * @file How well a judge's scores agree with the truth, in the five terms of
 * Table 4 of Self-Rewarding Language Models (Yuan et al., arXiv 2401.10020).
 *
 * The paper's truth is a human ranking; ours is the verifier's graded score, which
 * can tie. A tie in truth asks nothing of the judge; a tie in the judge where the
 * truth has an order is a wrong answer, because no preference pair comes of it.
 * A missing judgement (malformed, abstained) is left out and counted, never read
 * as a low score.
 */
import { kendallTauB, spearman } from "./rank-correlation.js";
import { mean } from "../foundation/statistics.js";

/** One response with what the judge and the verifier say of it, both in 0..5. */
export interface JudgedResponse {
  /** The judge's mean score, fractions kept; null when it gave none. */
  readonly judge: number | null;
  readonly truth: number;
}

/** The responses to one prompt. */
export type JudgedPrompt = readonly JudgedResponse[];

export interface JudgeMetrics {
  /**
   * Of all pairs of responses to one prompt that differ in truth, the share the
   * judge puts in the right order. Judge ties count as wrong. 0..1.
   */
  readonly pairwiseAccuracy: number | null;
  /**
   * Of the responses the judge gives full marks, the share that are, in truth, the
   * best of their prompt (a shared first place counts). Full marks are a score of
   * at least `fullMarks`. 0..1; null when the judge gives none.
   */
  readonly fiveBest: number | null;
  /**
   * Of the prompts with at least one pair that differs in truth, the share where
   * the judge orders every such pair rightly. 0..1. With no ties in truth this is
   * the paper's "total ordering is the same".
   */
  readonly exactMatch: number | null;
  /** Spearman's ρ, averaged over prompts whose truth is not constant. −1..1. */
  readonly spearman: number | null;
  /** Kendall's τ-b, averaged as `spearman`. −1..1. */
  readonly kendall: number | null;
  /** Share of the pairs of `pairwiseAccuracy` on which the judge ties. 0..1. */
  readonly judgeTies: number | null;
  /** Pairs that differ in truth, with both sides judged. */
  readonly pairs: number;
  /** Prompts given. */
  readonly prompts: number;
  /** Responses left out for want of a judgement. */
  readonly unjudged: number;
  /** Mean of the judge's scores, 0..5. */
  readonly meanScore: number | null;
}

/**
 * A mean of samples or an expected score is a fraction, so "a perfect 5" is read
 * as "rounds to 5". For whole scores that is exactly 5, as in the paper.
 */
export const FULL_MARKS = 4.5;

/**
 * Measures one judge over many prompts.
 *
 * Odd cases: a judge that gives every response of a prompt the same score has a
 * rank correlation of 0 there (it says nothing; leaving the prompt out would
 * flatter it); prompts with one response, or constant truth, enter only
 * `fiveBest` and `meanScore`; a value with nothing to average is null.
 */
export function judgeMetrics(
  prompts: readonly JudgedPrompt[],
  options: { readonly fullMarks?: number } = {},
): JudgeMetrics {
  const fullMarks = options.fullMarks ?? FULL_MARKS;
  const tallies = prompts.map((prompt) => tallyPrompt(prompt, fullMarks));
  const sum = (pick: (tally: PromptTally) => number): number =>
    tallies.reduce((total, tally) => total + pick(tally), 0);
  const pairs = sum((tally) => tally.pairs);
  const ordered = tallies.filter((tally) => tally.pairs > 0);
  const scores = prompts
    .flat()
    .flatMap(({ judge }) => (judge === null ? [] : [judge]));
  return {
    pairwiseAccuracy: share(
      sum((tally) => tally.right),
      pairs,
    ),
    fiveBest: share(
      sum((tally) => tally.fullMarksBest),
      sum((tally) => tally.fullMarks),
    ),
    exactMatch: share(
      ordered.filter((tally) => tally.right === tally.pairs).length,
      ordered.length,
    ),
    spearman: mean(ordered.map((tally) => tally.spearman)),
    kendall: mean(ordered.map((tally) => tally.kendall)),
    judgeTies: share(
      sum((tally) => tally.judgeTies),
      pairs,
    ),
    pairs,
    prompts: prompts.length,
    unjudged: prompts.flat().length - scores.length,
    meanScore: mean(scores),
  };
}

/**
 * A judge on pairs of a right and a corrupted answer.
 * @param scores of right and corrupted answers of the fixed set, in turn
 */
export function fixedSetMetrics(
  scores: readonly (number | null)[],
): JudgeMetrics {
  return judgeMetrics(
    Array.from({ length: scores.length / 2 }, (_, i) => [
      { judge: scores[2 * i] ?? null, truth: 1 },
      { judge: scores[2 * i + 1] ?? null, truth: 0 },
    ]),
  );
}

/** Counts of one prompt; the correlations matter only where `pairs` > 0. */
interface PromptTally {
  readonly pairs: number;
  readonly right: number;
  readonly judgeTies: number;
  readonly fullMarks: number;
  readonly fullMarksBest: number;
  readonly spearman: number;
  readonly kendall: number;
}

function tallyPrompt(prompt: JudgedPrompt, fullMarks: number): PromptTally {
  const judge: number[] = [];
  const truth: number[] = [];
  for (const candidate of prompt) {
    if (candidate.judge === null) continue;
    judge.push(candidate.judge);
    truth.push(candidate.truth);
  }
  let pairs = 0;
  let right = 0;
  let judgeTies = 0;
  for (let i = 0; i < truth.length; i++) {
    for (let j = i + 1; j < truth.length; j++) {
      const asked = Math.sign((truth[i] as number) - (truth[j] as number));
      if (asked === 0) continue;
      const given = Math.sign((judge[i] as number) - (judge[j] as number));
      pairs++;
      if (given === 0) judgeTies++;
      if (given === asked) right++;
    }
  }
  // The best of the prompt is the best of all its responses, judged or not.
  const best = Math.max(...prompt.map((candidate) => candidate.truth));
  const praised = truth.filter(
    (_, index) => (judge[index] as number) >= fullMarks,
  );
  return {
    pairs,
    right,
    judgeTies,
    fullMarks: praised.length,
    fullMarksBest: praised.filter((value) => value === best).length,
    spearman: spearman(judge, truth) ?? 0,
    kendall: kendallTauB(judge, truth) ?? 0,
  };
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}
