/**
 * @file ROUGE-L of two token lists, with the numbers of Google's `rouge_score`.
 *
 * P = lcs/|prediction|, R = lcs/|target|, F = 2PR/(P+R), computed in this order
 * in 64-bit floats, so every F equals the one of rouge_score 0.1.2 bit for bit,
 * and a decision at a threshold can never differ. F does not change when target
 * and prediction change places: products and sums commute and 2P is exact.
 *
 * Source: Lin 2004, "ROUGE", section 3.1; Self-Instruct (arXiv 2212.10560),
 * section 2.2, rejects an instruction whose F against any earlier one is above
 * 0.7.
 */
import { MatchMasks } from "./rouge-l-match-masks.js";

export interface RougeScore {
  /** All three in [0, 1]. */
  readonly precision: number;
  readonly recall: number;
  readonly fMeasure: number;
}

/**
 * F-measure of two lists of `leftLength` and `rightLength` tokens that share a
 * longest common subsequence of `lcs` tokens; 0 when a list is empty.
 */
export function rougeFMeasure(
  lcs: number,
  leftLength: number,
  rightLength: number,
): number {
  if (lcs === 0) return 0;
  const precision = lcs / rightLength;
  const recall = lcs / leftLength;
  return (2 * precision * recall) / (precision + recall);
}

/** ROUGE-L of `prediction` against `target`. */
export function rougeL(
  target: readonly string[],
  prediction: readonly string[],
): RougeScore {
  const lcs = lcsLength(target, prediction);
  if (lcs === 0) return { precision: 0, recall: 0, fMeasure: 0 };
  return {
    precision: lcs / prediction.length,
    recall: lcs / target.length,
    fMeasure: rougeFMeasure(lcs, target.length, prediction.length),
  };
}

/** Length of the longest common subsequence of two token lists. */
export function lcsLength(
  left: readonly string[],
  right: readonly string[],
): number {
  if (left.length === 0 || right.length === 0) return 0;
  const ids = new Map<string, number>();
  const numbers = Int32Array.from(left, (token) => {
    const id = ids.get(token) ?? ids.size;
    ids.set(token, id);
    return id;
  });
  const masks = new MatchMasks();
  masks.load(numbers, numbers.length);
  const others = Int32Array.from(right, (token) => ids.get(token) ?? -1);
  return masks.lcs(others, 0, others.length);
}
