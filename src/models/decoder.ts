/**
 * @file The decoder, written once for every family and for both uses: training
 * (whole sequences, differentiable) and inference (new tokens over a cache).
 *
 * What differs between families is in `DecoderConfig`; what differs between uses is
 * in {@link DecoderParts}. Hidden states are [..., hidden], where the leading axes
 * are the caller's: [tokens] in training, [batch, sequence] in inference.
 */
import type {
  DecoderConfig,
  LayerConfig,
} from "../checkpoints/config/decoder-config.js";
import type { GraphBuilder, Value } from "../engine/graph/graph.js";

export interface DecoderParts {
  readonly graph: GraphBuilder;
  readonly config: DecoderConfig;
  /** A weight by its name in the checkpoint. */
  weight(name: string): Value;
  /** x·Wᵀ (+ bias) for the linear layer `name`; where LoRA and int8 weights come in. */
  linear(name: string, x: Value): Value;
  /** Rotates queries or keys […, heads·headSize] to their positions. */
  rotate(x: Value, heads: number, layer: LayerConfig): Value;
  /**
   * The rows of x [tokens, …] whose final hidden states are wanted, where these are not
   * all; the last layer computes no others.
   */
  focus?(x: Value): Value;
  /** Hears of every layer before and after it is built. */
  layer?(input: Value, build: (x: Value) => Value): Value;
  /** Attention of one layer: queries […, heads·headSize], keys and values […, kv·headSize] → […, heads·headSize]. */
  attend(layer: number, query: Value, key: Value, value: Value): Value;
}

/** Embeddings of token ids → hidden states after the final norm, of the tokens in focus. */
export function decoderHidden(parts: DecoderParts, ids: Value): Value {
  const { graph, config } = parts;
  let x = graph.apply(
    "gatherRows",
    [parts.weight("model.embed_tokens.weight"), ids],
    {},
  );
  x = graph.scale(x, Math.fround(config.embeddingScale));
  config.layers.forEach((_, layer) => {
    const isLast = layer === config.layers.length - 1;
    const focus = isLast ? parts.focus : undefined;
    const build = (input: Value): Value =>
      decoderLayer(parts, layer, input, focus ?? ((all) => all));
    x = parts.layer?.(x, build) ?? build(x);
  });
  return norm(parts, "model.norm.weight", x);
}

/** Hidden states […, hidden] → logits […, vocabulary]. */
export function decoderLogits(parts: DecoderParts, hidden: Value): Value {
  const { graph, config } = parts;
  const head = config.tieWordEmbeddings ? "model.embed_tokens" : "lm_head";
  const logits = parts.linear(head, hidden);
  return config.logitSoftcap === null
    ? logits
    : softcap(graph, logits, config.logitSoftcap);
}

/** cap·tanh(x / cap) */
export function softcap(graph: GraphBuilder, x: Value, cap: number): Value {
  return graph.scale(graph.apply("tanh", [graph.scale(x, 1 / cap)], {}), cap);
}

type Focus = (x: Value) => Value;

function decoderLayer(
  parts: DecoderParts,
  layer: number,
  input: Value,
  focus: Focus,
): Value {
  const { graph, config } = parts;
  const prefix = `model.layers.${layer}`;
  const attended = attention(
    parts,
    layer,
    norm(parts, `${prefix}.input_layernorm.weight`, input),
    focus,
  );
  const x = focus(input);
  if (!config.postNorms) {
    const middle = graph.add(x, attended);
    const normed = norm(
      parts,
      `${prefix}.post_attention_layernorm.weight`,
      middle,
    );
    return graph.add(middle, feedForward(parts, prefix, normed));
  }
  // Gemma 2 and 3: each branch is normed again before it joins the residual stream.
  const middle = graph.add(
    x,
    norm(parts, `${prefix}.post_attention_layernorm.weight`, attended),
  );
  const normed = norm(
    parts,
    `${prefix}.pre_feedforward_layernorm.weight`,
    middle,
  );
  const fed = feedForward(parts, prefix, normed);
  return graph.add(
    middle,
    norm(parts, `${prefix}.post_feedforward_layernorm.weight`, fed),
  );
}

/** Every token is looked at; those in focus look. */
function attention(
  parts: DecoderParts,
  layer: number,
  x: Value,
  focus: Focus,
): Value {
  const { config } = parts;
  const prefix = `model.layers.${layer}.self_attn`;
  const settings = config.layers[layer] as LayerConfig;
  const { headCount, keyValueHeadCount, headSize } = config;
  const keySize = keyValueHeadCount * headSize;
  const [queries, keys, value] = projections(parts, x, {
    prefix,
    fused: "qkv_proj",
    split: [
      ["q_proj", headCount * headSize, focus],
      ["k_proj", keySize],
      ["v_proj", keySize],
    ],
  }) as [Value, Value, Value];
  const heads = (part: "q" | "k", projected: Value, count: number): Value => {
    const normed = config.queryKeyNorm
      ? headNorm(parts, `${prefix}.${part}_norm.weight`, projected, count)
      : projected;
    return settings.rope === null
      ? normed
      : parts.rotate(normed, count, settings);
  };
  const query = heads("q", queries, headCount);
  const key = heads("k", keys, keyValueHeadCount);
  return parts.linear(
    `${prefix}.o_proj`,
    parts.attend(layer, query, key, value),
  );
}

/** Linear layers over the same input, which some families store as one matrix. */
function projections(
  parts: DecoderParts,
  x: Value,
  layers: {
    readonly prefix: string;
    readonly fused: string;
    /** Name and output width of each, and the tokens it is wanted for, if not all. */
    readonly split: readonly (readonly [
      name: string,
      width: number,
      focus?: Focus,
    ])[];
  },
): Value[] {
  const { prefix, fused, split } = layers;
  const all: Focus = (value) => value;
  if (!parts.config.fusedProjections)
    return split.map(([name, , focus = all]) =>
      parts.linear(`${prefix}.${name}`, focus(x)),
    );
  const joined = parts.linear(`${prefix}.${fused}`, x);
  let start = 0;
  return split.map(([, count, focus = all]) => {
    const columns = { start, count };
    start += count;
    return focus(parts.graph.apply("takeColumns", [joined], columns));
  });
}

/** down(act(gate(x)) ⊙ up(x)) */
function feedForward(parts: DecoderParts, prefix: string, x: Value): Value {
  const { intermediateSize } = parts.config;
  const [gate, up] = projections(parts, x, {
    prefix: `${prefix}.mlp`,
    fused: "gate_up_proj",
    split: [
      ["gate_proj", intermediateSize],
      ["up_proj", intermediateSize],
    ],
  }) as [Value, Value];
  const activated =
    parts.config.activation === "silu"
      ? parts.graph.apply("silu", [gate], {})
      : geluTanh(parts.graph, gate);
  return parts.linear(
    `${prefix}.mlp.down_proj`,
    parts.graph.multiply(activated, up),
  );
}

/** x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))) */
function geluTanh(graph: GraphBuilder, x: Value): Value {
  const cube = graph.multiply(graph.multiply(x, x), x);
  const inner = graph.scale(
    graph.add(x, graph.scale(cube, 0.044715)),
    Math.sqrt(2 / Math.PI),
  );
  const gate = graph.add(graph.apply("tanh", [inner], {}), graph.scalar(1));
  return graph.multiply(graph.scale(x, 0.5), gate);
}

function norm(parts: DecoderParts, name: string, x: Value): Value {
  const { graph, config } = parts;
  const stored = parts.weight(name);
  const weight =
    config.normOffset === 0
      ? stored
      : graph.add(stored, graph.scalar(config.normOffset));
  return graph.apply("rmsNorm", [x, weight], {
    epsilon: config.rmsNormEpsilon,
  });
}

/** RMS norm of each head on its own. */
function headNorm(
  parts: DecoderParts,
  name: string,
  x: Value,
  heads: number,
): Value {
  const split = [...x.shape.slice(0, -1), heads, parts.config.headSize];
  return parts.graph.reshape(
    norm(parts, name, parts.graph.reshape(x, split)),
    x.shape,
  );
}
