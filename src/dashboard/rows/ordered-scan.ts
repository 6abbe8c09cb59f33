/**
 * @file The next rows of a table in an order, by one pass over its columns. Ties go by id,
 * rows without a value come last, whichever the direction.
 */
import type { GrowingColumn } from "./growing-column.js";

export interface RowOrder {
  /** What it is ordered by. */
  readonly values: GrowingColumn | "id";
  readonly down: boolean;
}

/** Where a page ended: the value of its last row, and the row. */
export interface Position {
  readonly value: string | number | null;
  readonly id: number;
}

export interface Scan {
  readonly order: RowOrder;
  /** Rows with ids up to this are looked at. */
  readonly last: number;
  /** All must hold. */
  readonly tests: readonly ((id: number) => boolean)[];
  /** Only these, ascending; all when null. */
  readonly only: readonly number[] | null;
  readonly after: Position | null;
  /** Most rows wanted. */
  readonly count: number;
}

export interface Scanned {
  /** In order. */
  readonly ids: readonly number[];
  /** Rows that pass the tests, those before `after` among them. */
  readonly total: number;
}

export function scanRows(scan: Scan): Scanned {
  const { tests, only, last, count } = scan;
  const keyOf = keyFunction(scan.order);
  const start = startOf(scan);
  const best = new NextRows(count);
  let total = 0;
  const look = (id: number): void => {
    for (const test of tests) if (!test(id)) return;
    total++;
    const key = keyOf(id);
    if (key > start.key || (key === start.key && id > start.id))
      best.offer(key, id);
  };
  if (only !== null) for (const id of only) look(id);
  else
    for (const first of scatteredBlocks(last))
      for (let id = first; id < first + BLOCK && id <= last; id++) look(id);
  return { ids: best.sorted(), total };
}

/** Rows looked at one after the other. */
const BLOCK = 4096;
/** About the golden section, which spreads places best. */
const STEP = 0.618;

/**
 * First ids of the blocks of a table, each once, neighbours far apart: where values rise
 * or fall with the ids, the best rows are met early all the same, and hardly any other is
 * taken in.
 */
function* scatteredBlocks(last: number): Generator<number> {
  const blocks = Math.ceil(last / BLOCK);
  let step = Math.max(1, Math.round(blocks * STEP));
  while (divisor(step, blocks) > 1) step++;
  for (let i = 0; i < blocks; i++) yield ((i * step) % blocks) * BLOCK + 1;
}

function divisor(one: number, other: number): number {
  return other === 0 ? one : divisor(other, one % other);
}

/** Ascending in the order wanted; infinite for rows without a value. */
function keyFunction({ values, down }: RowOrder): (id: number) => number {
  if (values === "id") return down ? (id) => -id : (id) => id;
  const rank = values.ranks();
  return (id) => {
    const key = rank(values.at(id));
    if (Number.isNaN(key)) return Number.POSITIVE_INFINITY;
    return down ? -key : key;
  };
}

function startOf({ order, after }: Scan): { key: number; id: number } {
  if (after === null) return { key: Number.NEGATIVE_INFINITY, id: 0 };
  const { values, down } = order;
  if (values === "id")
    return { key: down ? -after.id : after.id, id: after.id };
  if (after.value === null)
    return { key: Number.POSITIVE_INFINITY, id: after.id };
  const number =
    values.words === null
      ? Number(after.value)
      : values.ranks()(values.words.indexOf(String(after.value)));
  return { key: down ? -number : number, id: after.id };
}

/** The least `count` of the rows offered, by key and id. */
class NextRows {
  readonly #count: number;
  readonly #keys: Float64Array;
  readonly #ids: Float64Array;
  #length = 0;
  /** No row from here on is wanted. */
  #bound = Number.POSITIVE_INFINITY;
  #boundId = Number.POSITIVE_INFINITY;

  constructor(count: number) {
    this.#count = count;
    this.#keys = new Float64Array(2 * count);
    this.#ids = new Float64Array(2 * count);
  }

  offer(key: number, id: number): void {
    if (key > this.#bound || (key === this.#bound && id >= this.#boundId))
      return;
    this.#keys[this.#length] = key;
    this.#ids[this.#length] = id;
    this.#length++;
    if (this.#length === this.#keys.length) this.#drop();
  }

  sorted(): number[] {
    this.#drop();
    return [...this.#ids.subarray(0, this.#length)];
  }

  /** Keeps the best, in order. */
  #drop(): void {
    const keys = this.#keys.slice(0, this.#length);
    const ids = this.#ids.slice(0, this.#length);
    const places = Uint32Array.from(keys.keys()).sort((a, b) => {
      const [one, other] = [keys[a] as number, keys[b] as number];
      return one === other
        ? (ids[a] as number) - (ids[b] as number)
        : one - other;
    });
    this.#length = Math.min(this.#count, this.#length);
    for (let i = 0; i < this.#length; i++) {
      const place = places[i] as number;
      this.#keys[i] = keys[place] as number;
      this.#ids[i] = ids[place] as number;
    }
    if (this.#length < this.#count) return;
    this.#bound = this.#keys[this.#length - 1] as number;
    this.#boundId = this.#ids[this.#length - 1] as number;
  }
}
