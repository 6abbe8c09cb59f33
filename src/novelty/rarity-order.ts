/**
 * @file One order of all tokens, rarest first, that stays fixed between rebuilds.
 *
 * Prefix filtering is exact for any order as long as every record and every
 * probe use the same one; it is fast when rare tokens come first. `rebuild`
 * takes the order from occurrence counts. A token that first appears later comes
 * before all others, the newest first, and keeps that place until the next
 * rebuild. Unknown tokens come first of all.
 *
 * Equal tokens of a text are ordered by position, so the tokens of a common
 * subsequence have the same order on both sides.
 */
import { grown } from "./growable-array.js";
import type { TokenDictionary } from "./token-dictionary.js";

/** Insertion sort is the faster one up to here. */
const SHORT = 48;

export class RarityOrder {
  #ranks = new Int32Array(1024);
  #ranked = 0;
  #newest = 0;

  /** Orders all tokens of the dictionary by how often they occur. */
  rebuild(dictionary: TokenDictionary): void {
    const { occurrences, size } = dictionary;
    const keys = new Float64Array(size);
    for (let token = 0; token < size; token++) {
      keys[token] = (occurrences[token] as number) * 2 ** 31 + token;
    }
    keys.sort();
    this.#ranks = grown(this.#ranks, size);
    keys.forEach((key, rank) => {
      this.#ranks[key % 2 ** 31] = rank;
    });
    this.#ranked = size;
    this.#newest = 0;
  }

  /** Gives places to the tokens added since the last call. */
  include(dictionary: TokenDictionary): void {
    if (this.#ranked === dictionary.size) return;
    this.#ranks = grown(this.#ranks, dictionary.size);
    while (this.#ranked < dictionary.size) {
      this.#ranks[this.#ranked++] = --this.#newest;
    }
  }

  /** Fills `out` with `tokens[start, start + length)`, rarest first. */
  sort(
    tokens: Int32Array,
    start: number,
    length: number,
    out: SortedTokens,
  ): void {
    out.reserve(length);
    if (length <= SHORT) this.#sortShort(tokens, start, length, out);
    else this.#sortLong(tokens, start, length, out);
    out.length = length;
  }

  #rank(token: number): number {
    return token < 0 ? this.#newest - 1 : (this.#ranks[token] as number);
  }

  #sortShort(
    tokens: Int32Array,
    start: number,
    length: number,
    out: SortedTokens,
  ): void {
    const { ranks, tokens: sorted, positions } = out;
    for (let i = 0; i < length; i++) {
      const token = tokens[start + i] as number;
      const rank = this.#rank(token);
      let j = i;
      for (; j > 0 && (ranks[j - 1] as number) > rank; j--) {
        ranks[j] = ranks[j - 1] as number;
        sorted[j] = sorted[j - 1] as number;
        positions[j] = positions[j - 1] as number;
      }
      ranks[j] = rank;
      sorted[j] = token;
      positions[j] = i;
    }
  }

  #sortLong(
    tokens: Int32Array,
    start: number,
    length: number,
    out: SortedTokens,
  ): void {
    const keys = new Float64Array(length);
    for (let i = 0; i < length; i++) {
      const rank = this.#rank(tokens[start + i] as number);
      // Ranks above the lowest possible one, so that no key is negative.
      keys[i] = (rank - (this.#newest - 1)) * length + i;
    }
    keys.sort();
    keys.forEach((key, i) => {
      const position = key % length;
      out.positions[i] = position;
      out.tokens[i] = tokens[start + position] as number;
    });
  }
}

/** A text's tokens, rarest first, each with its position in the text. */
export class SortedTokens {
  tokens = new Int32Array(64);
  positions = new Int32Array(64);
  /** Scratch of the sort. */
  ranks = new Int32Array(64);
  length = 0;

  reserve(length: number): void {
    if (length <= this.tokens.length) return;
    this.tokens = new Int32Array(length * 2);
    this.positions = new Int32Array(length * 2);
    this.ranks = new Int32Array(length * 2);
  }
}
