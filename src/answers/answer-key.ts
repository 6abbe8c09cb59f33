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
import type { GenerationRequest } from "../generation/language-model.js";

/** A request over HTTP. */
export interface ServedRequest {
  /** What the answer is for: "generate", "score", "options". */
  readonly purpose: string;
  readonly identity: string;
  readonly path: string;
  readonly prompt: Prompt;
  /** Fields of the body that shape the answer, the maximum of tokens excepted. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly seed: number;
}

/** A request to a model that answers all samples at once. */
export interface DirectRequest {
  readonly kind: "generate";
  /** Changes when the meaning of a part does. */
  readonly version: 1;
  readonly identity: string;
  readonly request: GenerationRequest;
}

/**
 * Key of a request: of a served one without sample index and maximum of tokens
 * (`finishedKey`, `truncatedKey`), of a direct one as it is.
 */
export function requestKey(request: ServedRequest | DirectRequest): string {
  return hashOf(request);
}

/** Key of the samples from `sample` on that ended by themselves. */
export function finishedKey(request: string, sample: number): string {
  return sha256(`${request}/${sample}`);
}

/** Key of what came in the place of the samples that `finished` is the key of, and cannot be read. */
export function unreadKey(finished: string): string {
  return sha256(`${finished}/unread`);
}

/** Key of the samples from `sample` on of which one ran into `maxTokens`. */
export function truncatedKey(
  request: string,
  sample: number,
  maxTokens: number,
): string {
  return sha256(`${request}/${sample}/${maxTokens}`);
}
