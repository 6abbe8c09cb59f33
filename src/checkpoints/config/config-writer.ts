/**
 * @file `config.json`, written from a `DecoderConfig`.
 *
 * The older rope fields are written, which transformers 4 and 5 both read. What
 * `config-file.ts` reads from the result equals what was written.
 */
import type { DecoderConfig } from "./decoder-config.js";
import { MODEL_FAMILIES, rewardArchitecture } from "./model-families.js";
import { ropeFields } from "./rope-fields.js";

/** What the weights are stored as, for loaders that follow it. */
export type TorchDtype = "float32" | "float16" | "bfloat16";

/**
 * The text of a `config.json` that `transformers` 4 and 5 load as this model;
 * reading it gives an equal configuration.
 */
export function formatConfig(
  config: DecoderConfig,
  torchDtype: TorchDtype,
): string {
  const text = JSON.stringify(configFields(config, torchDtype), null, 2);
  // transformers 5 refuses an integer where it declares a float.
  return `${text.replace(FLOAT_FIELD, "$1.0")}\n`;
}

const FLOAT_FIELD =
  /("(?:attention_factor|attn_logit_softcapping|beta_fast|beta_slow|factor|final_logit_softcapping|high_freq_factor|low_freq_factor|partial_rotary_factor|rms_norm_eps|rope_local_base_freq|rope_theta)": -?\d+)(?=,?\n)/g;

function configFields(
  config: DecoderConfig,
  torchDtype: TorchDtype,
): Record<string, unknown> {
  const family = MODEL_FAMILIES[config.modelType];
  return {
    architectures: [
      config.rewardHead
        ? rewardArchitecture(config.modelType)
        : family.architecture,
    ],
    ...(family.attentionBias === "configured"
      ? { attention_bias: config.attentionBias.output }
      : {}),
    bos_token_id: config.bosTokenId,
    eos_token_id:
      config.eosTokenIds.length > 1
        ? config.eosTokenIds
        : (config.eosTokenIds[0] ?? null),
    ...gemmaFields(config),
    head_dim: config.headSize,
    hidden_act: config.activation === "silu" ? "silu" : "gelu_pytorch_tanh",
    hidden_size: config.hiddenSize,
    ...(config.rewardHead
      ? { id2label: { 0: "LABEL_0" }, label2id: { LABEL_0: 0 } }
      : {}),
    intermediate_size: config.intermediateSize,
    max_position_embeddings: config.maxPositions,
    ...(family.fields.includes("mlp_bias") ? { mlp_bias: config.mlpBias } : {}),
    model_type: config.modelType,
    num_attention_heads: config.headCount,
    num_hidden_layers: config.layers.length,
    num_key_value_heads: config.keyValueHeadCount,
    pad_token_id: config.padTokenId,
    rms_norm_eps: config.rmsNormEpsilon,
    ...ropeFields(config),
    ...windowFields(config),
    tie_word_embeddings: config.tieWordEmbeddings,
    torch_dtype: torchDtype,
    vocab_size: config.vocabSize,
  };
}

function gemmaFields(config: DecoderConfig): Record<string, unknown> {
  if (!MODEL_FAMILIES[config.modelType].gemma) return {};
  return {
    attn_logit_softcapping: config.attentionSoftcap,
    final_logit_softcapping: config.logitSoftcap,
    hidden_activation:
      config.activation === "silu" ? "silu" : "gelu_pytorch_tanh",
    // queryScale = s^-0.5; the rounding undoes the square root's last digit.
    query_pre_attn_scalar: Number((config.queryScale ** -2).toPrecision(12)),
  };
}

function windowFields(config: DecoderConfig): Record<string, unknown> {
  const { windows } = MODEL_FAMILIES[config.modelType];
  const window =
    config.layers.find((layer) => layer.slidingWindow !== null)
      ?.slidingWindow ?? null;
  const layerTypes = config.layers.map((layer) =>
    layer.slidingWindow === null ? "full_attention" : "sliding_attention",
  );
  switch (windows) {
    case "none":
      return {};
    case "all":
      return { sliding_window: window };
    case "gemma":
      return { layer_types: layerTypes, sliding_window: window ?? 4096 };
    case "qwen":
      return {
        layer_types: layerTypes,
        sliding_window: window,
        use_sliding_window: window !== null,
      };
    case "smollm":
      return {
        layer_types: layerTypes,
        no_rope_layers: config.layers.map((layer) => (layer.rope ? 1 : 0)),
        sliding_window: window,
        use_sliding_window: window !== null,
      };
  }
}
