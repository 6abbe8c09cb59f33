/**
 * @file Keys and values of the sequences being generated, slot by slot.
 *
 * For each layer one array [slots, kv heads, capacity, head size]; a sequence owns a
 * slot. The active slots are always the first ones, so a prefix of the array is a
 * smaller batch without copying. Owner: the decoding loop.
 */
import type { DecoderConfig } from "../checkpoints/decoder-config.js";
import {
  float32Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";
import { ShapeError } from "../engine/tensor/tensor-type.js";
import type { Tensors } from "../engine/runtime/executable.js";
import { cachedHeadSize, newName, pastName } from "./inference-graph.js";

export class KeyValueCache {
  readonly slots: number;
  readonly capacity: number;
  readonly #heads: number;
  readonly #headSize: number;
  /** Keys and values of every layer: [key₀, value₀, key₁, …]. */
  readonly #arrays: readonly Float32Array[];
  readonly #views = new Map<string, Tensors>();

  constructor(config: DecoderConfig, slots: number, capacity: number) {
    this.slots = slots;
    this.capacity = capacity;
    this.#heads = config.keyValueHeadCount;
    this.#headSize = cachedHeadSize(config);
    const size = slots * this.#heads * capacity * this.#headSize;
    this.#arrays = config.layers.flatMap(() => [
      new Float32Array(size),
      new Float32Array(size),
    ]);
  }

  /** Feeds that let a graph read slots `first` … `first + count − 1` where they lie. */
  view(first: number, count: number): Tensors {
    const key = `${first}+${count}`;
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const size = this.#heads * this.capacity * this.#headSize;
    const shape = [count, this.#heads, this.capacity, this.#headSize];
    const feeds: Record<string, HostTensor> = {};
    this.#arrays.forEach((array, i) => {
      const kind = i % 2 === 0 ? "key" : "value";
      const layer = Math.floor(i / 2);
      const data = array.subarray(first * size, (first + count) * size);
      feeds[pastName(kind, layer)] = float32Tensor(data, shape);
    });
    this.#views.set(key, feeds);
    return feeds;
  }

  /**
   * Writes the keys and values that a graph made of new tokens.
   * @param made its results, [rows, S, heads·headSize] each
   * @param rows where each row goes: its slot, and its tokens from `start` to `end` − 1
   */
  append(
    made: Tensors,
    rows: readonly {
      readonly slot: number;
      readonly start: number;
      readonly end: number;
    }[],
  ): void {
    const size = this.#headSize;
    const width = this.#heads * size;
    this.#arrays.forEach((array, i) => {
      const kind = i % 2 === 0 ? "key" : "value";
      const tensor = made[newName(kind, Math.floor(i / 2))];
      if (tensor?.elementType !== "float32")
        throw new ShapeError("the graph gave no keys and values");
      const { data, shape } = tensor;
      const stride = (shape[1] ?? 0) * width;
      rows.forEach(({ slot, start, end }, row) => {
        for (let position = start; position < end; position++) {
          const from = row * stride + (position - start) * width;
          for (let head = 0; head < this.#heads; head++) {
            const line = (slot * this.#heads + head) * this.capacity + position;
            const source = from + head * size;
            for (let k = 0; k < size; k++)
              array[line * size + k] = data[source + k] as number;
          }
        }
      });
    });
  }

  /** Copies the first `length` positions of one slot to another. */
  copy(from: number, to: number, length: number): void {
    if (from === to) return;
    const { capacity } = this;
    const run = length * this.#headSize;
    for (const array of this.#arrays) {
      for (let head = 0; head < this.#heads; head++) {
        const source = (from * this.#heads + head) * capacity * this.#headSize;
        const target = (to * this.#heads + head) * capacity * this.#headSize;
        array.copyWithin(target, source, source + run);
      }
    }
  }
}
