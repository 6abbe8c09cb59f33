/**
 * @file Text to token ids and back, as the checkpoint's `tokenizer.json` says.
 *
 * A thin cover over `@huggingface/tokenizers` that fixes what the rest of the
 * program may rely on: special ids, vocabulary size, chat template, one error for
 * each way the files can be wrong. Nothing is guessed: without `tokenizer.json`
 * there is no tokenizer.
 */
import { readFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { ChatMessage } from "../../data/records.js";
import { AutodidactError } from "../../foundation/error.js";
import {
  addedTokens,
  declaredToken,
  vocabularyFields,
  knownTexts,
  type AddedToken,
  type VocabularyFields,
} from "./added-tokens.js";
import {
  compileChatTemplate,
  type ChatTemplate,
} from "../../chat-template/chat-template.js";
import { makeTokenizer, type LibraryTokenizer } from "./tokenizer-library.js";

export interface TextTokenizer {
  /** Largest token id + 1, added tokens included. */
  readonly vocabSize: number;
  readonly bosTokenId: number | null;
  /** The token that ends a trained completion. */
  readonly eosTokenId: number | null;
  readonly padTokenId: number | null;
  readonly hasChatTemplate: boolean;
  /** Tokens that are found in a text before the model's own. */
  readonly addedTokens: readonly AddedToken[];
  /** @param addSpecialTokens add what the tokenizer adds by itself, a BOS for instance */
  encode(
    text: string,
    options: { readonly addSpecialTokens: boolean },
  ): number[];
  decode(
    ids: readonly number[],
    options: { readonly skipSpecialTokens: boolean },
  ): string;
  /** The id of exactly this token, or undefined. */
  tokenId(token: string): number | undefined;
  /**
   * The conversation as text; encode it without adding special tokens.
   * @throws BAD_CHECKPOINT: no template, or the template refuses
   */
  applyChatTemplate(
    messages: readonly ChatMessage[],
    options: { readonly addGenerationPrompt: boolean },
  ): string;
}

const FORCED_CLEAN_UP =
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

type TokenizerSettings = z.infer<typeof tokenizerSettings>;

const SPECIAL_TOKENS = [
  "bos_token",
  "eos_token",
  "pad_token",
  "unk_token",
  "sep_token",
  "cls_token",
  "mask_token",
] as const;

/**
 * Opens the tokenizer of a checkpoint folder: `tokenizer.json`, and where present
 * `tokenizer_config.json`, `special_tokens_map.json` and `chat_template.jinja`.
 * @throws BAD_CHECKPOINT: no tokenizer, a malformed file, a template that cannot be parsed
 */
export async function openTokenizer(folder: string): Promise<TextTokenizer> {
  const path = join(folder, "tokenizer.json");
  if (!existsSync(path))
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `${folder} has no tokenizer.json. Copy the model's tokenizer files into the folder (a tokenizer.model alone is not enough; transformers can convert it).`,
      { path },
    );
  const settings = await readSettings(folder);
  const content = await readJson(path);
  refuseUnknownModel(path, content);
  const definition = vocabularyFields.safeParse(content);
  if (!definition.success)
    throw malformed(path, z.prettifyError(definition.error));
  const declared = declaredTokens(settings);
  const added = addedTokens(definition.data, declared);
  refuseUnknownRoles(path, settings, knownTexts(definition.data, declared));
  const tokenizer = makeChecked({
    path,
    definition: definition.data,
    settings,
    added,
  });
  const tokenIds = tokenizer.get_vocab(true);
  let largest = -1;
  for (const id of tokenIds.values()) largest = Math.max(largest, id);
  const special = (name: (typeof SPECIAL_TOKENS)[number]): number | null => {
    const token = settings[name];
    return token ? (tokenIds.get(token.content) ?? null) : null;
  };
  const template = await openTemplate(folder, settings);
  return {
    vocabSize: largest + 1,
    bosTokenId: special("bos_token"),
    eosTokenId: special("eos_token"),
    padTokenId: special("pad_token"),
    hasChatTemplate: template !== null,
    addedTokens: added,
    encode: (text, { addSpecialTokens }) =>
      tokenizer.encode(text, { add_special_tokens: addSpecialTokens }).ids,
    decode: (ids, { skipSpecialTokens }) =>
      ids.length === 0
        ? ""
        : tokenizer.decode([...ids], {
            skip_special_tokens: skipSpecialTokens,
          }),
    tokenId: (token) => tokenIds.get(token),
    applyChatTemplate(messages, options) {
      if (!template)
        throw new AutodidactError(
          "BAD_CHECKPOINT",
          `${folder} has no chat template, and a conversation was given. Give plain text prompts, or add chat_template.jinja to the folder.`,
          { path: folder },
        );
      return template.render(messages, options);
    },
  };
}

/** The tokens of the settings, as `transformers` adds them to those it has. */
function declaredTokens(
  settings: TokenizerSettings,
): Parameters<typeof addedTokens>[1] {
  const extra =
    settings.extra_special_tokens ?? settings.additional_special_tokens ?? [];
  return {
    listed: Object.entries(settings.added_tokens_decoder ?? {})
      .sort(([a], [b]) => Number(a) - Number(b))
      .map(([, token]) => token),
    named: [
      ...SPECIAL_TOKENS.flatMap((name) => settings[name] ?? []),
      ...(Array.isArray(extra) ? [] : Object.values(extra)),
    ],
    extra: Array.isArray(extra) ? extra : [],
  };
}

/** `transformers` would give them a new id, which no model has learned to write. */
function refuseUnknownRoles(
  path: string,
  settings: TokenizerSettings,
  known: ReadonlySet<string>,
): void {
  for (const name of ["bos_token", "eos_token"] as const) {
    const token = settings[name];
    if (token?.content && !known.has(token.content))
      throw malformed(
        path,
        `it has no token "${token.content}", which tokenizer_config.json names as ${name}`,
      );
  }
}

function makeChecked(options: {
  readonly path: string;
  readonly definition: VocabularyFields;
  readonly settings: TokenizerSettings;
  readonly added: readonly AddedToken[];
}): LibraryTokenizer {
  const { path, definition, settings, added } = options;
  const roles = new Map(
    SPECIAL_TOKENS.map((name) => [name, settings[name]?.content]),
  );
  try {
    return makeTokenizer({
      definition,
      settings: {
        ...settings,
        ...Object.fromEntries(roles),
        // These are among the added tokens already.
        additional_special_tokens: [],
        clean_up_tokenization_spaces: cleansUp(definition, settings),
      },
      addedTokens: added,
      splitSpecialTokens: settings.split_special_tokens ?? false,
    });
  } catch (cause) {
    throw malformed(path, cause);
  }
}

const MODEL_KINDS: ReadonlySet<unknown> = new Set([
  "BPE",
  "Unigram",
  "WordPiece",
  "WordLevel",
]);

/** The library guesses where it does not know; old files leave the kind out. */
function refuseUnknownModel(path: string, definition: unknown): void {
  const { model } = (definition ?? {}) as { readonly model?: object };
  const kind = model && "type" in model ? model.type : undefined;
  if (typeof kind === "string" && !MODEL_KINDS.has(kind))
    throw malformed(
      path,
      `its model is of type "${kind}", which is not known (${[...MODEL_KINDS].join(", ")} are)`,
    );
}

/**
 * Whether decoding takes the spaces before punctuation away, as `transformers` 5
 * decides it: only where the settings ask for it, and for BPE only where they insist,
 * because BPE's spaces are part of the text. The library would do it unasked.
 */
function cleansUp(definition: unknown, settings: TokenizerSettings): boolean {
  if (!settings.clean_up_tokenization_spaces) return false;
  const { model } = (definition ?? {}) as { readonly model?: object };
  const { type } = (model ?? {}) as { readonly type?: unknown };
  const isBpe =
    type === "BPE" || (type === undefined && "merges" in (model ?? {}));
  return !isBpe || settings[FORCED_CLEAN_UP] === true;
}

async function readSettings(folder: string): Promise<TokenizerSettings> {
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

async function openTemplate(
  folder: string,
  settings: TokenizerSettings,
): Promise<ChatTemplate | null> {
  const file = join(folder, "chat_template.jinja");
  const listed = settings.chat_template;
  const own = existsSync(file) ? await readTemplate(file) : undefined;
  const source =
    own ??
    (Array.isArray(listed)
      ? listed.find(({ name }) => name === "default")?.template
      : listed);
  if (!source) return null;
  const specialTokens: Record<string, string> = {};
  for (const name of SPECIAL_TOKENS) {
    const token = settings[name];
    if (token) specialTokens[name] = token.content;
  }
  const path = own === undefined ? join(folder, "tokenizer_config.json") : file;
  return compileChatTemplate({ source, path, specialTokens });
}

async function readTemplate(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    throw malformed(path, cause);
  }
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw malformed(path, cause);
  }
}

function malformed(path: string, cause: unknown): AutodidactError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const line = reason
    .trim()
    .split("\n")
    .map((part) => part.trim())
    .join(" ");
  return new AutodidactError(
    "BAD_CHECKPOINT",
    `${path} cannot be used: ${line}. Download or export the tokenizer again.`,
    { path },
    { cause },
  );
}
