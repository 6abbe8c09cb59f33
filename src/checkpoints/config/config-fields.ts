/**
 * @file The types of the `config.json` fields that the readers use.
 *
 * Checks each field by itself; what fields mean together is `config-file.ts` and
 * `rope-fields.ts`.
 */
import { z } from "zod";

const count = z.number().int().positive();
/** More would be a slip of the pen; the deepest published models have some hundreds. */
const layerCount = count.max(10_000);
/** Beyond it a position is no float32 any more. */
const positions = count.max(2 ** 24);
const rate = z.number().min(0).max(1);
const tokenId = z.number().int().nonnegative();
const layerType = z.enum(["full_attention", "sliding_attention"]);

/** The fields of `config.json` that decide what a model computes; others pass through. */
export const configFields = z.looseObject({
  architectures: z.array(z.string()).nullish(),
  vocab_size: count,
  hidden_size: count,
  intermediate_size: count,
  num_hidden_layers: layerCount,
  num_attention_heads: count,
  num_key_value_heads: count.nullish(),
  head_dim: count.nullish(),
  hidden_act: z.string().nullish(),
  hidden_activation: z.string().nullish(),
  max_position_embeddings: positions.optional(),
  original_max_position_embeddings: count.nullish(),
  rms_norm_eps: z.number().positive().optional(),
  rope_theta: z.number().gt(1).nullish(),
  rope_local_base_freq: z.number().gt(1).nullish(),
  partial_rotary_factor: z.number().positive().max(1).nullish(),
  rope_scaling: z.record(z.string(), z.unknown()).nullish(),
  rope_parameters: z.record(z.string(), z.unknown()).nullish(),
  tie_word_embeddings: z.boolean().optional(),
  attention_bias: z.boolean().optional(),
  mlp_bias: z.boolean().optional(),
  use_sliding_window: z.boolean().nullish(),
  sliding_window: count.nullable().optional(),
  max_window_layers: z.number().int().nonnegative().optional(),
  sliding_window_pattern: count.optional(),
  layer_types: z.array(layerType).nullish(),
  no_rope_layers: z.array(z.union([z.literal(0), z.literal(1)])).nullish(),
  no_rope_layer_interval: count.optional(),
  query_pre_attn_scalar: z.number().positive().optional(),
  attn_logit_softcapping: z.number().positive().nullable().optional(),
  final_logit_softcapping: z.number().positive().nullable().optional(),
  attention_dropout: rate.nullish(),
  resid_pdrop: rate.nullish(),
  embd_pdrop: rate.nullish(),
  bos_token_id: tokenId.nullable().optional(),
  eos_token_id: z
    .union([tokenId, z.array(tokenId)])
    .nullable()
    .optional(),
  pad_token_id: z.number().int().min(-1).nullable().optional(),
});

export type ConfigFields = z.infer<typeof configFields>;
