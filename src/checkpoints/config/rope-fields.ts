/**
 * @file The rotary-position fields of `config.json`, read and written.
 *
 * Two generations exist: `rope_theta` + `rope_scaling` (transformers 4) and
 * `rope_parameters` (transformers 5), for Gemma 3 with one entry a layer type.
 * A rope type or rope field that is not understood is an error that names it.
 */
import { z } from "zod";
import { AutodidactError } from "../../foundation/error.js";
import type { ConfigFields } from "./config-fields.js";
import type {
  DecoderConfig,
  ModelType,
  RopeConfig,
  RopeScaling,
} from "./decoder-config.js";
import type { ModelFamily } from "./model-families.js";

/** The rotation of full-attention layers and of sliding ones; the same but for Gemma 3. */
export interface RopePair {
  readonly full: RopeConfig;
  readonly sliding: RopeConfig;
}

const positive = z.number().positive();
/** With a base of 1 all pairs would turn alike, and YaRN divides by its logarithm. */
const base = z.number().gt(1);

const ropeEntry = z.strictObject({
  rope_type: z.string().optional(),
  type: z.string().optional(),
  rope_theta: base.nullish(),
  partial_rotary_factor: positive.max(1).nullish(),
  factor: positive.nullish(),
  low_freq_factor: positive.optional(),
  high_freq_factor: positive.optional(),
  original_max_position_embeddings: positive.nullish(),
  beta_fast: positive.nullish(),
  beta_slow: positive.nullish(),
  attention_factor: positive.nullish(),
  mscale: z.number().nonnegative().nullish(),
  mscale_all_dim: z.number().nonnegative().nullish(),
  truncate: z.boolean().optional(),
});

type RopeEntry = z.infer<typeof ropeEntry>;

interface RopeContext {
  /** Whether the family rotates a part of each head where it is told to. */
  readonly rotatesParts: boolean;
  readonly path: string;
  readonly headSize: number;
  readonly maxPositions: number;
  readonly partialFactor: number;
}

/** Local layers of Gemma 3 rotate with this base unless told otherwise. */
const LOCAL_THETA = 10000;

/** @throws BAD_CHECKPOINT naming the rope type or field that cannot be used */
export function readRopes(source: {
  readonly fields: ConfigFields;
  readonly family: ModelFamily;
  readonly modelType: ModelType;
  readonly headSize: number;
  readonly path: string;
}): RopePair {
  const { fields, family, headSize, path } = source;
  const context: RopeContext = {
    path,
    rotatesParts: family.fields.includes("partial_rotary_factor"),
    headSize,
    maxPositions:
      fields.max_position_embeddings ?? family.defaults.maxPositions,
    partialFactor: fields.partial_rotary_factor ?? 1,
  };
  const theta = fields.rope_theta ?? family.defaults.ropeTheta;
  const parameters = fields.rope_parameters;
  if (source.modelType === "gemma3_text") {
    const nested = parameters ?? {};
    return {
      full: parseRope(
        { ...record(nested["full_attention"]), ...fields.rope_scaling },
        theta,
        context,
      ),
      sliding: parseRope(
        record(nested["sliding_attention"]),
        fields.rope_local_base_freq ?? LOCAL_THETA,
        context,
      ),
    };
  }
  const scaling = record(fields.rope_scaling);
  // As transformers: an empty rope_scaling does not hide rope_parameters.
  const entry = Object.keys(scaling).length > 0 ? scaling : record(parameters);
  const rope = parseRope(entry, theta, context);
  if (!family.scalesRope && rope.scaling.type !== "none")
    throw bad(
      path,
      `has rope type "${rope.scaling.type}", which this family of models does not follow`,
    );
  return { full: rope, sliding: rope };
}

/** The transformers 4 fields, which transformers 5 reads as well. */
export function ropeFields(config: DecoderConfig): Record<string, unknown> {
  const full = config.layers.find(
    (layer) => layer.rope && layer.slidingWindow === null,
  )?.rope;
  const sliding = config.layers.find(
    (layer) => layer.rope && layer.slidingWindow !== null,
  )?.rope;
  const main = full ?? sliding;
  if (!main) return {};
  const scaling = formatScaling(main.scaling);
  const share = main.rotaryDimensions / config.headSize;
  const partial = share < 1 ? { partial_rotary_factor: share } : {};
  if (config.modelType !== "gemma3_text")
    return { rope_theta: main.theta, rope_scaling: scaling, ...partial };
  return {
    rope_theta: full?.theta ?? 1000000,
    rope_local_base_freq: sliding?.theta ?? LOCAL_THETA,
    rope_scaling: full ? scaling : null,
  };
}

function parseRope(
  raw: Readonly<Record<string, unknown>>,
  defaultTheta: number,
  context: RopeContext,
): RopeConfig {
  const parsed = ropeEntry.safeParse(raw);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw bad(
      context.path,
      `has rope parameters that cannot be used: ${[issue?.path.join("."), issue?.message].filter(Boolean).join(": ")}`,
    );
  }
  const entry = parsed.data;
  const share = entry.partial_rotary_factor ?? context.partialFactor;
  if (share !== 1 && !context.rotatesParts)
    throw bad(
      context.path,
      `has "partial_rotary_factor" ${share}, which this family of models does not follow`,
    );
  const rotaryDimensions = Math.trunc(context.headSize * share);
  if (rotaryDimensions % 2 !== 0 || rotaryDimensions === 0)
    throw bad(
      context.path,
      `rotates ${rotaryDimensions} dimensions of each head; an even number is needed`,
    );
  return {
    theta: entry.rope_theta ?? defaultTheta,
    scaling: parseScaling(entry, context),
    rotaryDimensions,
  };
}

function parseScaling(entry: RopeEntry, context: RopeContext): RopeScaling {
  const type = entry.rope_type ?? entry.type ?? "default";
  const originalMaxPositions =
    entry.original_max_position_embeddings ?? context.maxPositions;
  const need = (name: "factor" | "low_freq_factor" | "high_freq_factor") => {
    const value = entry[name];
    if (value) return value;
    throw bad(context.path, `has rope type "${type}" without "${name}"`);
  };
  switch (type) {
    case "default":
      return { type: "none" };
    case "linear":
      return { type: "linear", factor: need("factor") };
    case "llama3": {
      const lowFrequencyFactor = need("low_freq_factor");
      const highFrequencyFactor = need("high_freq_factor");
      if (lowFrequencyFactor >= highFrequencyFactor)
        throw bad(
          context.path,
          `has "low_freq_factor" ${lowFrequencyFactor}, which must be less than "high_freq_factor" ${highFrequencyFactor}`,
        );
      return {
        type: "llama3",
        factor: need("factor"),
        lowFrequencyFactor,
        highFrequencyFactor,
        originalMaxPositions,
      };
    }
    case "yarn": {
      const factor =
        entry.factor ?? context.maxPositions / originalMaxPositions;
      return {
        type: "yarn",
        factor,
        betaFast: entry.beta_fast ?? 32,
        betaSlow: entry.beta_slow ?? 1,
        originalMaxPositions,
        attentionFactor:
          entry.attention_factor ?? yarnAttentionFactor(factor, entry),
        truncate: entry.truncate ?? true,
      };
    }
    default:
      throw bad(
        context.path,
        `has rope type "${type}", which is not supported (default, linear, llama3, yarn are)`,
      );
  }
}

/** 0.1·m·ln(factor) + 1 (arXiv 2309.00071, eq. 22, and DeepSeek's ratio of two such). */
function yarnAttentionFactor(factor: number, entry: RopeEntry): number {
  const scale = (weight: number): number =>
    factor <= 1 ? 1 : 0.1 * weight * Math.log(factor) + 1;
  return entry.mscale && entry.mscale_all_dim
    ? scale(entry.mscale) / scale(entry.mscale_all_dim)
    : scale(1);
}

function formatScaling(scaling: RopeScaling): Record<string, unknown> | null {
  switch (scaling.type) {
    case "none":
      return null;
    case "linear":
      return { rope_type: "linear", factor: scaling.factor };
    case "llama3":
      return {
        rope_type: "llama3",
        factor: scaling.factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.originalMaxPositions,
      };
    case "yarn":
      return {
        rope_type: "yarn",
        factor: scaling.factor,
        beta_fast: scaling.betaFast,
        beta_slow: scaling.betaSlow,
        original_max_position_embeddings: scaling.originalMaxPositions,
        attention_factor: scaling.attentionFactor,
        truncate: scaling.truncate,
      };
  }
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null
    ? { ...(value as Record<string, unknown>) }
    : {};
}

function bad(path: string, problem: string): AutodidactError {
  return new AutodidactError(
    "BAD_CHECKPOINT",
    `${path} ${problem}. Use a checkpoint of a supported family.`,
    { path },
  );
}
