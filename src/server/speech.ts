/**
 * @file One answer while it is written: its text in pieces that will not change any more.
 *
 * A token may be a part of a character, and the beginning of a stop text is no text if
 * the rest follows; such ends are held back until it is known what they are.
 */
import type { TextTokenizer } from "../checkpoints/tokenizer/tokenizer.js";
import type {
  DecodedSample,
  DecodedToken,
} from "../generation/decoding-batch.js";
import { firstStop } from "../generation/stop-texts.js";
import type { Ask } from "./hosted-model.js";
import { charactersOf, TokenShow, type ShownToken } from "./shown-tokens.js";

/** Text with its tokens, which are there where probabilities are asked for. */
export interface Piece {
  readonly text: string;
  readonly tokens: readonly ShownToken[];
}

/** A whole answer. */
export interface SpokenAnswer extends Piece {
  /** Generated, what ends the answer included. */
  readonly completionTokens: number;
  readonly finishReason: "stop" | "length";
}

export class Speech {
  readonly #tokenizer: TextTokenizer;
  readonly #ask: Ask;
  readonly #onPiece: ((piece: Piece) => void) | null;
  readonly #show: TokenShow;
  readonly #before: number;
  readonly #ids: number[] = [];
  readonly #tokens: ShownToken[] = [];
  #spoken = "";
  /** Tokens in the pieces so far. */
  #shown = 0;
  #speaking: Promise<void> | null = null;

  /** @param onPiece null where only the whole answer is wanted */
  constructor(
    tokenizer: TextTokenizer,
    ask: Ask,
    onPiece: ((piece: Piece) => void) | null,
  ) {
    this.#tokenizer = tokenizer;
    this.#ask = ask;
    this.#onPiece = onPiece;
    this.#before = charactersOf(ask.echo ?? "");
    this.#show = new TokenShow(tokenizer, this.#before);
  }

  /** Hears a token that was chosen. */
  hear({ token, logprob, alternatives }: DecodedToken): void {
    this.#ids.push(token);
    if (this.#ask.alternatives !== null)
      this.#tokens.push(this.#show.next(token, logprob, alternatives));
    if (this.#onPiece !== null) this.#speaking ??= this.#speak();
  }

  /** The whole answer, after its last piece. @throws what decoding throws */
  async end({ ids, finishReason }: DecodedSample): Promise<SpokenAnswer> {
    await this.#speaking;
    const text = await this.#tokenizer.decode(ids);
    const stop = firstStop(text, this.#ask.stop);
    const said = stop < 0 ? text : text.slice(0, stop);
    const tokens =
      stop < 0 ? this.#tokens : this.#tokens.slice(0, this.#countWithin(said));
    this.#emit(said, tokens.length);
    return {
      text: said,
      tokens,
      completionTokens: ids.length,
      finishReason,
    };
  }

  /** Says what is certain, again and again while tokens come. */
  async #speak(): Promise<void> {
    for (let heard = 0; heard < this.#ids.length;) {
      heard = this.#ids.length;
      const text = await this.#tokenizer.decode(this.#ids.slice(0, heard));
      const certain = certainPart(text, this.#ask.stop);
      if (certain.length > this.#spoken.length)
        this.#emit(certain, this.#countWithin(certain));
    }
    this.#speaking = null;
  }

  /** Tokens that begin within the text. */
  #countWithin(text: string): number {
    const end = this.#before + charactersOf(text);
    const beyond = this.#tokens.findIndex(({ offset }) => offset >= end);
    return beyond < 0 ? this.#tokens.length : beyond;
  }

  #emit(text: string, tokenCount: number): void {
    const tokens = this.#tokens.slice(this.#shown, tokenCount);
    const piece = { text: text.slice(this.#spoken.length), tokens };
    if (piece.text === "" && tokens.length === 0) return;
    this.#spoken = text;
    this.#shown = Math.max(this.#shown, tokenCount);
    this.#onPiece?.(piece);
  }
}

/** What of a text stays whatever comes: not half a character, nothing that may be a stop text. */
export function certainPart(text: string, stop: readonly string[]): string {
  const found = firstStop(text, stop);
  if (found >= 0) return text.slice(0, found);
  const whole = text.replace(/\ufffd+$/u, "");
  const held = Math.max(
    0,
    ...stop.map((end) => {
      let length = Math.min(end.length - 1, whole.length);
      while (length > 0 && !whole.endsWith(end.slice(0, length))) length--;
      return length;
    }),
  );
  return whole.slice(0, whole.length - held);
}
