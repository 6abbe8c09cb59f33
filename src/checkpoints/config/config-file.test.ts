import { describe, expect, it } from "vitest";
import { parseConfig } from "./config-file.js";
import { formatConfig } from "./config-writer.js";
import { llamaConfig } from "./decoder-config.js";

const LLAMA = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  vocab_size: 128256,
  hidden_size: 2048,
  intermediate_size: 8192,
  num_hidden_layers: 2,
  num_attention_heads: 32,
  num_key_value_heads: 8,
  head_dim: 64,
  hidden_act: "silu",
  max_position_embeddings: 131072,
  rms_norm_eps: 1e-5,
  rope_theta: 500000,
  rope_scaling: {
    factor: 32,
    high_freq_factor: 4,
    low_freq_factor: 1,
    original_max_position_embeddings: 8192,
    rope_type: "llama3",
  },
  tie_word_embeddings: true,
  attention_bias: false,
  attention_dropout: 0,
  bos_token_id: 128000,
  eos_token_id: [128001, 128008, 128009],
  initializer_range: 0.02,
  mlp_bias: false,
  pretraining_tp: 1,
  torch_dtype: "bfloat16",
  transformers_version: "4.45.0.dev0",
  use_cache: true,
};

const parse = (fields: object) => parseConfig(fields, "config.json");

describe("config.json", () => {
  it("describes Llama 3.2 1B as its model card does", () => {
    const config = parse(LLAMA);
    expect(config).toMatchObject({
      headSize: 64,
      keyValueHeadCount: 8,
      queryScale: 1 / 8,
      eosTokenIds: [128001, 128008, 128009],
      padTokenId: null,
      tieWordEmbeddings: true,
    });
    expect(config.layers).toHaveLength(2);
    expect(config.layers[1]).toEqual({
      slidingWindow: null,
      rope: {
        theta: 500000,
        rotaryDimensions: 64,
        scaling: {
          type: "llama3",
          factor: 32,
          lowFrequencyFactor: 1,
          highFrequencyFactor: 4,
          originalMaxPositions: 8192,
        },
      },
    });
  });

  it("reads rope_parameters of transformers 5 as the older fields", () => {
    const { rope_theta, rope_scaling, ...rest } = LLAMA;
    const modern = {
      ...rest,
      rope_parameters: { ...rope_scaling, rope_theta },
    };
    expect(parse(modern)).toEqual(parse(LLAMA));
  });

  it("gives absent fields the defaults of the family", () => {
    const mistral = parse({
      model_type: "mistral",
      vocab_size: 10,
      hidden_size: 8,
      intermediate_size: 8,
      num_hidden_layers: 1,
      num_attention_heads: 2,
    });
    expect(mistral).toMatchObject({
      keyValueHeadCount: 2,
      headSize: 4,
      rmsNormEpsilon: 1e-6,
      tieWordEmbeddings: false,
      bosTokenId: 1,
      eosTokenIds: [2],
    });
    expect(mistral.layers[0]?.slidingWindow).toBe(4096);
  });

  it("takes an explicit null for a window that is switched off", () => {
    const config = parse({
      ...LLAMA,
      model_type: "mistral",
      architectures: ["MistralForCausalLM"],
      sliding_window: null,
    });
    expect(config.layers[0]?.slidingWindow).toBeNull();
  });

  it("derives YaRN's attention factor as the paper's equation 22 does", () => {
    const config = parse({
      ...LLAMA,
      rope_scaling: {
        type: "yarn",
        factor: 4,
        original_max_position_embeddings: 32768,
      },
    });
    expect(config.layers[0]?.rope?.scaling).toEqual({
      type: "yarn",
      factor: 4,
      betaFast: 32,
      betaSlow: 1,
      originalMaxPositions: 32768,
      attentionFactor: 0.1 * Math.log(4) + 1,
      truncate: true,
    });
  });

  it("gives SmolLM3 a layer without positions every fourth layer", () => {
    const config = parse({
      ...LLAMA,
      model_type: "smollm3",
      architectures: ["SmolLM3ForCausalLM"],
      num_hidden_layers: 8,
      rope_scaling: null,
    });
    expect(config.layers.map(({ rope }) => rope !== null)).toEqual([
      true,
      true,
      true,
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  it("alternates Gemma 2's windows and takes five local layers in six for Gemma 3", () => {
    const gemma = {
      model_type: "gemma2",
      vocab_size: 10,
      hidden_size: 16,
      intermediate_size: 8,
      num_hidden_layers: 7,
      num_attention_heads: 2,
      sliding_window: 512,
    };
    const slides = (fields: object): boolean[] =>
      parse(fields).layers.map(({ slidingWindow }) => slidingWindow === 512);
    expect(slides(gemma)).toEqual([
      true,
      false,
      true,
      false,
      true,
      false,
      true,
    ]);
    const gemma3 = { ...gemma, model_type: "gemma3_text" };
    expect(slides(gemma3)).toEqual([true, true, true, true, true, false, true]);
    const { layers } = parse(gemma3);
    expect(layers[0]?.rope?.theta).toBe(10000);
    expect(layers[5]?.rope?.theta).toBe(1000000);
    expect(parse(gemma)).toMatchObject({
      headSize: 256,
      queryScale: 1 / 16,
      embeddingScale: 4,
      normOffset: 1,
      attentionSoftcap: 50,
      logitSoftcap: 30,
      activation: "gelu-tanh",
    });
  });

  it("slides Qwen's upper layers only where the switch is on", () => {
    const qwen = {
      ...LLAMA,
      model_type: "qwen2",
      architectures: ["Qwen2ForCausalLM"],
      attention_bias: undefined,
      mlp_bias: undefined,
      num_hidden_layers: 3,
      sliding_window: 100,
      max_window_layers: 2,
      use_sliding_window: true,
    };
    const windows = (fields: object): (number | null)[] =>
      parse(fields).layers.map(({ slidingWindow }) => slidingWindow);
    expect(windows(qwen)).toEqual([null, null, 100]);
    expect(windows({ ...qwen, use_sliding_window: false })).toEqual([
      null,
      null,
      null,
    ]);
    expect(parse(qwen).attentionBias).toEqual({ qkv: true, output: false });
  });

  it("slides the layers that SmolLM3 and Qwen list as transformers does", () => {
    const listed = {
      ...LLAMA,
      num_hidden_layers: 2,
      layer_types: ["sliding_attention", "full_attention"],
      sliding_window: 16,
      use_sliding_window: false,
    };
    const smollm = {
      ...listed,
      model_type: "smollm3",
      architectures: ["SmolLM3ForCausalLM"],
    };
    expect(
      parse(smollm).layers.map(({ slidingWindow }) => slidingWindow),
    ).toEqual([16, null]);
    // Qwen forgets its window, and then has none for the layer that slides.
    const qwen = {
      ...listed,
      model_type: "qwen2",
      architectures: ["Qwen2ForCausalLM"],
      attention_bias: undefined,
      mlp_bias: undefined,
    };
    expect(() => parse(qwen)).toThrow(/layer 0 sliding attention but no/);
  });

  it("passes over a note of Gemma 3's pattern, and an empty rope_scaling", () => {
    const gemma = {
      model_type: "gemma3_text",
      vocab_size: 10,
      hidden_size: 8,
      intermediate_size: 8,
      num_hidden_layers: 6,
      num_attention_heads: 2,
      sliding_window: 4,
    };
    const noted = parse({ ...gemma, _sliding_window_pattern: 2 });
    expect(noted).toEqual(parse(gemma));
    const { rope_theta, rope_scaling, ...rest } = LLAMA;
    expect(
      parse({
        ...rest,
        rope_scaling: {},
        rope_parameters: { ...rope_scaling, rope_theta },
      }),
    ).toEqual(parse(LLAMA));
  });

  it("refuses to stretch the rotations of Phi-3", () => {
    const phi = {
      ...LLAMA,
      model_type: "phi3",
      architectures: ["Phi3ForCausalLM"],
      attention_bias: undefined,
      mlp_bias: undefined,
      rope_scaling: { rope_type: "linear", factor: 2 },
    };
    expect(() => parse(phi)).toThrow(/rope type "linear", which this family/);
  });

  it("keeps the largest dropout rate, which training asks for", () => {
    expect(parse({ ...LLAMA, attention_dropout: 0 }).dropout).toBeUndefined();
    const dropping = { ...LLAMA, attention_dropout: 0.1, resid_pdrop: 0.3 };
    expect(parse(dropping).dropout).toBe(0.3);
  });

  it.each([
    [
      "no model_type",
      { model_type: undefined },
      /does not say its "model_type"/,
    ],
    ["an unknown family", { model_type: "mamba" }, /model_type "mamba"/],
    [
      "a head that is not a language model's",
      { architectures: ["LlamaForTokenClassification"] },
      /LlamaForTokenClassification; LlamaForCausalLM was expected/,
    ],
    [
      "quantised weights",
      { quantization_config: { quant_method: "gptq" } },
      /quantization_config/,
    ],
    [
      "an unknown field that is on",
      { residual_multiplier: 0.22 },
      /"residual_multiplier"/,
    ],
    [
      "a field of another family",
      { final_logit_softcapping: 30 },
      /"final_logit_softcapping"/,
    ],
    [
      "an unknown activation",
      { hidden_act: "relu2" },
      /activation "relu2", which is not supported/,
    ],
    [
      "an unknown rope type",
      { rope_scaling: { rope_type: "longrope", factor: 2 } },
      /rope type "longrope"/,
    ],
    [
      "an unknown rope field",
      { rope_scaling: { rope_type: "linear", factor: 2, warp: 1 } },
      /warp/,
    ],
    [
      "a rope type without its factor",
      { rope_scaling: { rope_type: "linear" } },
      /without "factor"/,
    ],
    [
      "key heads that do not divide the heads",
      { num_key_value_heads: 5 },
      /not a multiple/,
    ],
    ["attention to what comes", { is_causal: false }, /"is_causal" false/],
    ["a dropout above one", { attention_dropout: 2 }, /attention_dropout/],
    ["odd heads", { head_dim: 63 }, /heads of size 63/],
    ["a layer count of text", { num_hidden_layers: "2" }, /num_hidden_layers/],
    ["no hidden size", { hidden_size: undefined }, /hidden_size/],
  ])("refuses %s and names it", (_what, change, message) => {
    expect(() => parse({ ...LLAMA, ...change })).toThrow(message);
  });

  it("passes over fields that are switched off and known notes", () => {
    const noted = {
      ...LLAMA,
      rope_interleaved: false,
      is_llama_config: true,
      residual_multiplier: null,
      _name_or_path: "somewhere",
    };
    expect(parse(noted)).toEqual(parse(LLAMA));
  });

  it("reads what it writes for a model of our own", () => {
    const config = llamaConfig({
      vocabSize: 100,
      hiddenSize: 32,
      intermediateSize: 64,
      layerCount: 3,
      headCount: 4,
      keyValueHeadCount: 2,
      maxPositions: 256,
      bosTokenId: null,
      eosTokenIds: [1, 2],
      padTokenId: 0,
    });
    const written = formatConfig(config, "float32");
    expect(written).toContain('"rope_theta": 10000.0,');
    expect(written).toContain('"vocab_size": 100\n');
    expect(parseConfig(JSON.parse(written), "config.json")).toEqual(config);
  });
});
