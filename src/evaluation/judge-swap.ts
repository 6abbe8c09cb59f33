/**
 * @file Every model judges every model's answers: separates better answers from a kinder
 * judge. Here is what is judged and what the scores amount to; who judges is the caller's.
 */
import { mean } from "../foundation/statistics.js";
import type { EvaluationSets } from "./evaluation-sets.js";
import { judgeMetrics, type JudgedResponse } from "./judge-metrics.js";
import type { MeasuredAnswer, Measurement } from "./measurement.js";
import type { VerifiedPrompt, Verifier } from "./verifiers/verifier.js";

export interface SwapItem {
  /** The held-out row. */
  readonly row: VerifiedPrompt;
  readonly prompt: string;
  readonly response: string;
  readonly finished: boolean;
}

/** Distinct answers of one model, greedy and sampled, to the held-out prompts. */
export function swapItems(
  { heldOut }: Pick<EvaluationSets, "heldOut">,
  { greedy, sampled }: Pick<Measurement, "greedy" | "sampled">,
): SwapItem[] {
  return heldOut.flatMap((row, i) => {
    const answers = [greedy[i], ...(sampled[i] ?? [])].filter(
      (answer): answer is MeasuredAnswer => answer !== undefined,
    );
    const distinct = new Map(answers.map((answer) => [answer.text, answer]));
    return [...distinct.values()].map(({ text, finished }) => ({
      row,
      prompt: row.prompt,
      response: text,
      finished,
    }));
  });
}

export interface SwapFigures {
  /** Of the judge, over the answers it could score; 0 … 5. */
  readonly meanScore: number | null;
  /** Of the verifier, over all answers; null where nobody knows. */
  readonly trueScore: number | null;
  /** The judge's order of the answers to one prompt against the verifier's, 0 … 1. */
  readonly pairwiseAccuracy: number | null;
}

/** What one judge's scores of one model's answers amount to. */
export function swapFigures(
  items: readonly SwapItem[],
  scores: readonly (number | null)[],
  verifier: Verifier | null,
): SwapFigures {
  const meanScore = mean(scores.filter((score) => score !== null));
  if (verifier === null)
    return { meanScore, trueScore: null, pairwiseAccuracy: null };
  const groups = new Map<string, JudgedResponse[]>();
  const truths = items.map(({ row, prompt, response, finished }, i) => {
    const truth = verifier.verify(row, response, finished)?.score ?? 0;
    const group = groups.get(prompt) ?? [];
    groups.set(prompt, [...group, { judge: scores[i] ?? null, truth }]);
    return truth;
  });
  return {
    meanScore,
    trueScore: mean(truths),
    pairwiseAccuracy: judgeMetrics([...groups.values()]).pairwiseAccuracy,
  };
}
