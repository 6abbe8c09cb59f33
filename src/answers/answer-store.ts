/**
 * @file What models have answered: the contract of every store that keeps it.
 *
 * One entry is one purchase: a request as it was sent (without the key) and the raw
 * answer, byte for byte. Nothing that can be worked out again (texts, scores) is
 * in it, so a changed parser costs nothing. An entry is written whole or not at all,
 * never changed, and only for a usable answer: errors are not kept.
 */
import { z } from "zod";

const count = z.int().nonnegative();

/** An entry as it is read from a file or a database. */
export const storedAnswerSchema = z.object({
  /** Address, path and body of the request; plain JSON, no secret. */
  request: z.object({
    /** Where it went, or the name that stands for it in keys. */
    endpoint: z.string(),
    /** Below the base address: "/chat/completions". */
    path: z.string(),
    body: z.record(z.string(), z.unknown()),
  }),
  /** Body of the answer as it came. */
  response: z.string(),
  /** What the request used, as the endpoint counted it. */
  usage: z.object({
    promptTokens: count,
    /** Part of `promptTokens` that the endpoint had in its own cache. */
    cachedPromptTokens: count,
    completionTokens: count,
    /** Millionths of a dollar, rounded up; 0 when the price is not known. */
    costMicros: count,
  }),
});

export type StoredAnswer = Readonly<z.infer<typeof storedAnswerSchema>>;

export interface AnswerStore {
  /** The purchase kept under `key`, if there is one. */
  get(
    key: string,
  ): StoredAnswer | undefined | Promise<StoredAnswer | undefined>;
  /**
   * Keeps a purchase; when this returns (or resolves) it survives the death of
   * the process. A key that is already there keeps its first answer.
   * @param key 64 hexadecimal digits
   * @throws STORAGE
   */
  put(key: string, answer: StoredAnswer): void | Promise<void>;
}
