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
} from "../checkpoints/config/decoder-config.js";
import { GraphBuilder, type Value } from "../engine/graph/graph.js";
import type { Dimension } from "../engine/tensor/tensor-type.js";
import { decoderHidden, decoderLogits, type DecoderParts } from "./decoder.js";
import type { FrozenModel } from "./joined-projections.js";
import { quantizedLinear } from "./quantized-weights.js";
import { rotaryTable } from "./rotary-table.js";

export type KeyOrValue = "key" | "value";

export function prefixName(kind: KeyOrValue, layer: number): string {
  return `prefix.${kind}.${layer}`;
}

export function pastName(kind: KeyOrValue, layer: number): string {
  return `past.${kind}.${layer}`;
}

export function newName(kind: KeyOrValue, layer: number): string {
  return `new.${kind}.${layer}`;
}

/** The outputs with the keys and values of the new tokens. */
export function newNames({ layers }: DecoderConfig): string[] {
  return layers.flatMap((_, layer) => [
    newName("key", layer),
    newName("value", layer),
  ]);
}

/** The outputs that `tokenWeights` makes, in its order. */
export const CHOICE_OUTPUTS = ["weights", "peak", "best"] as const;

/** Name of the attention mask of the layers that look back so far, null for all the way. */
export function maskName(window: number | null): string {
  return window === null ? "mask" : `mask.${window}`;
}

/** How far the layers of a model look back, each way once. */
export function windowsOf({ layers }: DecoderConfig): (number | null)[] {
  return [...new Set(layers.map(({ slidingWindow }) => slidingWindow))];
}

/**
 * Inputs: `ids` [B, S], `positions` [B, S], `lastToken` [B] (row of S whose logits are
 * wanted), `inverseTemperature` [B, 1], keys and values of a prefix that all rows share
 * [1, kv, P, head] and of each row's own past [B, kv, C, head], for each window a mask
 * [B or 1, 1, S, P + S + C] (0 or −∞ for prefix, new tokens and past), `parts` [2] =
 * P + S and C, `batch` [4] = B, 1, 1, 1. Outputs: `logits` [B, V], `weights`, `peak` and
 * `best` of the tokens that may be generated (primitive `tokenWeights`), keys and values
 * of the new tokens [B, kv, S, head].
 */
export function buildInferenceGraph(
  model: FrozenModel,
  sizes: {
    /** Positions for which rotations are tabulated. */
    readonly capacity: number;
    /** Largest token id that may be generated, plus one; ids beyond are padding of the matrix. */
    readonly vocabulary: number;
  },
): GraphBuilder {
  const graph = new GraphBuilder();
  const ids = graph.input("ids", ["batch", "sequence"], "int64");
  const lastToken = graph.input("lastToken", ["batch"], "int64");
  const parts = inferenceParts(graph, model, sizes.capacity);
  const hidden = decoderHidden(parts, ids);
  const last = graph.apply("takePositions", [hidden, lastToken], {});
  const logits = decoderLogits(parts, last);
  graph.output("logits", logits);
  const columns = { start: 0, count: sizes.vocabulary };
  const choosable =
    sizes.vocabulary === model.config.vocabSize
      ? logits
      : graph.apply("takeColumns", [logits], columns);
  const inverseTemperature = graph.input("inverseTemperature", ["batch", 1]);
  graph
    .applyAll("tokenWeights", [choosable, inverseTemperature], {})
    .forEach((value, i) => graph.output(CHOICE_OUTPUTS[i] as string, value));
  return graph;
}

function inferenceParts(
  graph: GraphBuilder,
  { config, tensors }: FrozenModel,
  capacity: number,
): DecoderParts {
  const positions = graph.input("positions", ["batch", "sequence"], "int64");
  const parts = graph.input("parts", [2], "int64");
  const batch = graph.input("batch", [4], "int64");
  const masks = new Map(
    windowsOf(config).map((window) => [
      window,
      groupedMask(graph, config, window),
    ]),
  );
  const weights = new Map(
    Object.entries(tensors).map(([name, tensor]) => [
      name,
      graph.constant(tensor, name),
    ]),
  );
  const weight = (name: string): Value => weights.get(name) as Value;
  const tables = new Map<string, readonly [Value, Value]>();
  const tableOf = (
    rope: NonNullable<LayerConfig["rope"]>,
  ): readonly [Value, Value] => {
    const key = JSON.stringify(rope);
    const known = tables.get(key);
    if (known !== undefined) return known;
    const { cos, sin } = rotaryTable(rope, capacity);
    const made = [graph.constant(cos), graph.constant(sin)] as const;
    tables.set(key, made);
    return made;
  };
  const keysOf = (rows: Dimension, positions: Dimension): Dimension[] => [
    rows,
    config.keyValueHeadCount,
    positions,
    config.headSize,
  ];
  return {
    graph,
    config,
    weight,
    linear: (name, x) => {
      const product =
        quantizedLinear(graph, weights, name, x) ??
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
      const { headCount, keyValueHeadCount } = config;
      const shared = keysOf(1, "prefix");
      const own = keysOf("batch", "past");
      const window = config.layers[layer]?.slidingWindow ?? null;
      const inputs = [
        query,
        key,
        value,
        graph.input(prefixName("key", layer), shared),
        graph.input(prefixName("value", layer), shared),
        graph.input(pastName("key", layer), own),
        graph.input(pastName("value", layer), own),
        masks.get(window) as Value,
        parts,
        batch,
      ];
      const [output, newKey, newValue] = graph.applyAll(
        "cachedAttention",
        inputs,
        {
          heads: headCount,
          keyValueHeads: keyValueHeadCount,
          scale: config.queryScale,
          softcap: config.attentionSoftcap ?? 0,
        },
      ) as [Value, Value, Value];
      graph.output(newName("key", layer), newKey);
      graph.output(newName("value", layer), newValue);
      return output;
    },
  };
}

/** The mask input, repeated for the query heads that are rows of one product. */
function groupedMask(
  graph: GraphBuilder,
  config: DecoderConfig,
  window: number | null,
): Value {
  const mask = graph.input(maskName(window), [
    "masks",
    1,
    "sequence",
    "positions",
  ]);
  const copies = config.headCount / config.keyValueHeadCount;
  return graph.apply("repeatRows", [mask], { copies });
}
