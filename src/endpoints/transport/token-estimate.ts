/**
 * @file How many tokens a request will use and an answer used, where nobody counted them.
 *
 * A prompt's tokens are guessed from its bytes, high until the endpoint has counted some;
 * an answer that went beyond its maximum makes room for the next ones to do so.
 */
import type { ParsedAnswer } from "./answer.js";
import type { TokenCounts } from "../spending/prices.js";

/** What of a request decides its tokens. */
export interface Sized {
  /** Most tokens of all choices together. */
  readonly maxTokens: number;
  /** Bytes of prompt text. */
  readonly promptBytes: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Prompt tokens are guessed high until the endpoint has counted some. */
const FIRST_TOKENS_PER_BYTE = 0.5;
const GUESS_MARGIN = 1.25;
/** Of English, and of Chinese in most vocabularies. */
const LIKELY_TOKENS_PER_BYTE = 0.3;
/** Chat templates and special tokens. */
const OVERHEAD_TOKENS = 32;

export class TokenEstimate {
  readonly #thoughtTokens: number;
  /** Highest seen so far; a guess must not be too low. */
  #tokensPerByte = 0;
  /** Most tokens that an answer had beyond the maximum it was given. */
  #excessTokens = 0;

  /** @param thoughtTokens of thoughts that an answer may have on top of its own */
  constructor(thoughtTokens: number) {
    this.#thoughtTokens = thoughtTokens;
  }

  /** What a prompt most likely has; `ahead` guesses higher. */
  prompt({ promptBytes }: Pick<Sized, "promptBytes">): number {
    const perByte = this.#tokensPerByte || LIKELY_TOKENS_PER_BYTE;
    return Math.ceil(perByte * promptBytes) + OVERHEAD_TOKENS;
  }

  /** The most that a request will use. */
  ahead(request: Sized): TokenCounts {
    const perByte = this.#tokensPerByte || FIRST_TOKENS_PER_BYTE;
    return {
      promptTokens:
        Math.ceil(GUESS_MARGIN * perByte * request.promptBytes) +
        OVERHEAD_TOKENS,
      cachedPromptTokens: 0,
      completionTokens: this.#most(request) + this.#excessTokens,
    };
  }

  /** What the endpoint counted, and a guess where it did not. */
  afterwards(request: Sized, { usage, choices }: ParsedAnswer): TokenCounts {
    const { promptBytes } = request;
    if (usage?.promptTokens !== undefined && promptBytes > 0)
      this.#tokensPerByte = Math.max(
        this.#tokensPerByte,
        Math.max(0, usage.promptTokens - OVERHEAD_TOKENS) / promptBytes,
      );
    const bytes = choices.reduce(
      (sum, choice) => sum + Buffer.byteLength(choice.text),
      0,
    );
    const total = usage?.totalTokens ?? Infinity;
    const promptTokens =
      usage?.promptTokens ??
      Math.min(total, Math.ceil(FIRST_TOKENS_PER_BYTE * promptBytes));
    const counted =
      usage?.completionTokens ?? Math.ceil(FIRST_TOKENS_PER_BYTE * bytes);
    const completionTokens = Number.isFinite(total)
      ? Math.max(counted, total - promptTokens)
      : counted;
    this.#excessTokens = Math.max(
      this.#excessTokens,
      completionTokens - this.#most(request),
      // Thoughts beside the completion are as long whatever its maximum is.
      usage?.outsideTokens ?? 0,
    );
    return {
      promptTokens,
      cachedPromptTokens: usage?.cachedPromptTokens ?? 0,
      completionTokens,
    };
  }

  /** Most tokens of all choices and their thoughts together. */
  #most({ maxTokens, body }: Sized): number {
    const choices = typeof body["n"] === "number" ? body["n"] : 1;
    return maxTokens + this.#thoughtTokens * choices;
  }
}
