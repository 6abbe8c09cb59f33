/**
 * @file Records that repeat an earlier one token for token.
 *
 * A repeat scores with every text what the first scores, and of equals the earliest is
 * the nearest: nobody needs to find a repeat. Pools with many copies would otherwise
 * make every search go through all of them.
 */
import type { RecordStore } from "./record-store.js";

export class Repeats {
  readonly #records: RecordStore;
  /** Hash of the tokens → the first record with that hash. */
  readonly #first = new Map<number, number>();

  constructor(records: RecordStore) {
    this.#records = records;
  }

  /** Whether record `id` repeats one asked about before; unlike ones of one hash are not told apart by it, only kept. */
  isRepeat(id: number): boolean {
    const { tokens, starts } = this.#records;
    const [start, end] = [starts[id] as number, starts[id + 1] as number];
    // FNV-1a over 32-bit words.
    let hash = 0x811c9dc5 ^ (end - start);
    for (let at = start; at < end; at++) {
      hash = Math.imul(hash ^ (tokens[at] as number), 0x01000193);
    }
    const first = this.#first.get(hash);
    if (first === undefined) {
      this.#first.set(hash, id);
      return false;
    }
    const from = starts[first] as number;
    if ((starts[first + 1] as number) - from !== end - start) return false;
    for (let at = start; at < end; at++) {
      if (tokens[at] !== tokens[from + at - start]) return false;
    }
    return true;
  }
}
