/**
 * @file Longest common subsequences of one text against many, bit-parallel.
 *
 * Allison & Dix 1986 in the form of Hyyrö 2004: column j of the dynamic
 * programme is one bit vector V over the positions of the loaded text, where a
 * zero marks a position at which the LCS grows. For each token of the other
 * text, with M the positions where that token occurs in the loaded one:
 *
 *   U = V & M,  V' = (V + U) | (V & ~M)
 *
 * and the LCS is the number of zeros in the end. Positions are cut into 32-bit
 * words; up to 32 tokens need one word and no carries. The masks M are made once
 * when a text is loaded and serve every comparison until the next one.
 *
 * Tokens are small non-negative integers; a negative one matches nothing.
 */

const WORD_BITS = 32;

export class MatchMasks {
  /**
   * By token: for texts of one word, M itself; for longer ones, 1 + the slot of
   * the token's masks in `masks`. 0 for tokens that do not occur.
   */
  #entryOf = new Int32Array(1024);
  /** Masks of long texts, [slots, words]. */
  #masks = new Int32Array(0);
  /** V of long texts, [words]. */
  #column = new Int32Array(0);
  #loaded = new Int32Array(0);
  #length = 0;
  #words = 1;

  /** Makes `tokens[0, length)` the text that `lcs` compares with. */
  load(tokens: Int32Array, length: number): void {
    this.#unload();
    if (this.#loaded.length < length) this.#loaded = new Int32Array(length * 2);
    this.#loaded.set(tokens.subarray(0, length));
    this.#length = length;
    this.#words = Math.max(1, Math.ceil(length / WORD_BITS));
    let largest = 0;
    for (let i = 0; i < length; i++) {
      if ((tokens[i] as number) > largest) largest = tokens[i] as number;
    }
    if (largest >= this.#entryOf.length) {
      this.#entryOf = new Int32Array(2 * largest + 2);
    }
    if (this.#words === 1) this.#loadShort(tokens, length);
    else this.#loadLong(tokens, length);
  }

  /** LCS of the loaded text and `tokens[start, end)`. */
  lcs(tokens: Int32Array, start: number, end: number): number {
    return this.#words === 1
      ? this.#lcsShort(tokens, start, end)
      : this.#lcsLong(tokens, start, end);
  }

  #loadShort(tokens: Int32Array, length: number): void {
    for (let i = 0; i < length; i++) {
      const token = tokens[i] as number;
      if (token >= 0) {
        this.#entryOf[token] = (this.#entryOf[token] as number) | (1 << i);
      }
    }
  }

  #loadLong(tokens: Int32Array, length: number): void {
    const words = this.#words;
    const size = length * words;
    if (this.#masks.length < size) this.#masks = new Int32Array(size);
    else this.#masks.fill(0, 0, size);
    if (this.#column.length < words) this.#column = new Int32Array(words);
    let slots = 0;
    for (let i = 0; i < length; i++) {
      const token = tokens[i] as number;
      if (token < 0) continue;
      let entry = this.#entryOf[token] as number;
      if (entry === 0) {
        entry = ++slots;
        this.#entryOf[token] = entry;
      }
      const at = (entry - 1) * words + (i >>> 5);
      this.#masks[at] = (this.#masks[at] as number) | (1 << (i & 31));
    }
  }

  #unload(): void {
    for (let i = 0; i < this.#length; i++) {
      const token = this.#loaded[i] as number;
      if (token >= 0) this.#entryOf[token] = 0;
    }
    this.#length = 0;
  }

  #lcsShort(tokens: Int32Array, start: number, end: number): number {
    const entryOf = this.#entryOf;
    const known = entryOf.length;
    let column = -1;
    for (let j = start; j < end; j++) {
      const token = tokens[j] as number;
      if (token >>> 0 >= known) continue;
      const matches = entryOf[token] as number;
      column = (column + (column & matches)) | (column & ~matches);
    }
    // Bits above the text have no matches and stay one.
    return countOnes(~column);
  }

  #lcsLong(tokens: Int32Array, start: number, end: number): number {
    const entryOf = this.#entryOf;
    const known = entryOf.length;
    const masks = this.#masks;
    const column = this.#column;
    const words = this.#words;
    column.fill(-1, 0, words);
    for (let j = start; j < end; j++) {
      const token = tokens[j] as number;
      if (token >>> 0 >= known) continue;
      const entry = entryOf[token] as number;
      if (entry === 0) continue;
      let at = (entry - 1) * words;
      let carry = 0;
      for (let w = 0; w < words; w++, at++) {
        const matches = masks[at] as number;
        const v = column[w] as number;
        const u = v & matches;
        const sum = (v + u + carry) | 0;
        // u ⊆ v, so the addition leaves the word iff u has the top bit or v had
        // it and the sum lost it.
        carry = (u | (v & ~sum)) >>> 31;
        column[w] = sum | (v & ~matches);
      }
    }
    let zeros = 0;
    for (let w = 0; w < words; w++) zeros += countOnes(~(column[w] as number));
    return zeros;
  }
}

function countOnes(word: number): number {
  let x = word - ((word >>> 1) & 0x55555555);
  x = (x & 0x33333333) + ((x >>> 2) & 0x33333333);
  x = (x + (x >>> 4)) & 0x0f0f0f0f;
  return Math.imul(x, 0x01010101) >>> 24;
}
