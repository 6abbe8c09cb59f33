/**
 * @file Texts in the order they joined, and what a new one repeats: a member word for
 * word, or one that it is too like.
 */
import type { Neighbour } from "./nearest-search.js";
import { NoveltyIndex } from "./novelty-index.js";
import {
  NOVELTY_TOKENIZERS,
  type NoveltyTokenizer,
} from "./novelty-tokenizer.js";

export interface PoolMember {
  /** By order of entry, from 0. */
  readonly place: number;
  readonly text: string;
  /** ROUGE-L F-measure to the text that was asked about. */
  readonly score: number;
}

export interface Repetition {
  readonly rule: "duplicate" | "not-novel";
  readonly nearest: PoolMember;
}

export class TextPool {
  readonly #index: NoveltyIndex;
  readonly #tokenize: (text: string) => string[];
  readonly #members: string[] = [];
  /** Members by their text, with their place. */
  readonly #places = new Map<string, number>();

  /** @throws USAGE for a threshold outside [0, 1] */
  constructor(
    members: Iterable<string>,
    settings: {
      /** ROUGE-L above which a text is too like a member. */
      readonly novelty: number;
      readonly tokenizer: NoveltyTokenizer;
    },
  ) {
    this.#index = new NoveltyIndex({ threshold: settings.novelty });
    this.#tokenize = NOVELTY_TOKENIZERS[settings.tokenizer];
    for (const text of members) this.add(text);
  }

  add(text: string): void {
    this.#index.add(this.#tokenize(text));
    this.#places.set(text, this.#members.push(text) - 1);
  }

  /** What `text` repeats; null when it is new. */
  repetition(text: string): Repetition | null {
    const place = this.#places.get(text);
    if (place !== undefined)
      return { rule: "duplicate", nearest: { place, text, score: 1 } };
    const decision = this.#index.probe(this.#tokenize(text));
    return decision.accepted
      ? null
      : { rule: "not-novel", nearest: this.#member(decision.nearest) };
  }

  /** The most similar member; undefined in an empty pool, or where none shares a word. */
  nearest(text: string): PoolMember | undefined {
    const nearest = this.#index.nearest(this.#tokenize(text));
    return nearest === undefined ? undefined : this.#member(nearest);
  }

  #member({ id, score }: Neighbour): PoolMember {
    return { place: id, text: this.#members[id] ?? "", score };
  }
}
