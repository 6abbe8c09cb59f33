/**
 * @file The novelty filter without an index: every candidate against every kept
 * text. It defines what the index must answer.
 *
 * It shares with the index the LCS of two texts, which unit tests hold against
 * rouge_score, and nothing else: no bounds, no order, no lists.
 */
import { MatchMasks } from "../../src/text/rouge-l-match-masks.js";
import { rougeFMeasure } from "../../src/text/rouge-l.js";
import type { Neighbour } from "../../src/novelty/nearest-search.js";

export interface BruteForceRow {
  readonly accepted: boolean;
  /** Undefined for an empty pool only. */
  readonly nearest: Neighbour | undefined;
}

/** Decides about each text in turn; kept ones join the pool, numbered from 0. */
export function* bruteForceFilter(
  texts: Iterable<readonly string[]>,
  threshold: number,
): Generator<BruteForceRow> {
  const numbers = new Map<string, number>();
  const pool: Int32Array[] = [];
  const masks = new MatchMasks();
  for (const tokens of texts) {
    const text = Int32Array.from(tokens, (token) => {
      const number = numbers.get(token) ?? numbers.size;
      numbers.set(token, number);
      return number;
    });
    masks.load(text, text.length);
    let best = -1;
    let bestScore = -1;
    for (let id = 0; id < pool.length; id++) {
      const member = pool[id] as Int32Array;
      const lcs = masks.lcs(member, 0, member.length);
      const score = rougeFMeasure(lcs, member.length, text.length);
      if (score > bestScore) {
        best = id;
        bestScore = score;
      }
    }
    const accepted = !(bestScore > threshold);
    if (accepted) pool.push(text);
    yield {
      accepted,
      nearest: best < 0 ? undefined : { id: best, score: bestScore },
    };
  }
}
