/**
 * @file `generation_config.json`: the tokens that end an answer, and what it asks for
 * besides.
 *
 * How to sample is the caller's to say, so its temperature and cut-offs are not read. But
 * `transformers` follows some of its settings in greedy answers too; those are named, so
 * that a caller can tell.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { AutodidactError, messageOf } from "../../foundation/error.js";
import { readText } from "../files/checkpoint-file.js";

export interface GenerationConfig {
  readonly eosTokenIds: readonly number[];
  /** Settings that change greedy answers of `transformers` and are not applied here: "name value". */
  readonly ignoredSettings: readonly string[];
}

const fields = z.looseObject({
  eos_token_id: z
    .union([z.number().int(), z.array(z.number().int())])
    .nullish(),
});

/** Settings that change greedy answers, with the value that changes none. */
const NEUTRAL: Readonly<Record<string, number | null>> = {
  repetition_penalty: 1,
  encoder_repetition_penalty: 1,
  no_repeat_ngram_size: 0,
  encoder_no_repeat_ngram_size: 0,
  min_length: 0,
  min_new_tokens: 0,
  num_beams: 1,
  penalty_alpha: 0,
  guidance_scale: 1,
  bad_words_ids: null,
  suppress_tokens: null,
  begin_suppress_tokens: null,
  forced_bos_token_id: null,
  forced_eos_token_id: null,
  exponential_decay_length_penalty: null,
  sequence_bias: null,
};

/**
 * Reads the file of a checkpoint folder, if there is one.
 * @param vocabSize tokens that the model knows
 * @throws BAD_CHECKPOINT: not JSON, or an end token that the model does not know
 */
export async function readGenerationConfig(
  folder: string,
  vocabSize: number,
): Promise<GenerationConfig> {
  const path = join(folder, "generation_config.json");
  if (!existsSync(path)) return { eosTokenIds: [], ignoredSettings: [] };
  let read: z.infer<typeof fields>;
  try {
    read = fields.parse(JSON.parse(await readText(path)));
  } catch (cause) {
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${path} cannot be used: ${messageOf(cause)}. Mend or remove it.`,
      { path },
      { cause },
    );
  }
  const eosTokenIds = [read.eos_token_id ?? []].flat();
  const strange = eosTokenIds.find((id) => id < 0 || id >= vocabSize);
  if (strange !== undefined)
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${path} gives eos_token_id ${strange}, but the model knows ${vocabSize} tokens, 0 to ${vocabSize - 1}. Put the right number there, or remove it.`,
      { path, token: strange },
    );
  const ignoredSettings = Object.entries(NEUTRAL).flatMap(([name, neutral]) => {
    const value = read[name] ?? null;
    const isNeutral =
      value === null ||
      value === neutral ||
      (Array.isArray(value) && value.length === 0);
    return isNeutral ? [] : [`${name} ${JSON.stringify(value)}`];
  });
  return { eosTokenIds, ignoredSettings };
}
