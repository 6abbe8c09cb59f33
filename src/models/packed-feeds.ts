/**
 * @file A packed batch as the inputs of a packed graph.
 */
import type { DecoderConfig } from "../checkpoints/config/decoder-config.js";
import {
  float32Tensor,
  int32Tensor,
  int64Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";
import { attentionMask } from "./attention-mask.js";
import {
  packedMaskName,
  PREDICTORS,
  TOKENS,
  type HeadKind,
} from "./packed-graph.js";
import type { PackedBatch } from "./packing.js";

/** What every run of a packed graph is fed besides the weights. */
export function packedFeeds(
  config: DecoderConfig,
  batch: PackedBatch,
): Record<string, HostTensor> {
  const { rows, length, predictors, cellOfToken } = batch;
  const tokenCount = batch.ids.length;
  const predictorOfToken = new Int32Array(tokenCount).fill(-1);
  predictors.forEach((token, i) => (predictorOfToken[token] = i));
  const atPredictors = (values: Int32Array): Int32Array =>
    predictors.map((token) => values[token] ?? 0);
  const places = (
    axis: string,
    cells: Int32Array,
    kind: HeadKind,
  ): Record<string, HostTensor> =>
    headPlaces({ config, rows, length, axis, cells, kind });
  const feeds: Record<string, HostTensor> = {
    ids: vector(batch.ids),
    [`${TOKENS}.positions`]: column(batch.positions),
    ...places(TOKENS, cellOfToken, "queries"),
    ...places(TOKENS, cellOfToken, "keys"),
    [`${PREDICTORS}.positions`]: column(atPredictors(batch.positions)),
    ...places(PREDICTORS, atPredictors(cellOfToken), "queries"),
    predictors: int32Tensor(predictors, [predictors.length]),
    predictorOfToken: int32Tensor(predictorOfToken, [tokenCount]),
    sources: vector(batch.sources),
    targets: vector(batch.targets),
  };
  for (const { slidingWindow } of config.layers) {
    feeds[packedMaskName(slidingWindow)] ??= float32Tensor(
      attentionMask(batch, slidingWindow),
      [rows, 1, 1, length, length],
    );
  }
  return feeds;
}

function vector(values: Int32Array): HostTensor {
  return int64Tensor(values, [values.length]);
}

function column(values: Int32Array): HostTensor {
  return int64Tensor(values, [values.length, 1]);
}

/** Head h = k·G + g of a token in cell t of row r lies at r, k, g·T + t. */
function headPlaces(set: {
  readonly config: DecoderConfig;
  readonly rows: number;
  readonly length: number;
  readonly axis: string;
  /** [tokens], cell of each, counted through rows and their cells */
  readonly cells: Int32Array;
  readonly kind: HeadKind;
}): Record<string, HostTensor> {
  const { config, rows, length, axis, cells, kind } = set;
  const { headCount, keyValueHeadCount: shared } = config;
  const heads = kind === "queries" ? headCount : shared;
  const width = (heads / shared) * length;
  const cellOf = new Int32Array(cells.length * heads);
  const inCell = new Int32Array(rows * shared * width).fill(-1);
  cells.forEach((cell, token) => {
    const row = Math.floor(cell / length);
    const base = row * heads * length + (cell % length);
    for (let head = 0; head < heads; head++) {
      const place = base + head * length;
      cellOf[token * heads + head] = place;
      inCell[place] = token * heads + head;
    }
  });
  return {
    [`${axis}.${kind}.cells`]: int32Tensor(cellOf, [cells.length, heads]),
    [`${axis}.${kind}.inCell`]: int32Tensor(inCell, [rows, shared, width]),
  };
}
