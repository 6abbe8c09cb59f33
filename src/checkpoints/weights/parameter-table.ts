/**
 * @file The weights of a decoder: names as `transformers` gives them, shapes, in
 * one fixed order that loading, saving, optimisers and hashes share.
 *
 * The order is that of computation: embedding, layers, final norm, output head.
 */
import type { DecoderConfig } from "../config/decoder-config.js";
import type { TensorShape } from "./safetensors.js";

/**
 * Every stored weight of a model. Matrices are [out, in], row-major, as PyTorch's
 * Linear keeps them; a tied output head is not listed.
 */
export function parameterTable(config: DecoderConfig): TensorShape[] {
  const { hiddenSize, vocabSize } = config;
  const table: TensorShape[] = [
    { name: "model.embed_tokens.weight", shape: [vocabSize, hiddenSize] },
  ];
  for (let layer = 0; layer < config.layers.length; layer++)
    for (const { name, shape } of layerParameters(config))
      table.push({ name: `model.layers.${layer}.${name}`, shape });
  table.push({ name: "model.norm.weight", shape: [hiddenSize] });
  if (config.rewardHead)
    table.push({ name: "score.weight", shape: [1, hiddenSize] });
  else if (!config.tieWordEmbeddings)
    table.push({ name: "lm_head.weight", shape: [vocabSize, hiddenSize] });
  return table;
}

/** Numbers stored in all weights; a tied output head counts once. */
export function parameterCount(config: DecoderConfig): number {
  return parameterTable(config).reduce(
    (sum, { shape }) =>
      sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
}

function layerParameters(config: DecoderConfig): TensorShape[] {
  const { hiddenSize } = config;
  const norm = (name: string, size = hiddenSize): TensorShape => ({
    name: `${name}.weight`,
    shape: [size],
  });
  return [
    norm("input_layernorm"),
    ...attentionParameters(config),
    norm("post_attention_layernorm"),
    ...(config.postNorms ? [norm("pre_feedforward_layernorm")] : []),
    ...feedForwardParameters(config),
    ...(config.postNorms ? [norm("post_feedforward_layernorm")] : []),
  ];
}

function attentionParameters(config: DecoderConfig): TensorShape[] {
  const { hiddenSize, headSize, attentionBias } = config;
  const querySize = config.headCount * headSize;
  const keySize = config.keyValueHeadCount * headSize;
  const inputs = config.fusedProjections
    ? [linear("qkv_proj", querySize + 2 * keySize, hiddenSize)]
    : [
        linear("q_proj", querySize, hiddenSize),
        linear("k_proj", keySize, hiddenSize),
        linear("v_proj", keySize, hiddenSize),
      ];
  const output = linear("o_proj", hiddenSize, querySize);
  return [
    ...inputs.flatMap((part) => withBias(part, attentionBias.qkv)),
    ...(config.queryKeyNorm
      ? [
          { name: "q_norm.weight", shape: [headSize] },
          { name: "k_norm.weight", shape: [headSize] },
        ]
      : []),
    ...withBias(output, attentionBias.output),
  ].map(({ name, shape }) => ({ name: `self_attn.${name}`, shape }));
}

function feedForwardParameters(config: DecoderConfig): TensorShape[] {
  const { hiddenSize, intermediateSize } = config;
  const inputs = config.fusedProjections
    ? [linear("gate_up_proj", 2 * intermediateSize, hiddenSize)]
    : [
        linear("gate_proj", intermediateSize, hiddenSize),
        linear("up_proj", intermediateSize, hiddenSize),
      ];
  return [...inputs, linear("down_proj", hiddenSize, intermediateSize)]
    .flatMap((part) => withBias(part, config.mlpBias))
    .map(({ name, shape }) => ({ name: `mlp.${name}`, shape }));
}

function linear(name: string, outputs: number, inputs: number): TensorShape {
  return { name: `${name}.weight`, shape: [outputs, inputs] };
}

function withBias(weight: TensorShape, bias: boolean): TensorShape[] {
  if (!bias) return [weight];
  const name = weight.name.replace(/weight$/, "bias");
  return [weight, { name, shape: [weight.shape[0] ?? 0] }];
}
