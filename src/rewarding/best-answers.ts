/**
 * @file The highest-scored answer of each prompt: the paper's ablation that trains on
 * positive examples alone (Self-Rewarding, section 2.3).
 */
import { groupByPrompt, type JudgedCandidate } from "./candidate.js";
import { bestOf } from "./pair-rules/pair-rule.js";

/** In the order of the prompts; a prompt without an eligible answer gives none. */
export function bestAnswers(
  judged: readonly JudgedCandidate[],
  finishedOnly: boolean,
): JudgedCandidate[] {
  return [...groupByPrompt(judged).values()].flatMap(
    (candidates) => bestOf(candidates, finishedOnly) ?? [],
  );
}
