/**
 * @file What a decoder-only language model is: one plain description that covers
 * every supported family, so that the engine builds models from facts and never
 * asks for a family's name.
 *
 * The invariant: two configurations with equal members compute the same function
 * of their weights. Reading and writing `config.json` is `config-file.ts`; the
 * names and shapes of the weights are `parameter-table.ts`.
 */

/** Families that can be read, by `model_type` of `config.json`. */
export const MODEL_TYPES = [
  "llama",
  "mistral",
  "qwen2",
  "qwen3",
  "smollm3",
  "gemma2",
  "gemma3_text",
  "phi3",
] as const;

export type ModelType = (typeof MODEL_TYPES)[number];

/** How rotary frequencies are stretched beyond the trained context. */
export type RopeScaling =
  | { readonly type: "none" }
  /** All frequencies divided by `factor`. */
  | { readonly type: "linear"; readonly factor: number }
  /** Llama 3.1: long wavelengths divided by `factor`, a smooth ramp between. */
  | {
      readonly type: "llama3";
      readonly factor: number;
      readonly lowFrequencyFactor: number;
      readonly highFrequencyFactor: number;
      readonly originalMaxPositions: number;
    }
  /** YaRN (arXiv 2309.00071). */
  | {
      readonly type: "yarn";
      readonly factor: number;
      readonly betaFast: number;
      readonly betaSlow: number;
      readonly originalMaxPositions: number;
      /** Multiplies cosine and sine. */
      readonly attentionFactor: number;
      /** Whether the ramp's ends are rounded outward to whole dimensions. */
      readonly truncate: boolean;
    };

export interface RopeConfig {
  readonly theta: number;
  readonly scaling: RopeScaling;
  /** Leading dimensions of each head that are rotated; even, at most `headSize`. */
  readonly rotaryDimensions: number;
}

export interface LayerConfig {
  /** A token sees itself and the `slidingWindow - 1` before it; null: all before it. */
  readonly slidingWindow: number | null;
  /** Null: this layer uses no positions at all (SmolLM3). */
  readonly rope: RopeConfig | null;
}

export interface DecoderConfig {
  readonly modelType: ModelType;
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly headCount: number;
  /** Divides `headCount`. */
  readonly keyValueHeadCount: number;
  /** Need not be `hiddenSize / headCount`. */
  readonly headSize: number;
  /** One entry a layer; its length is the layer count. */
  readonly layers: readonly LayerConfig[];
  readonly rmsNormEpsilon: number;
  /** Longest sequence the configuration allows. */
  readonly maxPositions: number;
  /** The output projection is the embedding matrix. */
  readonly tieWordEmbeddings: boolean;
  readonly attentionBias: { readonly qkv: boolean; readonly output: boolean };
  readonly mlpBias: boolean;
  /** RMS norm over `headSize` on queries and keys before rotation. */
  readonly queryKeyNorm: boolean;
  readonly activation: "silu" | "gelu-tanh";
  /** 1 where a norm multiplies by (1 + weight) (Gemma), else 0. */
  readonly normOffset: 0 | 1;
  /** Multiplies embeddings on entry; √hiddenSize for Gemma, else 1. */
  readonly embeddingScale: number;
  /** Gemma 2 and 3: each branch is normed on leaving too, before it is added. */
  readonly postNorms: boolean;
  /** Attention scores s become cap·tanh(s / cap), before the mask. */
  readonly attentionSoftcap: number | null;
  /** Logits l become cap·tanh(l / cap). */
  readonly logitSoftcap: number | null;
  /** Multiplies q·k. */
  readonly queryScale: number;
  /** Phi-3: the files hold q, k, v as one matrix and gate, up as another. */
  readonly fusedProjections: boolean;
  readonly bosTokenId: number | null;
  /** Tokens that end generation, from `config.json`. */
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
  /** Instead of the output head one that gives a single number, the reward (`score.weight`). */
  readonly rewardHead?: true;
  /** Largest rate at which training is to drop out values; absent for none. Not computed here. */
  readonly dropout?: number;
}

/** A plain Llama: no scaling, no window, no bias; what the nursery's models are. */
export function llamaConfig(options: {
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly intermediateSize: number;
  readonly layerCount: number;
  readonly headCount: number;
  readonly keyValueHeadCount: number;
  readonly maxPositions: number;
  readonly bosTokenId: number | null;
  readonly eosTokenIds: readonly number[];
  readonly padTokenId: number | null;
  /** Default 10000. */
  readonly ropeTheta?: number;
  /** Default 1e-5. */
  readonly rmsNormEpsilon?: number;
  /** Default true. */
  readonly tieWordEmbeddings?: boolean;
}): DecoderConfig {
  const headSize = options.hiddenSize / options.headCount;
  const layer: LayerConfig = {
    slidingWindow: null,
    rope: {
      theta: options.ropeTheta ?? 10000,
      scaling: { type: "none" },
      rotaryDimensions: headSize,
    },
  };
  return {
    modelType: "llama",
    vocabSize: options.vocabSize,
    hiddenSize: options.hiddenSize,
    intermediateSize: options.intermediateSize,
    headCount: options.headCount,
    keyValueHeadCount: options.keyValueHeadCount,
    headSize,
    layers: Array.from({ length: options.layerCount }, () => layer),
    rmsNormEpsilon: options.rmsNormEpsilon ?? 1e-5,
    maxPositions: options.maxPositions,
    tieWordEmbeddings: options.tieWordEmbeddings ?? true,
    attentionBias: { qkv: false, output: false },
    mlpBias: false,
    queryKeyNorm: false,
    activation: "silu",
    normOffset: 0,
    embeddingScale: 1,
    postNorms: false,
    attentionSoftcap: null,
    logitSoftcap: null,
    queryScale: headSize ** -0.5,
    fusedProjections: false,
    bosTokenId: options.bosTokenId,
    eosTokenIds: options.eosTokenIds,
    padTokenId: options.padTokenId,
  };
}
