/**
 * @file The settings beside a `tokenizer.json`: `special_tokens_map.json`, and over it
 * `tokenizer_config.json`.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { malformed, readJson } from "../files/checkpoint-file.js";
import { declaredToken, type SettingsTokens } from "./added-tokens.js";

/** Insists on taking spaces away although they are part of BPE's text. */
export const FORCED_CLEAN_UP =
  "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output";

/** A list, or in the newest form a table of roles. */
const extraTokens = z
  .union([z.array(declaredToken), z.record(z.string(), declaredToken)])
  .nullish();

const tokenizerSettings = z.looseObject({
  bos_token: declaredToken.nullish(),
  eos_token: declaredToken.nullish(),
  pad_token: declaredToken.nullish(),
  unk_token: declaredToken.nullish(),
  sep_token: declaredToken.nullish(),
  cls_token: declaredToken.nullish(),
  mask_token: declaredToken.nullish(),
  added_tokens_decoder: z.record(z.string(), declaredToken).nullish(),
  additional_special_tokens: extraTokens,
  extra_special_tokens: extraTokens,
  split_special_tokens: z.boolean().nullish(),
  clean_up_tokenization_spaces: z.boolean().nullish(),
  [FORCED_CLEAN_UP]: z.boolean().nullish(),
  chat_template: z
    .union([
      z.string(),
      z.array(z.object({ name: z.string(), template: z.string() })),
    ])
    .nullish(),
});

export type TokenizerSettings = z.infer<typeof tokenizerSettings>;

/** Roles that a token may have. */
export const ROLES = [
  "bos_token",
  "eos_token",
  "pad_token",
  "unk_token",
  "sep_token",
  "cls_token",
  "mask_token",
] as const;

/** @throws BAD_CHECKPOINT: a file that is no JSON, a field of another kind */
export async function readSettings(folder: string): Promise<TokenizerSettings> {
  const merged: Record<string, unknown> = {};
  for (const name of ["special_tokens_map.json", "tokenizer_config.json"]) {
    const path = join(folder, name);
    if (!existsSync(path)) continue;
    const content = await readJson(path);
    if (typeof content !== "object" || content === null)
      throw malformed(path, "a JSON object was expected");
    for (const [key, value] of Object.entries(content))
      if (value !== null) merged[key] = value;
  }
  const parsed = tokenizerSettings.safeParse(merged);
  if (parsed.success) return parsed.data;
  throw malformed(
    join(folder, "tokenizer_config.json"),
    z.prettifyError(parsed.error),
  );
}

/** The tokens of the settings, as `transformers` adds them to those it has. */
export function settingsTokens(settings: TokenizerSettings): SettingsTokens {
  const extra =
    settings.extra_special_tokens ?? settings.additional_special_tokens ?? [];
  return {
    listed: Object.entries(settings.added_tokens_decoder ?? {})
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([, token]) => token),
    named: [
      ...ROLES.flatMap((name) => settings[name] ?? []),
      ...(Array.isArray(extra) ? [] : Object.values(extra)),
    ],
    extra: Array.isArray(extra) ? extra : [],
  };
}
