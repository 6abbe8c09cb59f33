/**
 * @file The key of a purchase: everything that determines the answer, and nothing
 * else.
 *
 * In it: where the answer comes from (the model's identity), the endpoint's kind,
 * the prompt, the sampling parameters, the seed and the index of the sample. Not
 * in it: the number of samples asked for at once, so that four bought samples
 * serve a later request for six; and, for an answer that ended by itself, the
 * maximum of tokens, so that raising it buys only the truncated answers again.
 */
import { hashOf, sha256 } from "../foundation/hash.js";
import type { Prompt } from "../data/records.js";

export interface CallDescription {
  /** What the answer is for: "generate", "score", "options". */
  readonly purpose: string;
  readonly identity: string;
  readonly path: string;
  readonly prompt: Prompt;
  /** Fields of the body that shape the answer, the maximum of tokens excepted. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
}

/** Key of a request without sample index and maximum of tokens. */
export function requestKey(description: CallDescription): string {
  return hashOf(description);
}

/** Key of the samples from `sample` on that ended by themselves. */
export function finishedKey(request: string, sample: number): string {
  return sha256(`${request}/${sample}`);
}

/** Key of the samples from `sample` on of which one ran into `maxTokens`. */
export function truncatedKey(
  request: string,
  sample: number,
  maxTokens: number,
): string {
  return sha256(`${request}/${sample}/${maxTokens}`);
}
