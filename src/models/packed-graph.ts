/**
 * @file The graph of a packed batch: token ids → log-probability of every target; of a
 * model with a reward head, the reward in the place of every target.
 *
 * Shapes: N tokens, P predictors (the tokens after which something is predicted), K
 * target slots, and the rectangle of attention: R rows of T cells, C = R·T. Only T is a
 * number; the others are named, so one graph serves batches of any size. Scoring runs it
 * as it is; training puts a loss and its gradients on top.
 */
import type {
  DecoderConfig,
  LayerConfig,
} from "../checkpoints/config/decoder-config.js";
import type { GraphSegment } from "../engine/autodiff/recomputation.js";
import { GraphBuilder, type Value } from "../engine/graph/graph.js";
import type { ConstantTensor } from "../engine/tensor/file-tensor.js";
import {
  decoderHidden,
  decoderLogits,
  softcap,
  type DecoderParts,
} from "./decoder.js";
import { loraLinear, type LoraSettings } from "./lora.js";
import type { ParameterShape } from "./parameters.js";
import { quantizedLinear } from "./quantized-weights.js";
import { rotaryTable } from "./rotary-table.js";

export interface PackedGraphSpec {
  readonly config: DecoderConfig;
  /** Cells of a row. */
  readonly length: number;
  /** Float32 weights that are fed. */
  readonly parameters: readonly ParameterShape[];
  readonly lora: LoraSettings | null;
  /** Further weights: those in files are constants, the others are fed. */
  readonly tensors?: Readonly<Record<string, ConstantTensor>> | undefined;
  /** How many of the likeliest tokens are told for each target; none when absent. */
  readonly alternatives?: number;
}

/** The outputs with the likeliest tokens, in the order of the primitive `likeliest`. */
export const LIKELIEST_OUTPUTS = [
  "likeliest.values",
  "likeliest.tokens",
] as const;

export interface PackedGraph {
  readonly graph: GraphBuilder;
  /** Weights by name. */
  readonly weights: ReadonlyMap<string, Value>;
  /** [targetSlots], also the graph output of that name */
  readonly targetValues: Value;
  /** The layers, which can be computed again each from its input. */
  readonly layers: readonly GraphSegment[];
}

const ROWS = "rows";
const SLOTS = "slots";
export const TOKENS = "tokens";
export const PREDICTORS = "predictors";

/** Queries have a vector for each head, keys and values one for each shared head. */
export type HeadKind = "queries" | "keys";

/** Where the vectors of tokens lie in the rectangle of attention, with one for each head. */
interface HeadPlaces {
  /** int32 [tokens, heads], cell of each; cells are counted through [R, kv, G·T] */
  readonly cells: Value;
  /** int32 [R, kv, G·T], row of [tokens, heads] in each cell, −1 for none */
  readonly inCell: Value;
}

/** Tokens that are computed together, by the name of their axis. */
interface TokenSet {
  readonly axis: string;
  /** [tokens, 1], position of each in its sequence */
  readonly positions: Value;
  readonly queries: HeadPlaces;
}

/** Name of the mask input for layers with this window. */
export function packedMaskName(window: number | null): string {
  return `mask.${window ?? "all"}`;
}

/**
 * Inputs: `ids` [N], the places of tokens and predictors as in {@link TokenSet}, one mask
 * [R, 1, 1, T, T] for each window, `sources` [K], `targets` [K] and each weight that is fed.
 * Outputs: `targetValues` [K] and, where they are asked for, the likeliest tokens in
 * each place and their log-probabilities [K, alternatives].
 */
export function buildPackedGraph(spec: PackedGraphSpec): PackedGraph {
  const graph = new GraphBuilder();
  const ids = graph.input("ids", [TOKENS], "int64");
  const sources = graph.input("sources", [SLOTS], "int64");
  const targets = graph.input("targets", [SLOTS], "int64");
  const weights = new Map([
    ...spec.parameters.map(
      ({ name, shape }) => [name, graph.input(name, shape)] as const,
    ),
    ...Object.entries(spec.tensors ?? {}).map(
      ([name, tensor]) =>
        [
          name,
          "place" in tensor
            ? graph.constant(tensor, name)
            : graph.input(name, tensor.shape, tensor.elementType),
        ] as const,
    ),
  ]);
  const parts = packedParts({ graph, spec, weights });
  const layers: GraphSegment[] = [];
  const layer = (input: Value, build: (x: Value) => Value): Value => {
    const start = graph.nodes.length;
    const output = build(input);
    layers.push({ input, start, end: graph.nodes.length });
    return output;
  };
  const hidden = decoderHidden({ ...parts, layer }, ids);
  const predicting = graph.apply("gatherRows", [hidden, sources], {});
  if (spec.config.rewardHead) {
    const targetValues = graph.reshape(parts.linear("score", predicting), [
      SLOTS,
    ]);
    graph.output("targetValues", targetValues);
    return { graph, weights, targetValues, layers };
  }
  const logits = decoderLogits(parts, predicting);
  const targetValues = graph.apply(
    "tokenLogProbability",
    [logits, targets],
    {},
  );
  graph.output("targetValues", targetValues);
  const count = spec.alternatives ?? 0;
  if (count > 0)
    graph
      .applyAll("likeliest", [logits], { count })
      .forEach((value, i) =>
        graph.output(LIKELIEST_OUTPUTS[i] as string, value),
      );
  return { graph, weights, targetValues, layers };
}

function headPlaces(
  graph: GraphBuilder,
  spec: PackedGraphSpec,
  at: { readonly axis: string; readonly kind: HeadKind },
): HeadPlaces {
  const { axis, kind } = at;
  const { headCount, keyValueHeadCount } = spec.config;
  const heads = kind === "queries" ? headCount : keyValueHeadCount;
  const width = (heads / keyValueHeadCount) * spec.length;
  return {
    cells: graph.input(`${axis}.${kind}.cells`, [axis, heads], "int32"),
    inCell: graph.input(
      `${axis}.${kind}.inCell`,
      [ROWS, keyValueHeadCount, width],
      "int32",
    ),
  };
}

function tokenSet(
  graph: GraphBuilder,
  spec: PackedGraphSpec,
  axis: string,
): TokenSet {
  return {
    axis,
    positions: graph.input(`${axis}.positions`, [axis, 1], "int64"),
    queries: headPlaces(graph, spec, { axis, kind: "queries" }),
  };
}

function packedParts(context: {
  readonly graph: GraphBuilder;
  readonly spec: PackedGraphSpec;
  readonly weights: ReadonlyMap<string, Value>;
}): DecoderParts {
  const { graph, spec, weights } = context;
  const { config, lora, length } = spec;
  const sets = [TOKENS, PREDICTORS].map((axis) => tokenSet(graph, spec, axis));
  const keyPlaces = headPlaces(graph, spec, { axis: TOKENS, kind: "keys" });
  const setOf = (x: Value): TokenSet =>
    sets.find(({ axis }) => axis === x.shape[0]) as TokenSet;
  const predictors = graph.input("predictors", [PREDICTORS], "int32");
  const predictorOfToken = graph.input("predictorOfToken", [TOKENS], "int32");
  const masks = new Map(
    config.layers.map(({ slidingWindow }) => [
      slidingWindow,
      undefined as Value | undefined,
    ]),
  );
  for (const window of masks.keys()) {
    masks.set(
      window,
      graph.input(packedMaskName(window), [ROWS, 1, 1, length, length]),
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
  return {
    graph,
    config,
    weight,
    linear: (name, x) => {
      const plain =
        quantizedLinear(graph, weights, name, x) ??
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
      const { axis, positions } = setOf(x);
      const width = heads * config.headSize;
      const shaped = graph.reshape(x, [axis, 1, width]);
      const turned = graph.apply("rotary", [shaped, positions, cos, sin], {
        heads,
        partial,
      });
      return graph.reshape(turned, [axis, width]);
    },
    focus: (x) =>
      graph.apply("moveRows", [x, predictors, predictorOfToken], {
        blanks: false,
        inverseBlanks: true,
      }),
    attend: (layer, query, key, value) => {
      const { axis, queries } = setOf(query);
      const perHead = (x: Value, heads: number, places: HeadPlaces): Value =>
        graph.apply(
          "moveRows",
          [
            graph.reshape(x, [x.shape[0] ?? 0, heads, config.headSize]),
            places.inCell,
            places.cells,
          ],
          { blanks: true, inverseBlanks: false },
        );
      const { headCount, keyValueHeadCount, headSize } = config;
      const mixed = attend({
        graph,
        config,
        length,
        queries: perHead(query, headCount, queries),
        keys: perHead(key, keyValueHeadCount, keyPlaces),
        values: perHead(value, keyValueHeadCount, keyPlaces),
        mask: masks.get(config.layers[layer]?.slidingWindow ?? null) as Value,
      });
      const back = [mixed, queries.cells, queries.inCell];
      const attended = graph.apply("moveRows", back, {
        blanks: false,
        inverseBlanks: true,
      });
      return graph.reshape(attended, [axis, headCount * headSize]);
    },
  };
}

/**
 * softmax(scale·QKᵀ + mask)·V with grouped heads: queries [R, kv, G·T, head], keys and
 * values [R, kv, T, head] → [R, kv, G·T, head]. The G query heads that share a key head
 * lie one after the other, so that one product serves them all.
 */
function attend(step: {
  readonly graph: GraphBuilder;
  readonly config: DecoderConfig;
  readonly length: number;
  readonly queries: Value;
  readonly keys: Value;
  readonly values: Value;
  readonly mask: Value;
}): Value {
  const { graph, config, length, queries, keys, values } = step;
  const { headCount, keyValueHeadCount: shared, attentionSoftcap } = config;
  const group = headCount / shared;
  const raw = graph.matmul(queries, keys, {
    transposeRight: true,
    alpha: config.queryScale,
  });
  const scores =
    attentionSoftcap === null ? raw : softcap(graph, raw, attentionSoftcap);
  const grid = graph.reshape(scores, [ROWS, shared, group, length, length]);
  const weights = graph.apply("softmax", [graph.add(grid, step.mask)], {});
  const flat = graph.reshape(weights, [ROWS, shared, group * length, length]);
  return graph.matmul(flat, values);
}
