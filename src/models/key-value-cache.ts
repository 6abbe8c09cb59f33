/**
 * @file Keys and values of the sequences being generated, slot by slot, and of prefixes
 * that several sequences share.
 *
 * For each layer one array [slots, kv heads, positions, head size]; a sequence owns a
 * slot. The active slots are always the first ones, so a prefix of the array is a
 * smaller batch without copying. The positions of a slot follow the longest sequence,
 * since attention looks at all of them. Owner: the decoding loop.
 */
import type { DecoderConfig } from "../checkpoints/config/decoder-config.js";
import {
  float32Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";
import { ShapeError } from "../engine/tensor/tensor-type.js";
import type { Tensors } from "../engine/runtime/executable.js";
import {
  newName,
  pastName,
  prefixName,
  type KeyOrValue,
} from "./inference-graph.js";

/** Keys and values of consecutive tokens: of each layer [key₀, value₀, key₁, …], [kv heads, length, head size]. */
export interface Segment {
  readonly length: number;
  readonly arrays: readonly Float32Array[];
}

const kindOf = (i: number): KeyOrValue => (i % 2 === 0 ? "key" : "value");
const layerOf = (i: number): number => i >> 1;

/** Positions are added so many at once: moving what is there costs about a step. */
const POSITION_STEP = 32;
/** Positions are given back when no more than this share is needed. */
const ROOMY_SHARE = 0.75;

const roundUp = (length: number): number =>
  Math.ceil(length / POSITION_STEP) * POSITION_STEP;

export class KeyValueCache {
  readonly slots: number;
  readonly #config: DecoderConfig;
  /** Positions a slot has memory for. */
  #capacity: number;
  /** Positions a slot has at present. */
  #positions = 0;
  /** Keys and values of every layer: [key₀, value₀, key₁, …]. */
  readonly #arrays: Float32Array[];
  readonly #views = new Map<number, Tensors>();

  /** @param capacity positions a slot will need, as far as is known; more are made when they are needed */
  constructor(config: DecoderConfig, slots: number, capacity: number) {
    this.slots = slots;
    this.#config = config;
    this.#capacity = roundUp(capacity);
    this.#arrays = emptyArrays(config).map(() => this.#array());
  }

  /** Positions that attention looks at, masked ones included. */
  get positions(): number {
    return this.#positions;
  }

  /** Makes room for `length` positions a slot; the first `used` slots keep what they hold. */
  fit(length: number, used: number): void {
    if (length > this.#capacity) this.#grow(length, used);
    const wanted = Math.min(roundUp(length), this.#capacity);
    const before = this.#positions;
    if (wanted <= before && wanted > before * ROOMY_SHARE) return;
    const { headSize } = this.#config;
    const [from, to] = [before * headSize, wanted * headSize];
    const kept = Math.min(from, to);
    const lines = used * this.#config.keyValueHeadCount;
    for (const array of this.#arrays) {
      // Growing moves the last line first, so that none is written over before it moved.
      for (let i = 0; i < lines; i++) {
        const line = to > from ? lines - 1 - i : i;
        array.copyWithin(line * to, line * from, line * from + kept);
      }
    }
    this.#positions = wanted;
    this.#views.clear();
  }

  /** Memory for at least `length` positions a slot, for twice as many as before to do so seldom. */
  #grow(length: number, used: number): void {
    this.#capacity = roundUp(Math.max(length, 2 * this.#capacity));
    const { keyValueHeadCount, headSize } = this.#config;
    const held = used * keyValueHeadCount * this.#positions * headSize;
    this.#arrays.forEach((array, i) => {
      const larger = this.#array();
      larger.set(array.subarray(0, held));
      this.#arrays[i] = larger;
    });
    this.#views.clear();
  }

  #array(): Float32Array {
    const { keyValueHeadCount, headSize } = this.#config;
    return new Float32Array(
      this.slots * keyValueHeadCount * this.#capacity * headSize,
    );
  }

  /** Feeds that let a graph read the first `count` slots where they lie. */
  view(count: number): Tensors {
    const known = this.#views.get(count);
    if (known !== undefined) return known;
    const { keyValueHeadCount, headSize } = this.#config;
    const shape = [count, keyValueHeadCount, this.#positions, headSize];
    const size = shape.reduce((a, b) => a * b);
    const feeds = tensorsOf(
      this.#arrays.map((array) => array.subarray(0, size)),
      shape,
      pastName,
    );
    this.#views.set(count, feeds);
    return feeds;
  }

  /** Writes the keys and values of one new token a sequence: row r goes to slot r, position `lengths[r]`. */
  append(made: Tensors, lengths: readonly number[]): void {
    const { keyValueHeadCount, headSize } = this.#config;
    this.#arrays.forEach((array, i) => {
      const data = madeOf(made, i);
      for (let row = 0; row < lengths.length; row++) {
        for (let head = 0; head < keyValueHeadCount; head++) {
          const line = row * keyValueHeadCount + head;
          const source = line * headSize;
          const target =
            (line * this.#positions + (lengths[row] ?? 0)) * headSize;
          for (let k = 0; k < headSize; k++)
            array[target + k] = data[source + k] as number;
        }
      }
    });
  }

  /** Writes segments one after the other to the beginning of a slot. */
  write(slot: number, segments: readonly Segment[]): void {
    const { keyValueHeadCount, headSize } = this.#config;
    this.#arrays.forEach((array, i) => {
      for (let head = 0; head < keyValueHeadCount; head++) {
        const line = slot * keyValueHeadCount + head;
        let target = line * this.#positions * headSize;
        for (const { length, arrays } of segments) {
          const size = length * headSize;
          const source = (arrays[i] as Float32Array).subarray(
            head * size,
            (head + 1) * size,
          );
          array.set(source, target);
          target += size;
        }
      }
    });
  }

  /** Copies the first `length` positions of one slot to another. */
  copy(from: number, to: number, length: number): void {
    if (from === to) return;
    const { keyValueHeadCount, headSize } = this.#config;
    const run = length * headSize;
    for (const array of this.#arrays) {
      for (let head = 0; head < keyValueHeadCount; head++) {
        const line = (slot: number): number =>
          (slot * keyValueHeadCount + head) * this.#positions * headSize;
        array.copyWithin(line(to), line(from), line(from) + run);
      }
    }
  }
}

/** Past feeds for `count` sequences that have no past of their own. */
export function noPast(config: DecoderConfig, count: number): Tensors {
  const { keyValueHeadCount, headSize } = config;
  const shape = [count, keyValueHeadCount, 0, headSize];
  return tensorsOf(emptyArrays(config), shape, pastName);
}

/** Prefix feeds: the segments one after the other, none for no prefix. */
export function prefixFeeds(
  config: DecoderConfig,
  segments: readonly Segment[],
): Tensors {
  const { keyValueHeadCount, headSize } = config;
  const length = segments.reduce((sum, segment) => sum + segment.length, 0);
  const shape = [1, keyValueHeadCount, length, headSize];
  const joined = emptyArrays(config).map((_, i) => {
    const array = new Float32Array(keyValueHeadCount * length * headSize);
    let target = 0;
    for (let head = 0; head < keyValueHeadCount; head++) {
      for (const segment of segments) {
        const size = segment.length * headSize;
        const source = segment.arrays[i] as Float32Array;
        array.set(source.subarray(head * size, (head + 1) * size), target);
        target += size;
      }
    }
    return array;
  });
  return tensorsOf(joined, shape, prefixName);
}

/** The keys and values that a graph made of the first `length` new tokens of one row. */
export function segmentOf(
  config: DecoderConfig,
  made: Tensors,
  { row, length }: { readonly row: number; readonly length: number },
): Segment {
  const { keyValueHeadCount, headSize } = config;
  const size = length * headSize;
  const arrays = emptyArrays(config).map((_, i) => {
    const width =
      (made[newName(kindOf(i), layerOf(i))]?.shape[2] ?? 0) * headSize;
    const data = madeOf(made, i);
    const array = new Float32Array(keyValueHeadCount * size);
    for (let head = 0; head < keyValueHeadCount; head++) {
      const start = (row * keyValueHeadCount + head) * width;
      array.set(data.subarray(start, start + size), head * size);
    }
    return array;
  });
  return { length, arrays };
}

function emptyArrays(config: DecoderConfig): Float32Array[] {
  return config.layers.flatMap(() => [
    new Float32Array(0),
    new Float32Array(0),
  ]);
}

function madeOf(made: Tensors, i: number): Float32Array {
  const tensor = made[newName(kindOf(i), layerOf(i))];
  if (tensor?.elementType !== "float32")
    throw new ShapeError("the graph gave no keys and values");
  return tensor.data;
}

function tensorsOf(
  arrays: readonly Float32Array[],
  shape: readonly number[],
  name: (kind: KeyOrValue, layer: number) => string,
): Tensors {
  return Object.fromEntries(
    arrays.map((array, i): [string, HostTensor] => [
      name(kindOf(i), layerOf(i)),
      float32Tensor(array, shape),
    ]),
  );
}
