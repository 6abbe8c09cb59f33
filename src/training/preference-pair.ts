/**
 * @file A preference pair as tokens: two answers to one prompt, which lie side by side in
 * a batch and compute their prompt once.
 */
import type { TextTokenizer } from "../checkpoints/tokenizer/tokenizer.js";
import type { Groups } from "../models/bundles.js";
import { encodePair } from "../models/encode-rows.js";
import type { TokenSequence } from "../models/token-sequence.js";
import type { DpoJob } from "./trainer.js";

export interface EncodedPair {
  readonly chosen: TokenSequence;
  readonly rejected: TokenSequence;
}

/** [chosen…, rejected…] */
export function sides(pairs: readonly EncodedPair[]): TokenSequence[] {
  return [
    ...pairs.map(({ chosen }) => chosen),
    ...pairs.map(({ rejected }) => rejected),
  ];
}

/** Of both sides, the prompt twice. */
export function pairTokens({ chosen, rejected }: EncodedPair): number {
  return chosen.ids.length + rejected.ids.length;
}

/** The two sides of a pair may be computed together, as indices into {@link sides}. */
export function pairGroups(pairs: readonly EncodedPair[]): Groups {
  return pairs.map((_, i) => [i, pairs.length + i]);
}

/** Tokens of a preference row; neither side is longer than `maxLength`. */
export async function encodePreference(
  tokenizer: TextTokenizer,
  { chosen: better, rejected: worse, ...asked }: DpoJob["rows"][number],
  maxLength: number,
): Promise<EncodedPair> {
  const [chosen, rejected] = await Promise.all([
    encodePair(tokenizer, { ...asked, completion: better }, maxLength),
    encodePair(tokenizer, { ...asked, completion: worse }, maxLength),
  ]);
  // Both sides share one prompt: it ends where the first of them leaves it.
  const completionStart = Math.min(
    chosen.completionStart,
    rejected.completionStart,
  );
  return {
    chosen: { ...chosen, completionStart },
    rejected: { ...rejected, completionStart },
  };
}
