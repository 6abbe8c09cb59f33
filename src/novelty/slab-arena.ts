/**
 * @file Many growing integer lists in one flat array.
 *
 * A list lives in a slab of 2^k words; when it is full, its owner asks for the
 * next size and the old slab joins the free list of its size. The owner keeps
 * offset and count, so a list costs nothing here but its words.
 *
 * Slabs move when they grow: an offset is valid until the next `enlarge` of the
 * same list, and `words` until the next call of any method.
 */
import { grown } from "./growable-array.js";

const SIZES = 31;

export class SlabArena {
  words: Int32Array;
  #end = 0;
  /** First free slab of each size, linked through their first words; -1: none. */
  readonly #free = new Int32Array(SIZES).fill(-1);

  constructor(initialWords: number) {
    this.words = new Int32Array(initialWords);
  }

  /** Offset of a slab of 2^sizeLog words; content undefined. */
  allocate(sizeLog: number): number {
    const head = this.#free[sizeLog] as number;
    if (head >= 0) {
      this.#free[sizeLog] = this.words[head] as number;
      return head;
    }
    const offset = this.#end;
    this.#end += 1 << sizeLog;
    this.words = grown(this.words, this.#end);
    return offset;
  }

  release(offset: number, sizeLog: number): void {
    this.words[offset] = this.#free[sizeLog] as number;
    this.#free[sizeLog] = offset;
  }

  /** Moves a full slab of 2^sizeLog words into one twice as large. */
  enlarge(offset: number, sizeLog: number): number {
    const larger = this.allocate(sizeLog + 1);
    this.words.copyWithin(larger, offset, offset + (1 << sizeLog));
    this.release(offset, sizeLog);
    return larger;
  }
}
