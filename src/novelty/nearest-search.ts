/**
 * @file The most similar record at any score, by counting common tokens.
 *
 * A full inverted index: for each (token, j-th occurrence in its text) the
 * records that have it, so that the number of lists two texts share is the size
 * of their multiset intersection, an upper bound of their LCS. The lists of a
 * text are read shortest first; whenever a record leads in common lists it is
 * compared, which raises the best score early. Reading stops before the long
 * lists of function words once a record seen in none of the lists read so far
 * could not reach the best score with all the remaining ones. A record seen in c
 * lists with r lists unread has LCS ≤ c + r and is compared only if that could
 * reach the best score, first by its length and then by its bag of tokens
 * (token-bag.ts).
 *
 * Invariant: the answer has the highest F-measure, and among equals the lowest
 * number; float for float that of a brute-force search.
 */
import { MatchMasks } from "../text/rouge-l-match-masks.js";
import { rougeFMeasure } from "../text/rouge-l.js";
import { grown } from "./growable-array.js";
import type { RecordStore } from "./record-store.js";
import { SlabArena } from "./slab-arena.js";
import { BAG_WORDS, countBits, fillBag } from "./token-bag.js";

/** More occurrences of one token in one text than this share one list number. */
const NUMBERED_OCCURRENCES = 2 ** 20;

/** Far above the rounding of a score, far below the step between two scores. */
const SLACK = 1e-12;

/** A pool member and its similarity to the text asked about. */
export interface Neighbour {
  /** Number of the record, from 0 in order of insertion. */
  readonly id: number;
  /** ROUGE-L F-measure, in [0, 1]. */
  readonly score: number;
}

export class NearestSearch {
  readonly #records: RecordStore;
  #indexed = 0;

  /** List numbers of (token, occurrence ≥ 2), keyed by both. */
  readonly #repeated = new Map<number, number>();
  /** List numbers of first occurrences, by token; -1: none yet. */
  #firstList = new Int32Array(1024).fill(-1);
  #listCount = 0;
  #offsets = new Int32Array(1024);
  #counts = new Int32Array(1024);
  readonly #lists = new SlabArena(4096);

  readonly #masks = new MatchMasks();
  /** Common lists, by record; zero between calls. */
  #common = new Int32Array(1024);
  #touched = new Int32Array(1024);
  #ordered = new Int32Array(1024);
  /** Occurrences so far, by token; zero between texts. */
  #occurred = new Int32Array(1024);
  #textLists = new Int32Array(64);

  /** The best record so far and its score; the texts' length. */
  #best = 0;
  #bestScore = 0;
  #length = 0;
  /** Bag of the text, and how many of its tokens are in some record. */
  readonly #bag = new Int32Array(BAG_WORDS);
  #known = 0;

  constructor(records: RecordStore) {
    this.#records = records;
  }

  /** Puts at most `most` further records into the lists; true when none is left. */
  prepare(most: number): boolean {
    const { tokens, starts, size } = this.#records;
    this.#common = grown(this.#common, size);
    this.#touched = grown(this.#touched, size);
    this.#ordered = grown(this.#ordered, size);
    const end = Math.min(size, this.#indexed + most);
    for (; this.#indexed < end; this.#indexed++) {
      const start = starts[this.#indexed] as number;
      const length = this.#records.lengthOf(this.#indexed);
      const lists = this.#listsOf(tokens, start, length, true);
      for (let i = 0; i < lists; i++) {
        this.#append(this.#textLists[i] as number, this.#indexed);
      }
    }
    return this.#indexed === size;
  }

  /** The most similar record to `tokens[0, n)`; there must be one. */
  nearest(tokens: Int32Array, n: number): Neighbour {
    this.prepare(Infinity);
    const lists = this.#listsOf(tokens, 0, n, false);
    this.#sortByLength(lists);
    this.#masks.load(tokens, n);
    fillBag(tokens, { start: 0, length: n }, this.#bag, 0);
    this.#known = 0;
    for (let i = 0; i < n; i++) if ((tokens[i] as number) >= 0) this.#known++;
    this.#length = n;
    this.#best = 0;
    this.#bestScore = 0;

    let touched = 0;
    let mostCommon = 0;
    let unread = lists;
    for (; unread > 0; unread--) {
      // A record in none of the lists read so far: LCS ≤ unread, and the score
      // is highest for a record that has nothing else.
      if (rougeFMeasure(unread, n, unread) < this.#bestScore) break;
      const list = this.#textLists[lists - unread] as number;
      const offset = this.#offsets[list] as number;
      const end = offset + (this.#counts[list] as number);
      for (let at = offset; at < end; at++) {
        const id = this.#lists.words[at] as number;
        const common = (this.#common[id] as number) + 1;
        this.#common[id] = common;
        if (common === 1) this.#touched[touched++] = id;
        if (common > mostCommon) {
          mostCommon = common;
          this.#compare(id);
        }
      }
    }
    this.#compareTouched(touched, mostCommon, unread);
    return { id: this.#best, score: this.#bestScore };
  }

  /** Compares what may still win, most common lists first, and clears the counts. */
  #compareTouched(touched: number, mostCommon: number, unread: number): void {
    const n = this.#length;
    const { ordered, ends } = this.#orderTouched(touched, mostCommon);
    let next = 0;
    for (let common = mostCommon; common > 0; common--) {
      const most = Math.min(common + unread, n);
      if (rougeFMeasure(most, n, most) < this.#bestScore) break;
      for (; next < (ends[common] as number); next++) {
        const id = ordered[next] as number;
        const m = this.#records.lengthOf(id);
        if (this.#mayWin(Math.min(most, m), m) && this.#bagMayWin(id, m)) {
          this.#compare(id);
        }
      }
    }
  }

  /** Whether an LCS of `lcs` with a record of `m` tokens could reach the best score. */
  #mayWin(lcs: number, m: number): boolean {
    // F = 2·lcs/(n+m) but for the last bits, which SLACK leaves room for.
    return 2 * lcs >= (this.#bestScore - SLACK) * (this.#length + m);
  }

  #bagMayWin(id: number, m: number): boolean {
    const { bags } = this.#records;
    const low = bags[BAG_WORDS * id] as number;
    const high = bags[BAG_WORDS * id + 1] as number;
    const bagLow = this.#bag[0] as number;
    const bagHigh = this.#bag[1] as number;
    const missing = countBits(bagLow & ~low, bagHigh & ~high);
    const extra = countBits(low & ~bagLow, high & ~bagHigh);
    return this.#mayWin(Math.min(this.#known - missing, m - extra), m);
  }

  /** Touched records by falling number of common lists; `ends[c]` is the end of those with c. */
  #orderTouched(
    touched: number,
    mostCommon: number,
  ): { readonly ordered: Int32Array; readonly ends: Int32Array } {
    const ends = new Int32Array(mostCommon + 2);
    for (let i = 0; i < touched; i++) {
      const common = this.#common[this.#touched[i] as number] as number;
      ends[common] = (ends[common] as number) + 1;
    }
    // First where the group of each count begins, which filling moves to its end.
    let begin = 0;
    for (let common = mostCommon; common > 0; common--) {
      const size = ends[common] as number;
      ends[common] = begin;
      begin += size;
    }
    for (let i = 0; i < touched; i++) {
      const id = this.#touched[i] as number;
      const common = this.#common[id] as number;
      this.#common[id] = 0;
      const at = ends[common] as number;
      ends[common] = at + 1;
      this.#ordered[at] = id;
    }
    return { ordered: this.#ordered, ends };
  }

  #compare(id: number): void {
    const start = this.#records.starts[id] as number;
    const end = this.#records.starts[id + 1] as number;
    const lcs = this.#masks.lcs(this.#records.tokens, start, end);
    const score = rougeFMeasure(lcs, this.#length, end - start);
    if (
      score > this.#bestScore ||
      (score === this.#bestScore && id < this.#best)
    ) {
      this.#best = id;
      this.#bestScore = score;
    }
  }

  #append(list: number, id: number): void {
    const count = this.#counts[list] as number;
    let offset = this.#offsets[list] as number;
    if (count === 0) offset = this.#lists.allocate(0);
    else if ((count & (count - 1)) === 0) {
      offset = this.#lists.enlarge(offset, 31 - Math.clz32(count));
    }
    this.#offsets[list] = offset;
    this.#lists.words[offset + count] = id;
    this.#counts[list] = count + 1;
  }

  /**
   * Numbers of the lists that `tokens[start, start + length)` belongs to, into
   * `#textLists`. Without `create`, lists that do not exist are left out.
   */
  #listsOf(
    tokens: Int32Array,
    start: number,
    length: number,
    create: boolean,
  ): number {
    this.#textLists = grown(this.#textLists, length);
    let found = 0;
    for (let i = start; i < start + length; i++) {
      const token = tokens[i] as number;
      if (token < 0) continue;
      this.#reserveToken(token);
      const occurrence = (this.#occurred[token] as number) + 1;
      this.#occurred[token] = occurrence;
      const list =
        occurrence === 1
          ? this.#firstListOf(token, create)
          : this.#repeatedListOf(token, occurrence, create);
      if (list >= 0) this.#textLists[found++] = list;
    }
    for (let i = start; i < start + length; i++) {
      const token = tokens[i] as number;
      if (token >= 0) this.#occurred[token] = 0;
    }
    return found;
  }

  #firstListOf(token: number, create: boolean): number {
    let list = this.#firstList[token] as number;
    if (list < 0 && create) {
      list = this.#newList();
      this.#firstList[token] = list;
    }
    return list;
  }

  #repeatedListOf(token: number, occurrence: number, create: boolean): number {
    const key =
      token * NUMBERED_OCCURRENCES +
      Math.min(occurrence, NUMBERED_OCCURRENCES - 1);
    const list = this.#repeated.get(key);
    if (list !== undefined) return list;
    if (!create) return -1;
    const made = this.#newList();
    this.#repeated.set(key, made);
    return made;
  }

  #newList(): number {
    this.#offsets = grown(this.#offsets, this.#listCount + 1);
    this.#counts = grown(this.#counts, this.#listCount + 1);
    return this.#listCount++;
  }

  #reserveToken(token: number): void {
    const before = this.#firstList.length;
    if (token < before) return;
    this.#firstList = grown(this.#firstList, token + 1);
    this.#firstList.fill(-1, before);
    this.#occurred = grown(this.#occurred, this.#firstList.length);
  }

  /** Sorts the first `count` text lists, shortest list first. */
  #sortByLength(count: number): void {
    const lists = this.#textLists.subarray(0, count);
    lists.sort(
      (a, b) => (this.#counts[a] as number) - (this.#counts[b] as number),
    );
  }
}
