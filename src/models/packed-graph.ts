/**
 * @file The graph of a packed batch: token ids → log-probability of every target.
 *
 * Shapes: R rows, T tokens a row, N = R·T, K target slots. Only T is a number; the
 * others are named, so one graph serves batches of any size. Scoring runs it as it is;
 * training puts a loss and its gradients on top.
 */
import type {
  DecoderConfig,
  LayerConfig,
} from "../checkpoints/decoder-config.js";
import { GraphBuilder, type Value } from "../engine/graph/graph.js";
import {
  decoderHidden,
  decoderLogits,
  softcap,
  type DecoderParts,
} from "./decoder.js";
import { loraLinear, type LoraSettings } from "./lora.js";
import { attentionMask, type PackedBatch } from "./packing.js";
import {
  float32Tensor,
  int64Tensor,
  type HostTensor,
} from "../engine/tensor/host-tensor.js";
import type { ParameterShape } from "./parameters.js";
import {
  quantizedLinear,
  quantizedValues,
  type QuantizedWeights,
} from "./quantized-weights.js";
import { rotaryTable } from "./rotary-table.js";

export interface PackedGraphSpec {
  readonly config: DecoderConfig;
  /** Tokens of a row. */
  readonly length: number;
  readonly parameters: readonly ParameterShape[];
  readonly lora: LoraSettings | null;
  /** Layers whose weights are int8 and not among `parameters`. */
  readonly quantized?: QuantizedWeights | undefined;
}

export interface PackedGraph {
  readonly graph: GraphBuilder;
  /** Weight inputs by name. */
  readonly weights: ReadonlyMap<string, Value>;
  /** [targetSlots], also the graph output of that name */
  readonly logProbabilities: Value;
}

const ROWS = "rows";
const TOKENS = "tokens";
const SLOTS = "slots";

/** Name of the mask input for layers with this window. */
function maskName(window: number | null): string {
  return `mask.${window ?? "all"}`;
}

/**
 * Inputs: `ids` [N], `positions` [R, T], one mask [R, 1, 1, T, T] for each window,
 * `sources` [K], `targets` [K] and each parameter. Output: `logProbabilities` [K].
 */
export function buildPackedGraph(spec: PackedGraphSpec): PackedGraph {
  const graph = new GraphBuilder();
  const ids = graph.input("ids", [TOKENS], "int64");
  const sources = graph.input("sources", [SLOTS], "int64");
  const targets = graph.input("targets", [SLOTS], "int64");
  const weights = new Map(
    spec.parameters.map(({ name, shape }) => [name, graph.input(name, shape)]),
  );
  const parts = packedParts({ graph, spec, weights });
  const hidden = decoderHidden(parts, ids);
  const predicting = graph.apply("gatherRows", [hidden, sources], {});
  const logits = decoderLogits(parts, predicting);
  const logProbabilities = graph.apply(
    "tokenLogProbability",
    [logits, targets],
    {},
  );
  graph.output("logProbabilities", logProbabilities);
  return { graph, weights, logProbabilities };
}

/** What every run of a packed graph is fed besides the weights. */
export function packedFeeds(
  config: DecoderConfig,
  batch: PackedBatch,
): Record<string, HostTensor> {
  const { rows, length, targetSlots } = batch;
  const feeds: Record<string, HostTensor> = {
    ids: int64Tensor(batch.ids, [rows * length]),
    positions: int64Tensor(batch.positions, [rows, length]),
    sources: int64Tensor(batch.sources, [targetSlots]),
    targets: int64Tensor(batch.targets, [targetSlots]),
  };
  for (const { slidingWindow } of config.layers) {
    feeds[maskName(slidingWindow)] ??= float32Tensor(
      attentionMask(batch, slidingWindow),
      [rows, 1, 1, length, length],
    );
  }
  return feeds;
}

function packedParts(context: {
  readonly graph: GraphBuilder;
  readonly spec: PackedGraphSpec;
  readonly weights: ReadonlyMap<string, Value>;
}): DecoderParts {
  const { graph, spec, weights } = context;
  const { config, lora, length } = spec;
  const positions = graph.input("positions", [ROWS, length], "int64");
  const masks = new Map(
    config.layers.map(({ slidingWindow }) => [
      slidingWindow,
      undefined as Value | undefined,
    ]),
  );
  for (const window of masks.keys()) {
    masks.set(
      window,
      graph.input(maskName(window), [ROWS, 1, 1, length, length]),
    );
  }
  const tables = new Map<
    string,
    { readonly cos: Value; readonly sin: Value }
  >();
  const tableOf = (rope: NonNullable<LayerConfig["rope"]>) => {
    const key = JSON.stringify(rope);
    const known = tables.get(key);
    if (known !== undefined) return known;
    const { cos, sin } = rotaryTable(rope, length);
    const made = { cos: graph.constant(cos), sin: graph.constant(sin) };
    tables.set(key, made);
    return made;
  };
  const weight = (name: string): Value => weights.get(name) as Value;
  const int8 = quantizedValues(spec.quantized, (name, tensor) =>
    graph.input(name, tensor.shape, tensor.elementType),
  );
  return {
    graph,
    config,
    weight,
    linear: (name, x) => {
      const plain =
        quantizedLinear(graph, int8, name, x) ??
        graph.matmul(x, weight(`${name}.weight`), { transposeRight: true });
      const bias = weights.get(`${name}.bias`);
      const biased = bias === undefined ? plain : graph.add(plain, bias);
      return loraLinear({ graph, lora, weights, name, x, base: biased });
    },
    rotate: (x, heads, layer) => {
      if (layer.rope === null) return x;
      const { cos, sin } = tableOf(layer.rope);
      const { rotaryDimensions } = layer.rope;
      const partial =
        rotaryDimensions === config.headSize ? 0 : rotaryDimensions;
      const width = heads * config.headSize;
      const shaped = graph.reshape(x, [ROWS, length, width]);
      const turned = graph.apply("rotary", [shaped, positions, cos, sin], {
        heads,
        partial,
      });
      return graph.reshape(turned, [TOKENS, width]);
    },
    attend: (layer, query, key, value) =>
      attend({
        graph,
        config,
        length,
        query,
        key,
        value,
        mask: masks.get(config.layers[layer]?.slidingWindow ?? null) as Value,
      }),
  };
}

/**
 * softmax(scale·QKᵀ + mask)·V with grouped heads. The G query heads that share a key
 * head lie one after the other, so that one product [R, kv, G·T, T] serves them all.
 */
function attend(step: {
  readonly graph: GraphBuilder;
  readonly config: DecoderConfig;
  readonly length: number;
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
  readonly mask: Value;
}): Value {
  const { graph, config, length } = step;
  const {
    headCount,
    headSize,
    keyValueHeadCount: shared,
    attentionSoftcap,
  } = config;
  const group = headCount / shared;
  const queries = graph.reshape(
    graph.transpose(
      graph.reshape(step.query, [ROWS, length, shared, group, headSize]),
      [0, 2, 3, 1, 4],
    ),
    [ROWS, shared, group * length, headSize],
  );
  const perHead = (x: Value): Value =>
    graph.transpose(
      graph.reshape(x, [ROWS, length, shared, headSize]),
      [0, 2, 1, 3],
    );
  const raw = graph.matmul(queries, perHead(step.key), {
    transposeRight: true,
    alpha: config.queryScale,
  });
  const scores =
    attentionSoftcap === null ? raw : softcap(graph, raw, attentionSoftcap);
  const grid = graph.reshape(scores, [ROWS, shared, group, length, length]);
  const weights = graph.apply("softmax", [graph.add(grid, step.mask)], {});
  const flat = graph.reshape(weights, [ROWS, shared, group * length, length]);
  const mixed = graph.reshape(graph.matmul(flat, perHead(step.value)), [
    ROWS,
    shared,
    group,
    length,
    headSize,
  ]);
  return graph.reshape(graph.transpose(mixed, [0, 3, 1, 2, 4]), [
    TOKENS,
    headCount * headSize,
  ]);
}
