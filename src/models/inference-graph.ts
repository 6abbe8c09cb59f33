/**
 * @file The graph that generates: new tokens over a key/value cache → logits of one
 * position a sequence. One graph serves prefill and decoding, at any batch size.
 *
 * Axes: B sequences, S new tokens, P cache capacity. The cache is read where it lies and
 * only the keys and values of the new tokens come back. Weights are constants, which
 * lets the runtime lay them out for its kernels once.
 */
import type {
  DecoderConfig,
  LayerConfig,
} from "../checkpoints/decoder-config.js";
import { GraphBuilder, type Value } from "../engine/graph/graph.js";
import { decoderHidden, decoderLogits, type DecoderParts } from "./decoder.js";
import type { ParameterSet } from "./parameters.js";
import {
  quantizedLinear,
  quantizedValues,
  type QuantizedWeights,
} from "./quantized-weights.js";
import { rotaryTable } from "./rotary-table.js";

/** The attention kernel takes heads of a multiple of this size. */
const HEAD_STEP = 8;

/** Size of a head in the cache; what exceeds the model's head size is zero. */
export function cachedHeadSize({ headSize }: DecoderConfig): number {
  return Math.ceil(headSize / HEAD_STEP) * HEAD_STEP;
}

export function pastName(kind: "key" | "value", layer: number): string {
  return `past.${kind}.${layer}`;
}

export function newName(kind: "key" | "value", layer: number): string {
  return `new.${kind}.${layer}`;
}

/**
 * Inputs: `ids` [B, S], `positions` [B, S], `lastToken` [B] (row of S whose logits are
 * wanted), `lastPosition` int32 [B] (length of each sequence minus 1), `longest` int32
 * [1], past keys and values [B, kv, P, head]. Outputs: `logits` [B, vocabulary], keys and
 * values of the new tokens [B, S, kv·head].
 *
 * @param capacity positions for which rotations are tabulated
 */
export function buildInferenceGraph(
  config: DecoderConfig,
  weights: {
    readonly base: ParameterSet;
    readonly quantized?: QuantizedWeights | undefined;
  },
  capacity: number,
): GraphBuilder {
  const graph = new GraphBuilder();
  const ids = graph.input("ids", ["batch", "sequence"], "int64");
  const lastToken = graph.input("lastToken", ["batch"], "int64");
  const parts = inferenceParts(graph, config, { ...weights, capacity });
  const hidden = decoderHidden(parts, ids);
  const last = graph.apply("takePositions", [hidden, lastToken], {});
  graph.output("logits", decoderLogits(parts, last));
  return graph;
}

function inferenceParts(
  graph: GraphBuilder,
  config: DecoderConfig,
  source: {
    readonly base: ParameterSet;
    readonly quantized?: QuantizedWeights | undefined;
    readonly capacity: number;
  },
): DecoderParts {
  const positions = graph.input("positions", ["batch", "sequence"], "int64");
  const lastPosition = graph.input("lastPosition", ["batch"], "int32");
  const longest = graph.input("longest", [1], "int32");
  const weights = new Map(
    Object.entries(source.base.tensors).map(([name, tensor]) => [
      name,
      graph.constant(tensor, name),
    ]),
  );
  const weight = (name: string): Value => weights.get(name) as Value;
  const int8 = quantizedValues(source.quantized, (name, tensor) =>
    graph.constant(tensor, name),
  );
  const tables = new Map<string, readonly [Value, Value]>();
  const tableOf = (
    rope: NonNullable<LayerConfig["rope"]>,
  ): readonly [Value, Value] => {
    const key = JSON.stringify(rope);
    const known = tables.get(key);
    if (known !== undefined) return known;
    const { cos, sin } = rotaryTable(rope, source.capacity);
    const made = [graph.constant(cos), graph.constant(sin)] as const;
    tables.set(key, made);
    return made;
  };
  const cache = [
    "batch",
    config.keyValueHeadCount,
    "capacity",
    cachedHeadSize(config),
  ];
  return {
    graph,
    config,
    weight,
    linear: (name, x) => {
      const product =
        quantizedLinear(graph, int8, name, x) ??
        graph.matmul(x, weight(`${name}.weight`), { transposeRight: true });
      const bias = weights.get(`${name}.bias`);
      return bias === undefined ? product : graph.add(product, bias);
    },
    rotate: (x, heads, layer) => {
      if (layer.rope === null) return x;
      const { rotaryDimensions } = layer.rope;
      const partial =
        rotaryDimensions === config.headSize ? 0 : rotaryDimensions;
      return graph.apply("rotary", [x, positions, ...tableOf(layer.rope)], {
        heads,
        partial,
      });
    },
    attend: (layer, query, key, value) => {
      const pastKey = graph.input(pastName("key", layer), cache);
      const pastValue = graph.input(pastName("value", layer), cache);
      const { headCount, keyValueHeadCount } = config;
      const newKey = widenHeads(graph, config, key, keyValueHeadCount);
      const newValue = widenHeads(graph, config, value, keyValueHeadCount);
      graph.output(newName("key", layer), newKey);
      graph.output(newName("value", layer), newValue);
      const inputs = [
        widenHeads(graph, config, query, headCount),
        newKey,
        newValue,
        pastKey,
        pastValue,
        lastPosition,
        longest,
      ];
      const output = graph.apply("cachedAttention", inputs, {
        heads: headCount,
        keyValueHeads: keyValueHeadCount,
        scale: config.queryScale,
        window: config.layers[layer]?.slidingWindow ?? -1,
        softcap: config.attentionSoftcap ?? 0,
      });
      return narrowHeads(graph, config, output);
    },
  };
}

/** [B, S, heads·headSize] → [B, S, heads·cachedHeadSize]: zeros change no product of queries and keys. */
function widenHeads(
  graph: GraphBuilder,
  config: DecoderConfig,
  x: Value,
  heads: number,
): Value {
  const { headSize } = config;
  const after = cachedHeadSize(config) - headSize;
  if (after === 0) return x;
  const axes = x.shape.slice(0, -1);
  const split = graph.reshape(x, [...axes, heads, headSize]);
  const wide = graph.apply("padColumns", [split], { before: 0, after });
  return graph.reshape(wide, [...axes, heads * (headSize + after)]);
}

/** The inverse for the attention's output: what was added is zero and goes. */
function narrowHeads(
  graph: GraphBuilder,
  config: DecoderConfig,
  x: Value,
): Value {
  const { headSize, headCount } = config;
  const wide = cachedHeadSize(config);
  if (wide === headSize) return x;
  const axes = x.shape.slice(0, -1);
  const split = graph.reshape(x, [...axes, headCount, wide]);
  const columns = { start: 0, count: headSize };
  const narrow = graph.apply("takeColumns", [split], columns);
  return graph.reshape(narrow, [...axes, headCount * headSize]);
}
