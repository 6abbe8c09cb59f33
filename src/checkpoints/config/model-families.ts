/**
 * @file What distinguishes the supported model families, as data.
 *
 * One row a family: the defaults its `transformers` configuration class gives to
 * absent fields, the facts its code fixes, and the fields of `config.json` it
 * reads beyond the common ones. A field in no list is refused by the reader unless
 * it is switched off. Source: `transformers` 5.23, models/<family>.
 */
import type { ModelType } from "./decoder-config.js";

export interface ModelFamily {
  readonly architecture: string;
  /** Values of absent fields. */
  readonly defaults: {
    readonly rmsNormEpsilon: number;
    readonly maxPositions: number;
    readonly ropeTheta: number;
    readonly tieWordEmbeddings: boolean;
    /** Null: hidden size divided by head count. */
    readonly headSize: number | null;
    readonly slidingWindow: number | null;
    readonly bos: number | null;
    readonly eos: number | null;
    readonly pad: number | null;
  };
  /** Biases the code fixes; `configured` follows `attention_bias` on all four projections. */
  readonly attentionBias: "none" | "qkv" | "configured";
  readonly queryKeyNorm: boolean;
  /** Gemma: norms multiply by 1 + weight, embeddings by √hidden, branches are normed twice. */
  readonly gemma: boolean;
  readonly fusedProjections: boolean;
  /** Whether rotations may be stretched; Phi-3 knows one way only, which is not supported. */
  readonly scalesRope: boolean;
  /** Which layers have a sliding window. */
  readonly windows: "none" | "all" | "qwen" | "smollm" | "gemma";
  /** Further fields of `config.json` that the reader understands. */
  readonly fields: readonly string[];
}

const LLAMA: ModelFamily = {
  architecture: "LlamaForCausalLM",
  defaults: {
    rmsNormEpsilon: 1e-6,
    maxPositions: 2048,
    ropeTheta: 10000,
    tieWordEmbeddings: false,
    headSize: null,
    slidingWindow: null,
    bos: 1,
    eos: 2,
    pad: null,
  },
  attentionBias: "configured",
  queryKeyNorm: false,
  gemma: false,
  fusedProjections: false,
  scalesRope: true,
  windows: "none",
  fields: ["attention_bias", "mlp_bias"],
};

const WINDOW_FIELDS = [
  "use_sliding_window",
  "sliding_window",
  "max_window_layers",
  "layer_types",
] as const;

const QWEN2: ModelFamily = {
  ...LLAMA,
  architecture: "Qwen2ForCausalLM",
  defaults: {
    ...LLAMA.defaults,
    maxPositions: 32768,
    slidingWindow: 4096,
    bos: null,
    eos: null,
  },
  attentionBias: "qkv",
  windows: "qwen",
  fields: WINDOW_FIELDS,
};

const GEMMA2: ModelFamily = {
  architecture: "Gemma2ForCausalLM",
  defaults: {
    rmsNormEpsilon: 1e-6,
    maxPositions: 8192,
    ropeTheta: 10000,
    tieWordEmbeddings: true,
    headSize: 256,
    slidingWindow: 4096,
    bos: 2,
    eos: 1,
    pad: 0,
  },
  attentionBias: "configured",
  queryKeyNorm: false,
  gemma: true,
  fusedProjections: false,
  scalesRope: true,
  windows: "gemma",
  fields: [
    "attention_bias",
    "hidden_activation",
    "query_pre_attn_scalar",
    "sliding_window",
    "sliding_window_size",
    "layer_types",
    "final_logit_softcapping",
    "attn_logit_softcapping",
  ],
};

export const MODEL_FAMILIES: Readonly<Record<ModelType, ModelFamily>> = {
  llama: LLAMA,
  mistral: {
    ...LLAMA,
    architecture: "MistralForCausalLM",
    defaults: {
      ...LLAMA.defaults,
      maxPositions: 131072,
      slidingWindow: 4096,
    },
    attentionBias: "none",
    windows: "all",
    fields: ["sliding_window"],
  },
  qwen2: QWEN2,
  qwen3: {
    ...QWEN2,
    architecture: "Qwen3ForCausalLM",
    defaults: { ...QWEN2.defaults, headSize: 128 },
    attentionBias: "configured",
    queryKeyNorm: true,
    fields: [...WINDOW_FIELDS, "attention_bias"],
  },
  smollm3: {
    ...LLAMA,
    architecture: "SmolLM3ForCausalLM",
    defaults: {
      ...LLAMA.defaults,
      maxPositions: 32768,
      ropeTheta: 2000000,
      tieWordEmbeddings: true,
      bos: 128000,
      eos: 128001,
      pad: 128004,
    },
    windows: "smollm",
    fields: [
      ...WINDOW_FIELDS,
      "attention_bias",
      "mlp_bias",
      "no_rope_layers",
      "no_rope_layer_interval",
    ],
  },
  gemma2: GEMMA2,
  gemma3_text: {
    ...GEMMA2,
    architecture: "Gemma3ForCausalLM",
    defaults: {
      ...GEMMA2.defaults,
      maxPositions: 131072,
      ropeTheta: 1000000,
    },
    queryKeyNorm: true,
    fields: [
      ...GEMMA2.fields,
      "rope_local_base_freq",
      "sliding_window_pattern",
    ],
  },
  phi3: {
    ...LLAMA,
    architecture: "Phi3ForCausalLM",
    defaults: {
      ...LLAMA.defaults,
      rmsNormEpsilon: 1e-5,
      maxPositions: 4096,
      eos: 32000,
      pad: 32000,
    },
    attentionBias: "none",
    fusedProjections: true,
    scalesRope: false,
    windows: "all",
    fields: [
      "sliding_window",
      "partial_rotary_factor",
      "original_max_position_embeddings",
    ],
  },
};

/** The class of `transformers` that gives a reward with the same decoder. */
export function rewardArchitecture(modelType: ModelType): string {
  const { architecture } = MODEL_FAMILIES[modelType];
  return architecture
    .replace(/^Gemma3/, "Gemma3Text")
    .replace(/ForCausalLM$/, "ForSequenceClassification");
}

/** Fields every family reads. */
export const COMMON_FIELDS: readonly string[] = `model_type architectures
  vocab_size hidden_size intermediate_size num_hidden_layers
  num_attention_heads num_key_value_heads head_dim hidden_act
  max_position_embeddings rms_norm_eps rope_theta rope_scaling rope_parameters
  tie_word_embeddings bos_token_id eos_token_id pad_token_id`.split(/\s+/);

/** Fields that do not change what the model computes from its weights. */
export const HARMLESS_FIELDS: ReadonlySet<string> = new Set(
  `attention_dropout attn_implementation auto_map cache_implementation
  chunk_size_feed_forward dtype embd_pdrop id2label initializer_range
  is_llama_config keys_to_ignore_at_inference label2id max_window_layers
  output_attentions output_hidden_states pretraining_tp problem_type
  resid_pdrop return_dict task_specific_params tokenizer_class torch_dtype
  transformers.js_config transformers_version unsloth_fixed unsloth_version
  use_cache`.split(/\s+/),
);
