/**
 * @file What has been bought from endpoints: the contract of the store that keeps
 * it.
 *
 * One row is one purchase: a request as it was sent (without the key) and the raw
 * answer, byte for byte. Nothing that can be worked out again (texts, scores) is
 * in it, so a changed parser costs nothing. A row is written whole or not at all,
 * never changed, and only for a usable answer: errors are not kept.
 */

/** What one request used, as the endpoint counted it. */
export interface CallUsage {
  readonly promptTokens: number;
  /** Part of `promptTokens` that the endpoint had in its own cache. */
  readonly cachedPromptTokens: number;
  readonly completionTokens: number;
  /** Millionths of a dollar, rounded up; 0 when the price is not known. */
  readonly costMicros: number;
}

export interface StoredCall {
  /** Address, path and body of the request; plain JSON, no secret. */
  readonly request: CallRequest;
  /** Body of the answer as it came. */
  readonly response: string;
  readonly usage: CallUsage;
}

export interface CallRequest {
  /** Where it went, or the name that stands for it in keys. */
  readonly endpoint: string;
  /** Below the base address: "/chat/completions". */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface CallStore {
  /** The purchase kept under `key`, if there is one. */
  get(key: string): StoredCall | undefined | Promise<StoredCall | undefined>;
  /**
   * Keeps a purchase; when this returns (or resolves) it survives the death of
   * the process. A key that is already there keeps its first answer.
   * @param key 64 hexadecimal digits
   * @throws STORAGE
   */
  put(key: string, call: StoredCall): void | Promise<void>;
}
