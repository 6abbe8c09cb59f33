/**
 * @file GGUF export: a checkpoint as one file that llama.cpp runs.
 *
 * llama.cpp fixes some things by architecture that `config.json` leaves open; a
 * configuration that it would compute differently is refused with the field that
 * stands in the way. Families: llama, mistral, qwen2, qwen3, smollm3.
 */
import { basename, resolve } from "node:path";
import { AutodidactError } from "../foundation/error.js";
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import type {
  DecoderConfig,
  ModelType,
  RopeConfig,
} from "../checkpoints/config/decoder-config.js";
import {
  Q8_BLOCK,
  writeGguf,
  type GgmlType,
  type GgufTensor,
  type GgufValue,
} from "./gguf-file.js";
import { ggufTokenizer } from "./gguf-tokenizer.js";

interface Architecture {
  readonly name: string;
  /** llama.cpp turns neighbouring dimensions, transformers the two halves of a head. */
  readonly interleavedRope: boolean;
}

const ARCHITECTURES: Partial<Record<ModelType, Architecture>> = {
  llama: { name: "llama", interleavedRope: true },
  mistral: { name: "llama", interleavedRope: true },
  qwen2: { name: "qwen2", interleavedRope: false },
  qwen3: { name: "qwen3", interleavedRope: false },
  smollm3: { name: "smollm3", interleavedRope: true },
};

/** llama.cpp's names for `file_type`. */
const FILE_TYPES: Readonly<Record<GgmlType, number>> = {
  f32: 0,
  f16: 1,
  q8_0: 7,
};

const LAYER_NAMES: Readonly<Record<string, string>> = {
  input_layernorm: "attn_norm",
  "self_attn.q_proj": "attn_q",
  "self_attn.k_proj": "attn_k",
  "self_attn.v_proj": "attn_v",
  "self_attn.q_norm": "attn_q_norm",
  "self_attn.k_norm": "attn_k_norm",
  "self_attn.o_proj": "attn_output",
  post_attention_layernorm: "ffn_norm",
  "mlp.gate_proj": "ffn_gate",
  "mlp.up_proj": "ffn_up",
  "mlp.down_proj": "ffn_down",
};

const OUTER_NAMES: Readonly<Record<string, string>> = {
  "model.embed_tokens.weight": "token_embd.weight",
  "model.norm.weight": "output_norm.weight",
  "lm_head.weight": "output.weight",
};

/**
 * Writes a checkpoint as GGUF. Vectors stay f32; with q8_0, matrices whose rows are
 * no multiple of 32 are f16.
 * @throws BAD_CHECKPOINT: a family, field or tokenizer that llama.cpp would compute
 *   differently, or damaged weights; STORAGE
 */
export async function exportGguf(options: {
  readonly checkpoint: Checkpoint;
  readonly path: string;
  readonly type: GgmlType;
}): Promise<void> {
  const { checkpoint, path, type } = options;
  const { config, folder } = checkpoint;
  const architecture = checkSupport(config, folder);
  const rope = mainRope(config);
  const frequencies = llama3Factors(rope);
  const tensors: GgufTensor[] = checkpoint.parameters.map(
    ({ name, shape }) => ({
      name: ggufName(name),
      shape,
      type: storedType(shape, type),
      read: async () => {
        const values = await checkpoint.readParameter(name);
        return architecture.interleavedRope
          ? interleaveHeads(name, values, config)
          : values;
      },
    }),
  );
  if (frequencies)
    tensors.push({
      name: "rope_freqs.weight",
      shape: [frequencies.length],
      type: "f32",
      read: () => frequencies,
    });
  await writeGguf({
    path,
    metadata: [
      ...modelMetadata(checkpoint, architecture.name, type),
      ...(await ggufTokenizer(checkpoint)),
    ],
    tensors,
  });
}

function modelMetadata(
  checkpoint: Checkpoint,
  architecture: string,
  type: GgmlType,
): (readonly [string, GgufValue])[] {
  const { config, folder } = checkpoint;
  const rope = mainRope(config);
  const count = (key: string, value: number) =>
    [`${architecture}.${key}`, { type: "u32", value }] as const;
  const number = (key: string, value: number) =>
    [`${architecture}.${key}`, { type: "f32", value }] as const;
  return [
    ["general.architecture", { type: "string", value: architecture }],
    ["general.name", { type: "string", value: basename(resolve(folder)) }],
    ["general.file_type", { type: "u32", value: FILE_TYPES[type] }],
    ["general.quantization_version", { type: "u32", value: 2 }],
    count("block_count", config.layers.length),
    count("context_length", config.maxPositions),
    count("embedding_length", config.hiddenSize),
    count("feed_forward_length", config.intermediateSize),
    count("vocab_size", config.vocabSize),
    count("attention.head_count", config.headCount),
    count("attention.head_count_kv", config.keyValueHeadCount),
    count("attention.key_length", config.headSize),
    count("attention.value_length", config.headSize),
    number("attention.layer_norm_rms_epsilon", config.rmsNormEpsilon),
    count("rope.dimension_count", rope.rotaryDimensions),
    number("rope.freq_base", rope.theta),
    ...ropeMetadata(rope, architecture),
  ];
}

function ropeMetadata(
  { scaling }: RopeConfig,
  architecture: string,
): (readonly [string, GgufValue])[] {
  if (scaling.type !== "linear" && scaling.type !== "yarn") return [];
  const key = (name: string): string => `${architecture}.rope.scaling.${name}`;
  return [
    [key("type"), { type: "string", value: scaling.type }],
    [key("factor"), { type: "f32", value: scaling.factor }],
    ...(scaling.type === "yarn"
      ? [
          [
            key("original_context_length"),
            { type: "u32", value: scaling.originalMaxPositions },
          ] as const,
        ]
      : []),
  ];
}

/** @throws BAD_CHECKPOINT naming the first thing llama.cpp would compute differently */
function checkSupport(config: DecoderConfig, folder: string): Architecture {
  const refuse = (reason: string): never => {
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${folder} cannot be exported to GGUF: ${reason}. Export in safetensors form instead.`,
      { path: folder, modelType: config.modelType },
    );
  };
  if (config.rewardHead) refuse("llama.cpp has no place for a reward head");
  const architecture = ARCHITECTURES[config.modelType];
  if (!architecture)
    return refuse(
      `model_type "${config.modelType}" is not covered (${Object.keys(ARCHITECTURES).join(", ")} are)`,
    );
  const windowed = config.layers.some(
    ({ slidingWindow }) =>
      slidingWindow !== null && slidingWindow < config.maxPositions,
  );
  if (windowed) refuse("llama.cpp would ignore its sliding window");
  const rotated = (index: number): boolean =>
    config.modelType !== "smollm3" || (index + 1) % 4 !== 0;
  if (config.layers.some(({ rope }, i) => (rope !== null) !== rotated(i)))
    refuse("llama.cpp expects every fourth layer, and no other, without rope");
  if (config.activation !== "silu") refuse("llama.cpp expects silu");
  const { scaling } = mainRope(config);
  if (scaling.type === "yarn") {
    const usual = 0.1 * Math.log(scaling.factor) + 1;
    if (
      scaling.betaFast !== 32 ||
      scaling.betaSlow !== 1 ||
      !scaling.truncate ||
      Math.abs(scaling.attentionFactor - usual) > 1e-6
    )
      refuse("its YaRN settings are not the usual ones");
  }
  return architecture;
}

function mainRope(config: DecoderConfig): RopeConfig {
  const rope = config.layers.find((layer) => layer.rope)?.rope;
  return (
    rope ?? {
      theta: 10000,
      scaling: { type: "none" },
      rotaryDimensions: config.headSize,
    }
  );
}

function ggufName(name: string): string {
  const outer = OUTER_NAMES[name];
  if (outer) return outer;
  const [, layer, part, kind] =
    /^model\.layers\.(\d+)\.(.+)\.(weight|bias)$/.exec(name) ?? [];
  const known = part === undefined ? undefined : LAYER_NAMES[part];
  if (known) return `blk.${layer}.${known}.${kind}`;
  throw new AutodidactError(
    "BAD_CHECKPOINT",
    `Tensor "${name}" has no place in a GGUF file. Export in safetensors form instead.`,
    { tensor: name },
  );
}

function storedType(shape: readonly number[], type: GgmlType): GgmlType {
  if (shape.length < 2) return "f32";
  const rowFits = (shape.at(-1) ?? 0) % Q8_BLOCK === 0;
  return type === "q8_0" && !rowFits ? "f16" : type;
}

/**
 * Rows of query and key heads from halves to neighbours: within a head, row
 * p·(size/2) + j goes to 2·j + p.
 */
function interleaveHeads(
  name: string,
  values: Float32Array,
  config: DecoderConfig,
): Float32Array {
  if (!/\.self_attn\.[qk]_proj\./.test(name)) return values;
  const { headSize } = config;
  const half = headSize / 2;
  const rows = name.includes(".q_proj.")
    ? config.headCount * headSize
    : config.keyValueHeadCount * headSize;
  const width = values.length / rows;
  const moved = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    const inHead = row % headSize;
    const target =
      row - inHead + 2 * (inHead % half) + Math.floor(inHead / half);
    moved.set(values.subarray(row * width, (row + 1) * width), target * width);
  }
  return moved;
}

/** What llama.cpp divides each frequency by, for Llama 3's scaling. */
function llama3Factors({
  theta,
  scaling,
  rotaryDimensions,
}: RopeConfig): Float32Array | null {
  if (scaling.type !== "llama3") return null;
  const {
    factor,
    lowFrequencyFactor: low,
    highFrequencyFactor: high,
  } = scaling;
  return Float32Array.from({ length: rotaryDimensions / 2 }, (_, pair) => {
    const wavelength = 2 * Math.PI * theta ** ((2 * pair) / rotaryDimensions);
    const turns = scaling.originalMaxPositions / wavelength;
    if (turns > high) return 1;
    if (turns < low) return factor;
    const smooth = (turns - low) / (high - low);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}
