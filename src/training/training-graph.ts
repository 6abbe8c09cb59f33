/**
 * @file The differentiable graph of a packed batch: token ids → log-probability of
 * every target → loss → gradients of the trainable parameters.
 *
 * Shapes: R rows, T tokens a row, N = R·T, K target slots. The objective is a
 * function handed in; this file knows nothing of SFT or DPO.
 */
import type {
  DecoderConfig,
  LayerConfig,
} from "../checkpoints/decoder-config.js";
import { differentiate } from "../engine/autodiff/differentiate.js";
import { GraphBuilder, type Value } from "../engine/graph/graph.js";
import {
  decoderHidden,
  decoderLogits,
  softcap,
  type DecoderParts,
} from "../models/decoder.js";
import type { LoraSettings } from "../models/lora.js";
import { loraLinear } from "../models/lora.js";
import type { ParameterShape } from "../models/parameters.js";
import { rotaryTable } from "../models/rotary-table.js";

export interface BatchSize {
  readonly rows: number;
  readonly length: number;
  readonly targetSlots: number;
}

/** Adds a scalar loss over the log-probabilities [K]; may name further outputs. */
export type Objective = (
  graph: GraphBuilder,
  logProbabilities: Value,
  size: BatchSize,
) => Value;

export interface TrainingGraphSpec {
  readonly config: DecoderConfig;
  readonly parameters: readonly ParameterShape[];
  readonly lora: LoraSettings | null;
  /** Names of the parameters that get a gradient; none for a forward-only graph. */
  readonly trainable: readonly string[];
  readonly objective: Objective | null;
}

/** Name of the gradient output of a parameter. */
export function gradientName(parameter: string): string {
  return `grad:${parameter}`;
}

/** Name of the mask input for layers with this window. */
export function maskName(window: number | null): string {
  return `mask.${window ?? "all"}`;
}

/**
 * Inputs: `ids` [N], `positions` [R, T], one mask [R, 1, 1, T, T] for each window,
 * `sources` [K], `targets` [K], each parameter, and what the objective declares.
 * Outputs: `logProbabilities` [K], `loss` and one gradient for each trainable.
 */
export function buildTrainingGraph(
  spec: TrainingGraphSpec,
  size: BatchSize,
): GraphBuilder {
  const graph = new GraphBuilder();
  const { rows, length, targetSlots } = size;
  const ids = graph.input("ids", [rows * length], "int64");
  const sources = graph.input("sources", [targetSlots], "int64");
  const targets = graph.input("targets", [targetSlots], "int64");
  const weights = new Map(
    spec.parameters.map(({ name, shape }) => [name, graph.input(name, shape)]),
  );
  const parts = trainingParts({ graph, spec, size, weights });
  const hidden = decoderHidden(parts, ids);
  const predicting = graph.apply("gatherRows", [hidden, sources], {});
  const logits = decoderLogits(parts, predicting);
  const logProbabilities = graph.apply(
    "tokenLogProbability",
    [logits, targets],
    {},
  );
  graph.output("logProbabilities", logProbabilities);
  if (spec.objective === null) return graph;
  const loss = spec.objective(graph, logProbabilities, size);
  graph.output("loss", loss);
  const wanted = spec.trainable.map((name) => weights.get(name) as Value);
  differentiate(graph, loss, wanted).forEach((gradient, i) =>
    graph.output(gradientName(spec.trainable[i] ?? ""), gradient),
  );
  return graph;
}

function trainingParts(context: {
  readonly graph: GraphBuilder;
  readonly spec: TrainingGraphSpec;
  readonly size: BatchSize;
  readonly weights: ReadonlyMap<string, Value>;
}): DecoderParts {
  const { graph, spec, size, weights } = context;
  const { config, lora } = spec;
  const { rows, length } = size;
  const positions = graph.input("positions", [rows, length], "int64");
  const masks = new Map(
    config.layers.map(({ slidingWindow }) => [
      slidingWindow,
      undefined as Value | undefined,
    ]),
  );
  for (const window of masks.keys()) {
    masks.set(
      window,
      graph.input(maskName(window), [rows, 1, 1, length, length]),
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
      const plain = graph.matmul(x, weight(`${name}.weight`), {
        transposeRight: true,
      });
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
      const shaped = graph.reshape(x, [rows, length, width]);
      const turned = graph.apply("rotary", [shaped, positions, cos, sin], {
        heads,
        partial,
      });
      return graph.reshape(turned, [rows * length, width]);
    },
    attend: (layer, query, key, value) =>
      attend({
        graph,
        config,
        size,
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
  readonly size: BatchSize;
  readonly query: Value;
  readonly key: Value;
  readonly value: Value;
  readonly mask: Value;
}): Value {
  const { graph, config } = step;
  const { rows, length } = step.size;
  const {
    headCount,
    headSize,
    keyValueHeadCount: shared,
    attentionSoftcap,
  } = config;
  const group = headCount / shared;
  const queries = graph.reshape(
    graph.transpose(
      graph.reshape(step.query, [rows, length, shared, group, headSize]),
      [0, 2, 3, 1, 4],
    ),
    [rows, shared, group * length, headSize],
  );
  const perHead = (x: Value): Value =>
    graph.transpose(
      graph.reshape(x, [rows, length, shared, headSize]),
      [0, 2, 1, 3],
    );
  const raw = graph.matmul(queries, perHead(step.key), {
    transposeRight: true,
    alpha: config.queryScale,
  });
  const scores =
    attentionSoftcap === null ? raw : softcap(graph, raw, attentionSoftcap);
  const grid = graph.reshape(scores, [rows, shared, group, length, length]);
  const weights = graph.apply("softmax", [graph.add(grid, step.mask)], {});
  const flat = graph.reshape(weights, [rows, shared, group * length, length]);
  const mixed = graph.reshape(graph.matmul(flat, perHead(step.value)), [
    rows,
    shared,
    group,
    length,
    headSize,
  ]);
  return graph.reshape(graph.transpose(mixed, [0, 3, 1, 2, 4]), [
    rows * length,
    headCount * headSize,
  ]);
}
