/**
 * @file The token numbers of all records, one after the other in one flat array.
 *
 * Records are numbered from 0 in order of insertion and never change.
 */
import { grown } from "./growable-array.js";
import { BAG_WORDS, fillBag } from "./token-bag.js";

export class RecordStore {
  tokens = new Int32Array(4096);
  /** Record `id` is `tokens[starts[id], starts[id + 1])`. */
  starts = new Int32Array(1024);
  /** Bag of each record (token-bag.ts), BAG_WORDS words a record. */
  bags = new Int32Array(BAG_WORDS * 1024);
  size = 0;
  /** Tokens in the longest record. */
  longest = 0;

  /** Appends `tokens[0, length)`; returns the new record's number. */
  append(tokens: Int32Array, length: number): number {
    const start = this.starts[this.size] as number;
    this.tokens = grown(this.tokens, start + length);
    this.tokens.set(tokens.subarray(0, length), start);
    this.starts = grown(this.starts, this.size + 2);
    this.starts[this.size + 1] = start + length;
    this.bags = grown(this.bags, (this.size + 1) * BAG_WORDS);
    fillBag(tokens, { start: 0, length }, this.bags, this.size * BAG_WORDS);
    if (length > this.longest) this.longest = length;
    return this.size++;
  }

  /** Number of tokens of record `id`. */
  lengthOf(id: number): number {
    return (this.starts[id + 1] as number) - (this.starts[id] as number);
  }
}
