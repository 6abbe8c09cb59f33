/**
 * @file How much memory a batch needs between the way forward and the way back.
 */
import type { DecoderConfig } from "../checkpoints/decoder-config.js";
import type { PackedBatch } from "../models/packing.js";

/** Vectors of the hidden size, and of the feed-forward size, that a layer keeps of a token. */
const HIDDEN_VECTORS = 12;
const FEED_FORWARD_VECTORS = 4;

/** Copies of the attention scores that are alive at once. */
const SCORE_COPIES = 2;

/** Bytes of the activations of all layers, as an estimate to decide by. */
export function activationBytes(
  config: DecoderConfig,
  batch: Pick<PackedBatch, "ids" | "rows" | "length">,
): number {
  const { hiddenSize, intermediateSize, headCount, layers } = config;
  const perToken =
    HIDDEN_VECTORS * hiddenSize + FEED_FORWARD_VECTORS * intermediateSize;
  const scores = SCORE_COPIES * headCount * batch.rows * batch.length ** 2;
  return 4 * layers.length * (batch.ids.length * perToken + scores);
}
