/**
 * @file One column of a table in memory, by id: what is sorted and filtered by. Numbers
 * take four or eight bytes, words four and one copy of each word.
 *
 * Ids of the ledger have no gaps, so the value of row `id` lies at `id - 1`.
 */
import type { SqlValue } from "../../ledger/database.js";

/** Stands for NULL among 32-bit integers. */
const NO_INTEGER = -(2 ** 31);
const FIRST_CAPACITY = 1024;

export class GrowingColumn {
  #values: Int32Array | Float64Array;
  /** Of words: each once, in the order met; values are places in it. */
  readonly #words: string[] | null;
  readonly #places = new Map<string, number>();
  #length = 0;

  constructor(kind: "integer" | "number" | "word") {
    this.#words = kind === "word" ? [] : null;
    this.#values =
      kind === "number"
        ? new Float64Array(FIRST_CAPACITY)
        : new Int32Array(FIRST_CAPACITY);
  }

  /** Rows it has values of: those with ids up to this. */
  get length(): number {
    return this.#length;
  }

  get words(): readonly string[] | null {
    return this.#words;
  }

  /** Puts the value of row `id`; rows before it that had none are NULL. */
  set(id: number, value: SqlValue): void {
    this.#makeRoom(id);
    for (; this.#length < id; this.#length++) this.#put(this.#length, NaN);
    this.#put(id - 1, this.#numberOf(value));
  }

  /** The value as a number, of a word its place; NaN for NULL. */
  at(id: number): number {
    if (id > this.#length) return NaN;
    const value = this.#values[id - 1] as number;
    return value === NO_INTEGER ? NaN : value;
  }

  /** As `set` was given it. */
  valueOf(id: number): SqlValue {
    const value = this.at(id);
    if (Number.isNaN(value)) return null;
    return this.#words === null ? value : (this.#words[value] ?? null);
  }

  /**
   * Numbers that are ordered as the values: of words their ranks, of numbers themselves.
   * @returns from what `at` gives
   */
  ranks(): (value: number) => number {
    const words = this.#words;
    if (words === null) return (value) => value;
    const ranks = new Float64Array(words.length);
    [...words.keys()]
      .sort((a, b) => compareWords(words[a] as string, words[b] as string))
      .forEach((place, rank) => {
        ranks[place] = rank;
      });
    return (value) => (Number.isNaN(value) ? NaN : (ranks[value] as number));
  }

  #numberOf(value: SqlValue): number {
    if (value === null) return NaN;
    if (this.#words === null) return Number(value);
    const word = String(value);
    const known = this.#places.get(word);
    if (known !== undefined) return known;
    const place = this.#words.push(word) - 1;
    this.#places.set(word, place);
    return place;
  }

  #put(place: number, value: number): void {
    if (this.#values instanceof Float64Array) {
      this.#values[place] = value;
      return;
    }
    if (Number.isNaN(value)) this.#values[place] = NO_INTEGER;
    else if (value > NO_INTEGER && value < 2 ** 31) this.#values[place] = value;
    else {
      this.#values = Float64Array.from(this.#values, (known) =>
        known === NO_INTEGER ? NaN : known,
      );
      this.#values[place] = value;
    }
  }

  #makeRoom(length: number): void {
    if (length <= this.#values.length) return;
    const capacity = Math.max(length, Math.ceil(this.#values.length * 1.5));
    const larger =
      this.#values instanceof Float64Array
        ? new Float64Array(capacity)
        : new Int32Array(capacity);
    larger.set(this.#values);
    this.#values = larger;
  }
}

/** By code units: the same on every machine. */
export function compareWords(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
