/**
 * @file How much alike the instructions are: clusters of near-duplicates,
 * similarity to the seeds, and whether the pool collapses as it grows.
 *
 * All similarities are ROUGE-L F-measures under the pack's tokenizer, the measure
 * by which the loop accepted the instructions.
 */
import {
  NOVELTY_TOKENIZERS,
  type NoveltyTokenizer,
} from "../../novelty/novelty-tokenizer.js";
import { NoveltyIndex } from "../../novelty/novelty-index.js";
import { histogram } from "./length-statistics.js";
import type { Cluster, SeedSimilarity, TrendWindow } from "./report-schema.js";
import { mean } from "../../foundation/statistics.js";

/**
 * Groups of two or more: an instruction joins the group of the most similar
 * earlier one if that scores above `threshold`. Largest first.
 */
export function nearDuplicateClusters(
  instructions: readonly string[],
  options: { readonly tokenizer: NoveltyTokenizer; readonly threshold: number },
): readonly Cluster[] {
  const tokenize = NOVELTY_TOKENIZERS[options.tokenizer];
  const index = new NoveltyIndex({ threshold: options.threshold });
  const groupOf: number[] = [];
  const groups = new Map<number, string[]>();
  instructions.forEach((instruction, place) => {
    const tokens = tokenize(instruction);
    const decision = index.probe(tokens);
    const group = decision.accepted
      ? place
      : (groupOf[decision.nearest.id] ?? place);
    groupOf.push(group);
    groups.set(group, [...(groups.get(group) ?? []), instruction]);
    index.add(tokens);
  });
  return [...groups.values()]
    .filter((members) => members.length > 1)
    .sort((a, b) => b.length - a.length)
    .map((members) => ({ instructions: members }));
}

/** The largest ROUGE-L of each instruction with any seed instruction. */
export function seedSimilarity(
  instructions: readonly string[],
  seeds: readonly string[],
  tokenizer: NoveltyTokenizer,
): SeedSimilarity {
  const tokenize = NOVELTY_TOKENIZERS[tokenizer];
  const index = new NoveltyIndex();
  for (const seed of seeds) index.add(tokenize(seed));
  const scores = instructions.map(
    (instruction) => index.nearest(tokenize(instruction))?.score ?? 0,
  );
  const edges = Array.from({ length: 10 }, (_, tenth) => tenth / 10);
  return {
    mean: mean(scores) ?? 0,
    histogram: histogram(scores, edges, 1.01),
  };
}

/**
 * What becomes of the pool as it grows: a collapsing pool shows rising similarity
 * and falling distinct pairs. Windows of `size` instructions, a last short one
 * left out unless it is the only one.
 */
export function poolTrend(
  instructions: readonly string[],
  seeds: readonly string[],
  options: { readonly tokenizer: NoveltyTokenizer; readonly size: number },
): readonly TrendWindow[] {
  const tokenize = NOVELTY_TOKENIZERS[options.tokenizer];
  const index = new NoveltyIndex();
  const known = new Set<string>();
  const include = (tokens: readonly string[]): void => {
    index.add(tokens);
    for (const token of tokens) known.add(token);
  };
  for (const seed of seeds) include(tokenize(seed));
  const windows: TrendWindow[] = [];
  for (let from = 0; from < instructions.length; from += options.size) {
    const members = instructions
      .slice(from, from + options.size)
      .map((instruction) => tokenize(instruction));
    if (members.length < options.size && windows.length > 0) break;
    windows.push(trendWindow(members, { from, index, known, include }));
  }
  return windows;
}

function trendWindow(
  members: readonly (readonly string[])[],
  pool: {
    readonly from: number;
    readonly index: NoveltyIndex;
    readonly known: ReadonlySet<string>;
    readonly include: (tokens: readonly string[]) => void;
  },
): TrendWindow {
  const scores: number[] = [];
  const pairs: string[] = [];
  let tokenCount = 0;
  let unknown = 0;
  for (const tokens of members) {
    scores.push(pool.index.nearest(tokens)?.score ?? 0);
    tokens.forEach((token, place) => {
      tokenCount++;
      if (!pool.known.has(token)) unknown++;
      const next = tokens[place + 1];
      if (next !== undefined) pairs.push(`${token} ${next}`);
    });
    pool.include(tokens);
  }
  return {
    from: pool.from,
    size: members.length,
    similarity: mean(scores) ?? 0,
    distinctPairs: pairs.length === 0 ? 0 : new Set(pairs).size / pairs.length,
    newTokens: tokenCount === 0 ? 0 : unknown / tokenCount,
  };
}
