/**
 * @file `config.json`, read into a `DecoderConfig`.
 *
 * Never silently wrong: an unsupported family, a value the engine cannot compute
 * with, or an unknown field that is switched on is an error that names it. Both
 * generations of rope fields are read (`rope_theta` with `rope_scaling`, and
 * `rope_parameters` of transformers 5). Writing is `config-writer.ts`.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { AutodidactError, messageOf } from "../../foundation/error.js";
import { readText } from "../files/checkpoint-file.js";
import { configFields, type ConfigFields } from "./config-fields.js";
import {
  MODEL_TYPES,
  type DecoderConfig,
  type LayerConfig,
  type ModelType,
  type RopeConfig,
} from "./decoder-config.js";
import {
  COMMON_FIELDS,
  HARMLESS_FIELDS,
  MODEL_FAMILIES,
  rewardArchitecture,
  type ModelFamily,
} from "./model-families.js";
import { readRopes, type RopePair } from "./rope-fields.js";

const ACTIVATIONS: Readonly<Record<string, DecoderConfig["activation"]>> = {
  silu: "silu",
  swish: "silu",
  gelu_pytorch_tanh: "gelu-tanh",
};

/**
 * Reads `config.json` of a checkpoint folder.
 * @throws BAD_CHECKPOINT: the folder is a file or missing, no or malformed
 *   `config.json`, and everything `parseConfig` refuses
 */
export async function readConfig(folder: string): Promise<DecoderConfig> {
  const path = join(folder, "config.json");
  let text: string;
  try {
    if (!(await stat(folder)).isDirectory())
      throw new AutodidactError(
        "BAD_CHECKPOINT",
        `${folder} is a file; a checkpoint folder was expected. Name the folder that holds config.json.`,
        { path: folder },
      );
    text = await readText(path);
  } catch (cause) {
    if (cause instanceof AutodidactError && cause.details["path"] === folder)
      throw cause;
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${folder} is not a checkpoint: ${path} cannot be read. Name a folder with config.json, tokenizer.json and model.safetensors.`,
      { path },
      { cause },
    );
  }
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch (cause) {
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${path} is not JSON: ${messageOf(cause)}. Mend or download it again.`,
      { path },
      { cause },
    );
  }
  return parseConfig(raw, path);
}

/**
 * Turns the content of a `config.json` into a description.
 * @param path named in errors
 * @throws BAD_CHECKPOINT: unsupported `model_type`, architecture, activation, rope
 *   type or quantisation; fields that are missing, malformed, contradictory or unknown
 */
export function parseConfig(raw: unknown, path: string): DecoderConfig {
  const modelType = readModelType(raw, path);
  const family = MODEL_FAMILIES[modelType];
  const parsed = configFields.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw bad(
      path,
      `has a wrong value in "${issue?.path.join(".") ?? ""}": ${issue?.message ?? ""}`,
    );
  }
  const fields = parsed.data;
  refuseUnknownFields({ fields, family, modelType, path });
  refuseImpossibleTokens(fields, path);
  const { defaults } = family;
  const hiddenSize = fields.hidden_size;
  const headCount = fields.num_attention_heads;
  const keyValueHeadCount = fields.num_key_value_heads ?? headCount;
  if (headCount % keyValueHeadCount !== 0)
    throw bad(
      path,
      `has num_attention_heads ${headCount}, not a multiple of num_key_value_heads ${keyValueHeadCount}`,
    );
  const headSize =
    fields.head_dim ??
    (fields.head_dim === undefined ? defaults.headSize : null) ??
    hiddenSize / headCount;
  if (!Number.isInteger(headSize) || headSize % 2 !== 0)
    throw bad(
      path,
      `gives heads of size ${headSize}; an even whole number is needed (head_dim, or hidden_size / num_attention_heads)`,
    );
  const maxPositions = fields.max_position_embeddings ?? defaults.maxPositions;
  const ropes = readRopes({ fields, family, modelType, headSize, path });
  const biased =
    family.attentionBias === "configured" && (fields.attention_bias ?? false);
  const eos = orDefault(fields.eos_token_id, defaults.eos);
  const pad = orDefault(fields.pad_token_id, defaults.pad);
  const dropout = Math.max(
    fields.attention_dropout ?? 0,
    fields.resid_pdrop ?? 0,
    fields.embd_pdrop ?? 0,
  );
  return {
    modelType,
    vocabSize: fields.vocab_size,
    hiddenSize,
    intermediateSize: fields.intermediate_size,
    headCount,
    keyValueHeadCount,
    headSize,
    layers: readLayers({ fields, family, ropes, path }),
    rmsNormEpsilon: fields.rms_norm_eps ?? defaults.rmsNormEpsilon,
    maxPositions,
    tieWordEmbeddings: fields.tie_word_embeddings ?? defaults.tieWordEmbeddings,
    attentionBias: {
      qkv: biased || family.attentionBias === "qkv",
      output: biased,
    },
    mlpBias: fields.mlp_bias ?? false,
    queryKeyNorm: family.queryKeyNorm,
    activation: readActivation(fields, family, path),
    normOffset: family.gemma ? 1 : 0,
    embeddingScale: family.gemma ? Math.sqrt(hiddenSize) : 1,
    postNorms: family.gemma,
    ...readGemmaScales({ fields, modelType, headSize }),
    fusedProjections: family.fusedProjections,
    bosTokenId: orDefault(fields.bos_token_id, defaults.bos),
    eosTokenIds: eos === null ? [] : typeof eos === "number" ? [eos] : eos,
    padTokenId: pad === -1 ? null : pad,
    ...(fields.architectures?.includes(rewardArchitecture(modelType))
      ? { rewardHead: true }
      : {}),
    ...(dropout === 0 ? {} : { dropout }),
  };
}

function readModelType(raw: unknown, path: string): ModelType {
  const type =
    typeof raw === "object" && raw !== null && "model_type" in raw
      ? raw.model_type
      : undefined;
  const known = MODEL_TYPES.find((candidate) => candidate === type);
  if (known) return known;
  throw bad(
    path,
    type === undefined
      ? `does not say its "model_type"`
      : `has model_type ${JSON.stringify(type)}, which is not supported (${MODEL_TYPES.join(", ")} are)`,
  );
}

function refuseUnknownFields(source: {
  readonly fields: ConfigFields;
  readonly family: ModelFamily;
  readonly modelType: ModelType;
  readonly path: string;
}): void {
  const { fields, family, modelType, path } = source;
  const { architectures } = fields;
  const read = [family.architecture, rewardArchitecture(modelType)];
  if (architectures?.length && !architectures.some((it) => read.includes(it)))
    throw bad(
      path,
      `describes ${architectures.join(", ")}; ${family.architecture} was expected for model_type "${modelType}"`,
    );
  if (fields["quantization_config"])
    throw bad(
      path,
      `has a "quantization_config": quantised weights are not supported`,
      "Use the unquantised checkpoint.",
    );
  if (fields["is_causal"] === false)
    throw bad(
      path,
      'has "is_causal" false: tokens would see those after them, which is not supported',
      "Use a model that generates text.",
    );
  const known = new Set([...COMMON_FIELDS, ...family.fields]);
  for (const [field, value] of Object.entries(fields)) {
    if (known.has(field) || HARMLESS_FIELDS.has(field)) continue;
    const note = field.startsWith("_") && !(field in configFields.shape);
    if (note || isSwitchedOff(value)) continue;
    throw bad(
      path,
      `has a field "${field}" that is not known for model_type "${modelType}" and may change what the model computes`,
      "If it is only a note, remove it from config.json.",
    );
  }
}

/** A token beyond the vocabulary can be neither made nor read. */
function refuseImpossibleTokens(fields: ConfigFields, path: string): void {
  for (const name of ["bos_token_id", "eos_token_id", "pad_token_id"] as const)
    for (const id of [fields[name] ?? []].flat())
      if (id >= fields.vocab_size)
        throw bad(
          path,
          `gives ${name} ${id}, but the model knows ${fields.vocab_size} tokens, 0 to ${fields.vocab_size - 1}`,
          "Put the right number there, or null for none.",
        );
}

/** Null, false, zero and empty values cannot switch anything on. */
function isSwitchedOff(value: unknown): boolean {
  return (
    !value || (typeof value === "object" && Object.keys(value).length === 0)
  );
}

function readActivation(
  fields: ConfigFields,
  family: ModelFamily,
  path: string,
): DecoderConfig["activation"] {
  const name = family.gemma
    ? (fields.hidden_activation ?? "gelu_pytorch_tanh")
    : (fields.hidden_act ?? "silu");
  const activation = ACTIVATIONS[name];
  if (activation) return activation;
  throw bad(
    path,
    `has activation "${name}", which is not supported (${Object.keys(ACTIVATIONS).join(", ")} are)`,
  );
}

function readGemmaScales(source: {
  readonly fields: ConfigFields;
  readonly modelType: ModelType;
  readonly headSize: number;
}): Pick<DecoderConfig, "queryScale" | "attentionSoftcap" | "logitSoftcap"> {
  const { fields, modelType, headSize } = source;
  if (!MODEL_FAMILIES[modelType].gemma)
    return {
      queryScale: headSize ** -0.5,
      attentionSoftcap: null,
      logitSoftcap: null,
    };
  const capped = modelType === "gemma2";
  return {
    queryScale: (fields.query_pre_attn_scalar ?? 256) ** -0.5,
    // Gemma 3 kept the field, but the attention of transformers does not apply it.
    attentionSoftcap: capped
      ? orDefault(fields.attn_logit_softcapping, 50)
      : null,
    logitSoftcap: orDefault(fields.final_logit_softcapping, capped ? 30 : null),
  };
}

function readLayers(source: {
  readonly fields: ConfigFields;
  readonly family: ModelFamily;
  readonly ropes: RopePair;
  readonly path: string;
}): LayerConfig[] {
  const { fields, family, ropes, path } = source;
  const sliding = readSlidingLayers(fields, family);
  const window = readWindow(fields, family);
  const rotated = fields.no_rope_layers ?? null;
  const interval = fields.no_rope_layer_interval ?? 4;
  const layerCount = fields.num_hidden_layers;
  for (const [name, list] of [
    ["layer_types", fields.layer_types],
    ["no_rope_layers", rotated],
  ] as const)
    if (list && list.length !== layerCount)
      throw bad(path, `lists ${list.length} ${name} for ${layerCount} layers`);
  return Array.from({ length: layerCount }, (_, index): LayerConfig => {
    const slides = sliding(index);
    if (slides && window === null && family.windows !== "all")
      throw bad(
        path,
        `gives layer ${index} sliding attention but no "sliding_window" is in force`,
      );
    const hasRope =
      family.windows !== "smollm" ||
      (rotated ? rotated[index] === 1 : (index + 1) % interval !== 0);
    const rope: RopeConfig = slides ? ropes.sliding : ropes.full;
    return {
      slidingWindow: slides ? window : null,
      rope: hasRope ? rope : null,
    };
  });
}

/** The window of the layers that slide; null where none is in force. */
function readWindow(fields: ConfigFields, family: ModelFamily): number | null {
  // Qwen forgets its window; SmolLM3 follows its list of layers in any case.
  if (family.windows === "qwen" && !fields.use_sliding_window) return null;
  return orDefault(fields.sliding_window, family.defaults.slidingWindow);
}

function readSlidingLayers(
  fields: ConfigFields,
  family: ModelFamily,
): (layer: number) => boolean {
  const listed = fields.layer_types;
  const fromList = (layer: number): boolean =>
    listed?.[layer] === "sliding_attention";
  switch (family.windows) {
    case "none":
      return () => false;
    case "all":
      return () => true;
    case "qwen":
      if (listed) return fromList;
      return (layer) =>
        readWindow(fields, family) !== null &&
        layer >= (fields.max_window_layers ?? 28);
    case "smollm": {
      if (listed) return fromList;
      if (!fields.use_sliding_window || !fields.sliding_window)
        return () => false;
      const rotated = fields.no_rope_layers;
      const interval = fields.no_rope_layer_interval ?? 4;
      return (layer) =>
        rotated ? rotated[layer] === 0 : (layer + 1) % interval === 0;
    }
    case "gemma": {
      if (listed) return fromList;
      const pattern = family.queryKeyNorm
        ? (fields.sliding_window_pattern ?? 6)
        : 2;
      return (layer) => (layer + 1) % pattern !== 0;
    }
  }
}

/** Absent means the default; an explicit null stays null. */
function orDefault<T>(value: T | undefined, fallback: T): T {
  return value === undefined ? fallback : value;
}

function bad(
  path: string,
  problem: string,
  remedy = "Use a checkpoint of a supported family.",
): AutodidactError {
  return new AutodidactError(
    "BAD_CHECKPOINT",
    `${path} ${problem}. ${remedy}`,
    {
      path,
    },
  );
}
