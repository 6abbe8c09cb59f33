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
import { NearestSearch } from "./nearest-search.js";
import { RarityOrder, SortedTokens } from "./rarity-order.js";
import { RecordStore } from "./record-store.js";
import { ScoreBounds } from "./score-bounds.js";
import { SignatureTrie } from "./signature-trie.js";
import { TokenDictionary } from "./token-dictionary.js";

export const DEFAULT_NOVELTY_THRESHOLD = 0.7;

/** A pool member and its similarity to the text asked about. */
export interface Neighbour {
  /** Number of the record, from 0 in order of insertion. */
  readonly id: number;
  /** ROUGE-L F-measure, in [0, 1]. */
  readonly score: number;
}

export type NoveltyDecision =
  | { readonly accepted: true }
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
  /** Records that are in the trie, and how many there were at the last rebuild. */
  #indexed = 0;
  #rebuiltAt = 0;
  #search: NearestSearch | undefined;

  readonly #masks = new MatchMasks();
  readonly #sorted = new SortedTokens();
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
      this.#encoded[i] = this.#dictionary.record(tokens[i] as string);
    }
    return this.#records.append(this.#encoded, tokens.length);
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
    this.#index();
    const n = this.#encode(tokens);
    if (n === 0 || this.size === 0) return { accepted: true };
    this.#order.sort(this.#encoded, 0, n, this.#sorted);
    const candidates = this.#trie.candidates({
      sorted: this.#sorted,
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

  /** Brings the trie up to date with the records. */
  #index(): void {
    const size = this.#records.size;
    if (this.#indexed === size) return;
    if (size >= REBUILD_FIRST && size >= this.#rebuiltAt * REBUILD_GROWTH) {
      this.#order.rebuild(this.#dictionary);
      this.#trie = this.#emptyTrie();
      this.#indexed = 0;
      this.#rebuiltAt = size;
    }
    this.#order.include(this.#dictionary);
    while (this.#indexed < size) this.#trie.insert(this.#indexed++);
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
