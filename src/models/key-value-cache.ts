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
import { cachedHeadSize, pastName, presentName } from "./inference-graph.js";

export class KeyValueCache {
  readonly slots: number;
  readonly capacity: number;
  readonly #heads: number;
  readonly #headSize: number;
  /** Keys and values of every layer: [key₀, value₀, key₁, …]. */
  readonly #arrays: readonly Float32Array[];
  readonly #views = new Map<string, CacheView>();

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

  /** Feeds and results that run a graph on slots `first` … `first + count − 1`, in place. */
  view(first: number, count: number): CacheView {
    const key = `${first}+${count}`;
    const known = this.#views.get(key);
    if (known !== undefined) return known;
    const size = this.#heads * this.capacity * this.#headSize;
    const shape = [count, this.#heads, this.capacity, this.#headSize];
    const feeds: Record<string, HostTensor> = {};
    const results: Record<string, HostTensor> = {};
    this.#arrays.forEach((array, i) => {
      const kind = i % 2 === 0 ? "key" : "value";
      const layer = Math.floor(i / 2);
      const data = array.subarray(first * size, (first + count) * size);
      feeds[pastName(kind, layer)] = float32Tensor(data, shape);
      results[presentName(kind, layer)] = float32Tensor(data, shape);
    });
    const view = { feeds, results };
    this.#views.set(key, view);
    return view;
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

export interface CacheView {
  readonly feeds: Readonly<Record<string, HostTensor>>;
  readonly results: Readonly<Record<string, HostTensor>>;
}
