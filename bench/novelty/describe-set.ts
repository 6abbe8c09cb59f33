/**
 * @file What a set of instructions looks like: lengths, frequencies, growth.
 */
import { wordTokens } from "../../src/text/word-tokens.js";

export interface SetDescription {
  readonly instructions: number;
  readonly words: number;
  readonly meanWords: number;
  /** Words at the 5th, 25th, 50th, 75th, 95th and 99th percentile. */
  readonly lengthPercentiles: readonly number[];
  /** Share of the text that the word of each rank has. */
  readonly shareOfRank: readonly (readonly [rank: number, share: number])[];
  /** Distinct words after so many. */
  readonly vocabulary: readonly (readonly [words: number, distinct: number])[];
}

const PERCENTILES = [0.05, 0.25, 0.5, 0.75, 0.95, 0.99];
const RANKS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000];

export function describeSet(texts: readonly string[]): SetDescription {
  const counts = new Map<string, number>();
  const vocabulary: (readonly [number, number])[] = [];
  const lengths: number[] = [];
  let words = 0;
  let milestone = 1000;
  for (const text of texts) {
    const tokens = wordTokens(text);
    lengths.push(tokens.length);
    for (const token of tokens) {
      counts.set(token, (counts.get(token) ?? 0) + 1);
      if (++words === milestone) {
        vocabulary.push([words, counts.size]);
        milestone *= 10;
      }
    }
  }
  vocabulary.push([words, counts.size]);
  lengths.sort((a, b) => a - b);
  const falling = [...counts.values()].sort((a, b) => b - a);
  return {
    instructions: texts.length,
    words,
    meanWords: words / texts.length,
    lengthPercentiles: PERCENTILES.map(
      (share) => lengths[Math.floor(share * lengths.length)] as number,
    ),
    shareOfRank: RANKS.map((rank) => [rank, (falling[rank - 1] ?? 0) / words]),
    vocabulary,
  };
}
