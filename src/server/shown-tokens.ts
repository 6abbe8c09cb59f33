/**
 * @file Tokens as answers show them: bytes, probability, and where in the text they begin.
 */
import type { TextTokenizer } from "../checkpoints/tokenizer/tokenizer.js";
import type { TokenChoice } from "../generation/sampling.js";

export interface ShownToken {
  readonly bytes: Uint8Array;
  /** Null for the first of a text, before which there is nothing. */
  readonly logprob: number | null;
  readonly alternatives: readonly {
    readonly bytes: Uint8Array;
    readonly logprob: number;
  }[];
  /** Characters of the text before it. */
  readonly offset: number;
}

/** Shows the tokens of one text in their order. */
export class TokenShow {
  readonly #tokenizer: TextTokenizer;
  readonly #silent: ReadonlySet<number>;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #offset: number;

  /** @param offset characters before the first token */
  constructor(tokenizer: TextTokenizer, offset: number) {
    this.#tokenizer = tokenizer;
    this.#offset = offset;
    this.#silent = new Set(
      tokenizer.addedTokens
        .filter(({ special }) => special)
        .map(({ id }) => id),
    );
  }

  next(
    token: number,
    logprob: number | null,
    alternatives: readonly TokenChoice[],
  ): ShownToken {
    const bytes = this.#tokenizer.tokenBytes(token);
    const offset = this.#offset;
    // Special tokens are no part of the text.
    if (!this.#silent.has(token))
      this.#offset += charactersOf(
        this.#decoder.decode(bytes, { stream: true }),
      );
    return {
      bytes,
      logprob,
      offset,
      alternatives: alternatives.map((each) => ({
        bytes: this.#tokenizer.tokenBytes(each.token),
        // One number for one token, whatever way it was computed.
        logprob:
          each.token === token && logprob !== null ? logprob : each.logprob,
      })),
    };
  }
}

/** Code points, which is what Python counts. */
export function charactersOf(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}
