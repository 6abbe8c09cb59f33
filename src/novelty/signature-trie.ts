/**
 * @file Finds every record that could score above the threshold, and few others.
 *
 * Idea: adaptive prefix filtering. Let a pair of n and m tokens match, so that
 * its LCS has L ≥ r = required(n, m) tokens. Write the tokens of the LCS rarest
 * first: s1, s2, … (rarity-order.ts). At most m − r tokens of the record are
 * outside the LCS, so at most m − r tokens precede sk among the record's sorted
 * tokens besides s1 … s(k−1): sk stands at sorted index ≤ m − r + k − 1. The same
 * holds for the probe with n − r. A prefix filter uses s1; a longer start of the
 * sequence s1, s2, … selects far better but has more possibilities. So the
 * length of the start is chosen by how crowded a place is:
 *
 * The trie's nodes are starts (s1, …, sk). A record is entered under every node
 * its sorted tokens allow with at most m − r skips (r for the shortest possible
 * partner). A node whose list grows beyond a limit is split: its postings move to
 * children, one for each possible s(k+1). A probe walks the nodes its own sorted
 * tokens allow and reads the lists on the way. Whatever was split, the path of a
 * matching pair's true s1, s2, … leads both to the same list. A record whose
 * shortest possible LCS has k tokens stays at depth k: deeper, the next token may
 * not exist.
 *
 * A node's key is a 32-bit hash of length class, tokens and, for each token after
 * the first, whether it stands after its predecessor in the text (the LCS has
 * that in common too). A collision merges two lists and costs time, never truth.
 *
 * A posting holds the record and what rules out most pairs without touching it:
 * length, sorted index and text position of sk. If sk stands at a in the probe
 * and at b in the record, L ≤ min(a, b) + 1 + min(n − 1 − a, m − 1 − b).
 *
 * Invariant: `candidates` returns a superset of the records that score above
 * max(threshold of the trie, threshold of the query), each once. It compares no
 * texts; novelty-index.ts does. Related: Chaudhuri et al. 2006 (prefix filter),
 * Xiao et al. 2008 (positional filter), Wang et al. 2012 (adaptive prefixes).
 */
import { CLASS_COUNT, classFirst, classLast, classOf } from "./length-class.js";
import { SortedTokens, type RarityOrder } from "./rarity-order.js";
import type { RecordStore } from "./record-store.js";
import { TABLE_LENGTHS, type ScoreBounds } from "./score-bounds.js";
import { SlabArena } from "./slab-arena.js";
import { BAG_WORDS, countBits } from "./token-bag.js";

/** Words of a table slot: key, state, and one posting or the list's offset. */
const SLOT_WORDS = 4;
/** State of a slot: depth, whether the node was split, postings in its list. */
const DEPTH_MASK = 15;
const SPLIT_FLAG = 16;
const COUNT_SHIFT = 5;
const MAX_DEPTH = 15;
/** Of a posting's second word: length, sorted index and text position. */
const FIELD_BITS = 10;
const FIELD_MASK = (1 << FIELD_BITS) - 1;
/** A length field for records too long for the field; they are never moved. */
const LONG_RECORD = FIELD_MASK;

/** A list is looked at for splitting when it reaches this many postings. */
const SPLIT_MIN = 32;
/** Postings that are worth one more child to look up. */
const POSTINGS_PER_CHILD = 8;

export interface TrieQuery {
  readonly sorted: SortedTokens;
  /** Bag of the text and number of its tokens that no record has. */
  readonly bag: Int32Array;
  readonly unknown: number;
  /** Of the threshold asked for, at least the trie's. */
  readonly bounds: ScoreBounds;
}

export class SignatureTrie {
  readonly #records: RecordStore;
  readonly #order: RarityOrder;
  readonly #bounds: ScoreBounds;

  #slots: Int32Array;
  #slotMask: number;
  #used = 0;
  readonly #lists = new SlabArena(4096);
  readonly #population = new Int32Array(CLASS_COUNT);
  /** Keys and depths of nodes to split, in pairs. */
  readonly #crowded: number[] = [];

  /** The record being entered. */
  readonly #entry = new SortedTokens();
  #entryId = 0;
  #entryLength = 0;
  #entryMinLcs = 0;

  /** The query being answered. */
  #query = new SortedTokens();
  #row: Uint16Array = new Uint16Array(TABLE_LENGTHS);
  #queryBounds: ScoreBounds;
  #bagLow = 0;
  #bagHigh = 0;
  #known = 0;
  #maxSkips = 0;
  #maxDepth = 0;
  /** Of the node being read: tokens skipped before it, text position of its last. */
  #skips = 0;
  #at = 0;
  #seen = new Int32Array(1024);
  #serial = 0;
  #found = new Int32Array(256);
  #foundCount = 0;

  constructor(parts: {
    readonly records: RecordStore;
    readonly order: RarityOrder;
    readonly bounds: ScoreBounds;
    /** A guess of the number of records, to size the table. */
    readonly expectedRecords: number;
  }) {
    this.#records = parts.records;
    this.#order = parts.order;
    this.#bounds = parts.bounds;
    this.#queryBounds = parts.bounds;
    const slots = 2 ** Math.ceil(Math.log2(parts.expectedRecords * 4 + 64));
    this.#slots = new Int32Array(slots * SLOT_WORDS);
    this.#slotMask = slots - 1;
  }

  /** Enters record `id`; records come in increasing order of number. */
  insert(id: number): void {
    const length = this.#records.lengthOf(id);
    if (length === 0) return;
    const lengthClass = classOf(length);
    this.#population[lengthClass] =
      (this.#population[lengthClass] as number) + 1;
    if (!this.#load(id)) return;
    this.#enter(classSeed(lengthClass), 1, -1);
    while (this.#crowded.length > 0) {
      const depth = this.#crowded.pop() as number;
      this.#split(this.#crowded.pop() as number, depth);
    }
  }

  /**
   * Records that may score above the threshold with a text of n ≥ 1 tokens; a
   * view that is valid until the next call.
   */
  candidates(query: TrieQuery): Int32Array {
    const n = query.sorted.length;
    this.#query = query.sorted;
    this.#queryBounds = query.bounds;
    this.#row = query.bounds.row(n);
    this.#bagLow = query.bag[0] as number;
    this.#bagHigh = query.bag[1] as number;
    this.#known = n - query.unknown;
    this.#foundCount = 0;
    this.#nextSerial();
    const shortest = query.bounds.shortest(n);
    const longest = Math.min(query.bounds.longest(n), this.#records.longest);
    if (shortest > longest) return this.#found.subarray(0, 0);
    const lastClass = classOf(longest);
    for (let c = classOf(shortest); c <= lastClass; c++) {
      if (this.#population[c] === 0) continue;
      const low = Math.max(classFirst(c), shortest);
      const required = query.bounds.required(n, low);
      if (required > n || required > longest) continue;
      this.#maxSkips = n - required;
      this.#maxDepth = Math.min(
        n,
        query.bounds.required(n, Math.min(classLast(c), longest)),
      );
      this.#visit(classSeed(c), 1, -1);
    }
    return this.#found.subarray(0, this.#foundCount);
  }

  /** Makes record `id` the one that `#enter` enters; false if it can match nothing. */
  #load(id: number): boolean {
    const start = this.#records.starts[id] as number;
    const length = this.#records.lengthOf(id);
    const shortest = this.#bounds.shortest(length);
    if (shortest > length) return false;
    this.#order.sort(this.#records.tokens, start, length, this.#entry);
    this.#entryId = id;
    this.#entryLength = length;
    this.#entryMinLcs = this.#bounds.required(shortest, length);
    return true;
  }

  /** Enters the loaded record below the node `key` of depth − 1 tokens, whose last one has sorted index `last`. */
  #enter(key: number, depth: number, last: number): void {
    const { tokens, positions } = this.#entry;
    const length = this.#entryLength;
    const end = length - this.#entryMinLcs + depth; // index ≤ m − r + k − 1
    for (let i = last + 1; i < end; i++) {
      const child = childKey(
        key,
        tokens[i] as number,
        depth > 1 && (positions[i] as number) > (positions[last] as number),
      );
      const slot = this.#slotFor(child, depth);
      if (
        this.#isSplit(slot) &&
        depth < this.#entryMinLcs &&
        length < TABLE_LENGTHS - 1
      ) {
        this.#enter(child, depth + 1, i);
      } else {
        const meta =
          length >= LONG_RECORD
            ? LONG_RECORD << (2 * FIELD_BITS)
            : (length << (2 * FIELD_BITS)) |
              (i << FIELD_BITS) |
              (positions[i] as number);
        this.#append(slot, this.#entryId, meta);
      }
    }
  }

  #append(slot: number, id: number, meta: number): void {
    const slots = this.#slots;
    const state = slots[slot + 1] as number;
    const count = state >>> COUNT_SHIFT;
    slots[slot + 1] = state + (1 << COUNT_SHIFT);
    if (count === 0) {
      slots[slot + 2] = id;
      slots[slot + 3] = meta;
      return;
    }
    let offset = slots[slot + 2] as number;
    if (count === 1) {
      offset = this.#lists.allocate(2);
      this.#lists.words[offset] = slots[slot + 2] as number;
      this.#lists.words[offset + 1] = slots[slot + 3] as number;
      slots[slot + 2] = offset;
    } else if ((count & (count - 1)) === 0) {
      // Slabs hold 2^k postings of two words: full at every power of two.
      offset = this.#lists.enlarge(offset, 32 - Math.clz32(count));
      slots[slot + 2] = offset;
      if (count >= SPLIT_MIN && (state & SPLIT_FLAG) === 0) {
        this.#considerSplit(slot, count);
      }
    }
    this.#lists.words[offset + 2 * count] = id;
    this.#lists.words[offset + 2 * count + 1] = meta;
  }

  /** Marks the node for splitting if its list is long beside the children it would get. */
  #considerSplit(slot: number, count: number): void {
    const depth = (this.#slots[slot + 1] as number) & DEPTH_MASK;
    if (depth === MAX_DEPTH) return;
    const offset = this.#slots[slot + 2] as number;
    let children = 0;
    let movable = 0;
    for (let i = 0; i < count; i++) {
      const meta = this.#lists.words[offset + 2 * i + 1] as number;
      const length = meta >>> (2 * FIELD_BITS);
      if (length === LONG_RECORD) continue;
      const minLcs = this.#minLcs(length);
      if (depth >= minLcs) continue;
      const index = (meta >>> FIELD_BITS) & FIELD_MASK;
      movable++;
      children += length - minLcs + depth - index;
    }
    // count > POSTINGS_PER_CHILD × mean number of children
    if (
      movable * 2 > count &&
      count * movable > POSTINGS_PER_CHILD * children
    ) {
      this.#crowded.push(this.#slots[slot] as number, depth);
    }
  }

  #split(key: number, depth: number): void {
    const slot = this.#slotFor(key, depth);
    const state = this.#slots[slot + 1] as number;
    if ((state & SPLIT_FLAG) !== 0) return;
    const count = state >>> COUNT_SHIFT;
    const offset = this.#slots[slot + 2] as number;
    const postings = this.#lists.words.slice(offset, offset + 2 * count);
    this.#lists.release(offset, 32 - Math.clz32(count - 1) + 1);
    this.#slots[slot + 1] = depth | SPLIT_FLAG;
    for (let i = 0; i < postings.length; i += 2) {
      const id = postings[i] as number;
      const meta = postings[i + 1] as number;
      const length = meta >>> (2 * FIELD_BITS);
      if (length === LONG_RECORD || depth >= this.#minLcs(length)) {
        this.#append(this.#slotFor(key, depth), id, meta);
      } else {
        this.#load(id);
        this.#enter(key, depth + 1, (meta >>> FIELD_BITS) & FIELD_MASK);
      }
    }
  }

  /** Fewest tokens in common with which a record of this length can match anything. */
  #minLcs(length: number): number {
    return this.#bounds.required(this.#bounds.shortest(length), length);
  }

  #visit(key: number, depth: number, last: number): void {
    const { tokens, positions, length } = this.#query;
    const end = Math.min(length, this.#maxSkips + depth);
    for (let i = last + 1; i < end; i++) {
      const token = tokens[i] as number;
      if (token < 0) continue;
      const child = childKey(
        key,
        token,
        depth > 1 && (positions[i] as number) > (positions[last] as number),
      );
      const slot = this.#find(child, depth);
      if (slot < 0) continue;
      const state = this.#slots[slot + 1] as number;
      const count = state >>> COUNT_SHIFT;
      this.#skips = i - (depth - 1);
      this.#at = positions[i] as number;
      if (count === 1) this.#read(this.#slots, slot + 2, 1, depth);
      else if (count > 1) {
        const offset = this.#slots[slot + 2] as number;
        this.#read(this.#lists.words, offset, count, depth);
      }
      if ((state & SPLIT_FLAG) !== 0 && depth < this.#maxDepth) {
        this.#visit(child, depth + 1, i);
      }
    }
  }

  /** Collects the postings that the filters do not rule out. */
  #read(words: Int32Array, offset: number, count: number, depth: number): void {
    const skips = this.#skips;
    const at = this.#at;
    const serial = this.#serial;
    const n = this.#query.length;
    const row = this.#row;
    const seen = this.#seen;
    const after = n - 1 - at;
    const mostRequired = n - skips;
    for (let w = offset; w < offset + 2 * count; w += 2) {
      const meta = words[w + 1] as number;
      let m = meta >>> (2 * FIELD_BITS);
      const id = words[w] as number;
      let required: number;
      if (m === LONG_RECORD) {
        m = this.#records.lengthOf(id);
        required = this.#queryBounds.required(n, m);
        if (required > mostRequired || required > m) continue;
      } else {
        required = row[m] as number;
        if (required > mostRequired) continue;
        const index = (meta >>> FIELD_BITS) & FIELD_MASK;
        if (index - depth + 1 > m - required) continue;
        const other = meta & FIELD_MASK;
        const before = at < other ? at : other;
        const otherAfter = m - 1 - other;
        const behind = after < otherAfter ? after : otherAfter;
        if (before + 1 + behind < required) continue;
      }
      if (this.#mostCommon(id, m) < required) continue;
      if (seen[id] === serial) continue;
      seen[id] = serial;
      if (this.#foundCount === this.#found.length) this.#growFound();
      this.#found[this.#foundCount++] = id;
    }
  }

  /** The LCS that the bags leave possible with record `id` of `m` tokens. */
  #mostCommon(id: number, m: number): number {
    const low = this.#records.bags[BAG_WORDS * id] as number;
    const high = this.#records.bags[BAG_WORDS * id + 1] as number;
    const missing = countBits(this.#bagLow & ~low, this.#bagHigh & ~high);
    const extra = countBits(low & ~this.#bagLow, high & ~this.#bagHigh);
    return Math.min(this.#known - missing, m - extra);
  }

  #growFound(): void {
    const longer = new Int32Array(this.#found.length * 2);
    longer.set(this.#found);
    this.#found = longer;
  }

  #nextSerial(): void {
    if (this.#seen.length < this.#records.size) {
      this.#seen = new Int32Array(Math.ceil(this.#records.size * 1.5));
      this.#serial = 0;
    }
    if (this.#serial === 0x7fffffff) {
      this.#seen.fill(0);
      this.#serial = 0;
    }
    this.#serial++;
  }

  #isSplit(slot: number): boolean {
    return ((this.#slots[slot + 1] as number) & SPLIT_FLAG) !== 0;
  }

  /** Slot of a node, or -1. */
  #find(key: number, depth: number): number {
    const slots = this.#slots;
    for (let i = key & this.#slotMask; ; i = (i + 1) & this.#slotMask) {
      const slot = i * SLOT_WORDS;
      const state = slots[slot + 1] as number;
      if (state === 0) return -1;
      if (slots[slot] === key && (state & DEPTH_MASK) === depth) return slot;
    }
  }

  /** Slot of a node, made if there is none. Valid until the next call. */
  #slotFor(key: number, depth: number): number {
    if (this.#used * 3 > this.#slotMask * 2) this.#enlargeTable();
    const slots = this.#slots;
    for (let i = key & this.#slotMask; ; i = (i + 1) & this.#slotMask) {
      const slot = i * SLOT_WORDS;
      const state = slots[slot + 1] as number;
      if (state === 0) {
        slots[slot] = key;
        slots[slot + 1] = depth;
        this.#used++;
        return slot;
      }
      if (slots[slot] === key && (state & DEPTH_MASK) === depth) return slot;
    }
  }

  #enlargeTable(): void {
    const old = this.#slots;
    this.#slots = new Int32Array(old.length * 2);
    this.#slotMask = this.#slotMask * 2 + 1;
    for (let slot = 0; slot < old.length; slot += SLOT_WORDS) {
      if (old[slot + 1] === 0) continue;
      let i = (old[slot] as number) & this.#slotMask;
      while (this.#slots[i * SLOT_WORDS + 1] !== 0) {
        i = (i + 1) & this.#slotMask;
      }
      this.#slots.set(old.subarray(slot, slot + SLOT_WORDS), i * SLOT_WORDS);
    }
  }
}

function classSeed(lengthClass: number): number {
  return Math.imul(lengthClass + 1, 0x27d4eb2f);
}

/** Key of the node one token below `key`; the mixing is MurmurHash3's. */
function childKey(key: number, token: number, forward: boolean): number {
  let x = key ^ Math.imul(token + 1, 0x9e3779b1);
  if (forward) x ^= 0x632be5ab;
  x ^= x >>> 16;
  x = Math.imul(x, 0x85ebca6b);
  x ^= x >>> 13;
  x = Math.imul(x, 0xc2b2ae35);
  return x ^ (x >>> 16);
}
