/**
 * @file The pool of kept texts, and the decision whether a text is new.
 *
 * Exact ROUGE-L against every pool member without comparing with every pool
 * member. Promise: `probe` rejects exactly when the largest F-measure of
 * rouge_score between the text and a pool member is greater than the threshold,
 * and then names the member with that score (the earliest of equals); `nearest`
 * gives the same for any score. Both equal a brute-force search, float for float.
 *
 * How: signature-trie.ts proposes pool members, rouge-l-match-masks.ts compares
 * with those. The trie's token order comes from the counts at the last rebuild,
 * which happens whenever the pool has doubled.
 *
 * It holds token numbers, not texts: callers keep the texts by record number.
 * Tokenizing is the caller's too; one index must only see one tokenizer.
 *
 * Self-Instruct (arXiv 2212.10560), section 2.2: an instruction joins the pool
 * when its ROUGE-L with every earlier one is below 0.7 (the released code rejects
 * above 0.7; so does this).
 */
import { AutodidactError } from "../foundation/error.js";
import { MatchMasks } from "../text/rouge-l-match-masks.js";
import { rougeFMeasure } from "../text/rouge-l.js";
import { NearestSearch, type Neighbour } from "./nearest-search.js";
import type { PoolSegment } from "./pool-segment.js";
import { decodeSegment, encodeSegment } from "./pool-segment.js";
import { RarityOrder, SortedTokens } from "./rarity-order.js";
import { RecordStore } from "./record-store.js";
import { Repeats } from "./repeats.js";
import { ScoreBounds } from "./score-bounds.js";
import { SignatureTrie } from "./signature-trie.js";
import { BAG_WORDS, fillBag } from "./token-bag.js";
import { TokenDictionary } from "./token-dictionary.js";

export const DEFAULT_NOVELTY_THRESHOLD = 0.7;

export type NoveltyDecision =
  | { readonly accepted: true }
  | { readonly accepted: false; readonly nearest: Neighbour };

/** What `offer` did with a text: its record number, or why it was rejected. */
export type Offer =
  | { readonly accepted: true; readonly id: number }
  | { readonly accepted: false; readonly nearest: Neighbour };

const REBUILD_FIRST = 64;
const REBUILD_GROWTH = 2;

export class NoveltyIndex {
  readonly threshold: number;
  readonly #bounds: ScoreBounds;
  readonly #dictionary = new TokenDictionary();
  readonly #records = new RecordStore();
  readonly #order = new RarityOrder();
  #trie: SignatureTrie;
  #repeats = new Repeats(this.#records);
  /** Records that are in the trie, and how many there were at the last rebuild. */
  #indexed = 0;
  #rebuiltAt = 0;
  #search: NearestSearch | undefined;

  readonly #masks = new MatchMasks();
  readonly #sorted = new SortedTokens();
  readonly #bag = new Int32Array(BAG_WORDS);
  #encoded = new Int32Array(64);

  /**
   * @param options.threshold the score above which `probe` rejects unless told
   *   otherwise; the index is built for it and for higher ones
   * @throws USAGE if it is not in [0, 1]
   */
  constructor(options: { readonly threshold?: number } = {}) {
    this.threshold = checkedThreshold(
      options.threshold ?? DEFAULT_NOVELTY_THRESHOLD,
    );
    this.#bounds = new ScoreBounds(this.threshold);
    this.#trie = this.#emptyTrie();
  }

  /** Number of records. */
  get size(): number {
    return this.#records.size;
  }

  /** Puts a text into the pool whatever it resembles; returns its record number. */
  add(tokens: readonly string[]): number {
    this.#reserve(tokens.length);
    for (let i = 0; i < tokens.length; i++) {
      this.#encoded[i] = this.#dictionary.include(tokens[i] as string);
    }
    return this.#append(this.#encoded, tokens.length);
  }

  /** `probe` at the index's threshold, then `add` if the text is new. */
  offer(tokens: readonly string[]): Offer {
    const decision = this.probe(tokens);
    return decision.accepted
      ? { accepted: true, id: this.add(tokens) }
      : decision;
  }

  /**
   * Does part of what the next `probe` has to do first, for callers that must not be
   * busy for long: puts at most `most` records into the index. Changes no answer.
   * @param options.nearest also into the index of `nearest`
   * @returns true when nothing is left to do
   */
  prepare(
    most: number,
    { nearest = false }: { readonly nearest?: boolean } = {},
  ): boolean {
    if (!this.#index(most)) return false;
    if (!nearest || this.size === 0) return true;
    this.#search ??= new NearestSearch(this.#records);
    return this.#search.prepare(most);
  }

  /**
   * Whether a text is new: accepted unless a pool member scores above
   * `threshold`. A threshold below the index's is answered by the slower search
   * of `nearest`. Does not change the pool.
   * @throws USAGE if the threshold is not in [0, 1]
   */
  probe(
    tokens: readonly string[],
    threshold: number = this.threshold,
  ): NoveltyDecision {
    checkedThreshold(threshold);
    if (threshold < this.threshold) {
      const nearest = this.nearest(tokens);
      return nearest !== undefined && nearest.score > threshold
        ? { accepted: false, nearest }
        : { accepted: true };
    }
    this.#index(Infinity);
    const n = this.#encode(tokens);
    if (n === 0 || this.size === 0) return { accepted: true };
    this.#order.sort(this.#encoded, 0, n, this.#sorted);
    fillBag(this.#encoded, { start: 0, length: n }, this.#bag, 0);
    let unknown = 0;
    while (unknown < n && (this.#sorted.tokens[unknown] as number) < 0) {
      unknown++;
    }
    const candidates = this.#trie.candidates({
      sorted: this.#sorted,
      bag: this.#bag,
      unknown,
      bounds:
        threshold === this.threshold
          ? this.#bounds
          : new ScoreBounds(threshold),
    });
    const nearest = this.#best(candidates, n, threshold);
    return nearest === undefined
      ? { accepted: true }
      : { accepted: false, nearest };
  }

  /**
   * The pool member with the highest score, the earliest of equals; undefined
   * only for an empty pool. Slower than `probe`; the first call builds a second
   * index that later calls keep up to date.
   */
  nearest(tokens: readonly string[]): Neighbour | undefined {
    if (this.size === 0) return undefined;
    this.#search ??= new NearestSearch(this.#records);
    const n = this.#encode(tokens);
    return this.#search.nearest(this.#encoded, n);
  }

  /**
   * Records [from, size) as a segment for `restore`. Storing each stretch once,
   * as the pool grows, stores the pool.
   * @param label what made the tokens, for example the tokenizer's name
   */
  serialize(label: string, from = 0): Uint8Array {
    const { tokens, starts, size } = this.#records;
    const first = starts[from] as number;
    const part = tokens.subarray(first, starts[size]);
    // Numbers were given in order of appearance: whatever is above all earlier
    // records' tokens is new here.
    let firstToken = 0;
    for (let i = 0; i < first; i++) {
      firstToken = Math.max(firstToken, (tokens[i] as number) + 1);
    }
    const newTokens: string[] = [];
    for (let token = firstToken; token < this.#dictionary.size; token++) {
      newTokens.push(this.#dictionary.token(token));
    }
    const lengths = Int32Array.from({ length: size - from }, (_, i) =>
      this.#records.lengthOf(from + i),
    );
    return encodeSegment({
      label,
      firstRecord: from,
      firstToken,
      newTokens,
      lengths,
      tokens: part,
    });
  }

  /**
   * The index of a stored pool.
   * @param segments all of them, in the order they were made
   * @throws LEDGER if one is damaged, missing, out of order or has another label
   */
  static restore(
    segments: Iterable<Uint8Array>,
    options: { readonly label: string; readonly threshold?: number },
  ): NoveltyIndex {
    const index = new NoveltyIndex(options);
    for (const bytes of segments) {
      index.#appendSegment(decodeSegment(bytes), options.label);
    }
    return index;
  }

  #appendSegment(segment: PoolSegment, label: string): void {
    const { firstRecord, firstToken, lengths, tokens } = segment;
    if (segment.label !== label) {
      throw new AutodidactError(
        "LEDGER",
        `The stored novelty pool was made with “${segment.label}” tokens, but “${label}” ones were asked for. Use the same tokenizer, or start a new pool.`,
        { stored: segment.label, asked: label },
      );
    }
    if (firstRecord !== this.size || firstToken !== this.#dictionary.size) {
      throw new AutodidactError(
        "LEDGER",
        `A stored segment of the novelty pool begins with record ${firstRecord}, where record ${this.size} was expected. Give all segments in the order they were stored.`,
        { found: firstRecord, expected: this.size },
      );
    }
    for (const token of segment.newTokens) this.#dictionary.include(token);
    let at = 0;
    for (const length of lengths) {
      this.#append(tokens.subarray(at, at + length), length);
      at += length;
    }
  }

  #append(tokens: Int32Array, length: number): number {
    for (let i = 0; i < length; i++) {
      this.#dictionary.count(tokens[i] as number);
    }
    return this.#records.append(tokens, length);
  }

  /** The best record among `candidates` with a score above `floor`. */
  #best(
    candidates: Int32Array,
    n: number,
    floor: number,
  ): Neighbour | undefined {
    if (candidates.length === 0) return undefined;
    this.#masks.load(this.#encoded, n);
    const { tokens, starts } = this.#records;
    let best = -1;
    let bestScore = floor;
    for (const id of candidates) {
      const start = starts[id] as number;
      const end = starts[id + 1] as number;
      const lcs = this.#masks.lcs(tokens, start, end);
      const score = rougeFMeasure(lcs, n, end - start);
      if (score > bestScore || (score === bestScore && id < best)) {
        best = id;
        bestScore = score;
      }
    }
    return best < 0 ? undefined : { id: best, score: bestScore };
  }

  /** Token numbers of `tokens` into `#encoded`; unknown ones negative. */
  #encode(tokens: readonly string[]): number {
    this.#reserve(tokens.length);
    for (let i = 0; i < tokens.length; i++) {
      this.#encoded[i] = this.#dictionary.find(tokens[i] as string);
    }
    return tokens.length;
  }

  #reserve(length: number): void {
    if (length > this.#encoded.length) {
      this.#encoded = new Int32Array(length * 2);
    }
  }

  /** Puts at most `most` further records into the trie; true when none is left. */
  #index(most: number): boolean {
    const size = this.#records.size;
    if (this.#indexed === size) return true;
    if (size >= REBUILD_FIRST && size >= this.#rebuiltAt * REBUILD_GROWTH) {
      this.#order.rebuild(this.#dictionary);
      this.#trie = this.#emptyTrie();
      this.#repeats = new Repeats(this.#records);
      this.#indexed = 0;
      this.#rebuiltAt = size;
    }
    this.#order.include(this.#dictionary);
    const end = Math.min(size, this.#indexed + most);
    for (; this.#indexed < end; this.#indexed++) {
      if (!this.#repeats.isRepeat(this.#indexed))
        this.#trie.insert(this.#indexed);
    }
    return this.#indexed === size;
  }

  #emptyTrie(): SignatureTrie {
    return new SignatureTrie({
      records: this.#records,
      order: this.#order,
      bounds: this.#bounds,
      expectedRecords: this.#records.size,
    });
  }
}

function checkedThreshold(threshold: number): number {
  if (threshold >= 0 && threshold <= 1) return threshold;
  throw new AutodidactError(
    "USAGE",
    `The novelty threshold is ${threshold}; a ROUGE-L score lies between 0 and 1. Give a number in that range, for example ${DEFAULT_NOVELTY_THRESHOLD}.`,
    { threshold: String(threshold) },
  );
}
