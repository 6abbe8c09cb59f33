/**
 * @file Text to token ids and back, as the checkpoint's `tokenizer.json` says.
 *
 * A thin cover over the Rust library that fixes what the rest of the program may rely
 * on: special ids, vocabulary size, chat template, one error for each way the files can
 * be wrong, and that no text but the chat template's makes special tokens. Nothing is
 * guessed: without `tokenizer.json` there is no tokenizer.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  compileChatTemplate,
  type ChatTemplate,
  type TemplateOptions,
} from "../../chat-template/chat-template.js";
import type { ChatMessage } from "../../data/records.js";
import { AutodidactError } from "../../foundation/error.js";
import {
  inFile,
  readJson,
  readText,
  refused,
} from "../files/checkpoint-file.js";
import { mergeAddedTokens, type FoundToken } from "./added-tokens.js";
import { readDefinition, type TokenizerDefinition } from "./definition.js";
import { openLibraryTokenizer, type LibraryTokenizer } from "./library.js";
import { secretSpelling, type SecretSpelling } from "./secret-spelling.js";
import { tokenReader } from "./token-bytes.js";
import {
  FORCED_CLEAN_UP,
  readSettings,
  ROLES,
  settingsTokens,
  type TokenizerSettings,
} from "./settings.js";

export type { TemplateOptions } from "../../chat-template/chat-template.js";

export interface TextTokenizer {
  /** Largest token id + 1, added tokens included; ids below it may be no token's. */
  readonly vocabSize: number;
  readonly bosTokenId: number | null;
  /** The token that ends a trained completion. */
  readonly eosTokenId: number | null;
  readonly padTokenId: number | null;
  readonly hasChatTemplate: boolean;
  /** Tokens that are found in a text before the model's own. */
  readonly addedTokens: readonly AddedToken[];
  /**
   * Special tokens that are written in the text are ordinary text, unless
   * `applyChatTemplate` or `trust` wrote them.
   * @param addSpecialTokens add what the tokenizer adds by itself, a BOS for instance
   * @throws BAD_CHECKPOINT: the tokenizer cannot encode the text
   */
  encode(
    text: string,
    options: { readonly addSpecialTokens: boolean },
  ): Promise<number[]>;
  /** The text without special tokens; ids that no token has give nothing. */
  decode(ids: readonly number[]): Promise<string>;
  /** What a token stands for, in UTF-8 though maybe a part of a character; nothing where an id is no token's. */
  tokenBytes(id: number): Uint8Array;
  /** The id of exactly this token, or undefined. */
  tokenId(token: string): number | undefined;
  /** A text of the program's own, in which special tokens are special. Only for `encode`. */
  trust(text: string): string;
  /**
   * The conversation as text, only for `encode`, without adding special tokens.
   * @throws BAD_CHECKPOINT: no template, or the template refuses
   */
  applyChatTemplate(
    messages: readonly ChatMessage[],
    options: TemplateOptions,
  ): string;
}

export interface AddedToken extends FoundToken {
  readonly id: number;
}

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
  const { definition, found, secret, library } = await inFile(path, () =>
    open(content, settings),
  );
  const special = (role: (typeof ROLES)[number]): number | null =>
    library.tokenId(secret.spell(settings[role]?.content ?? "")) ?? null;
  const tokenId = (token: string) => library.tokenId(secret.spell(token));
  const addedTokens = found.map((token) => ({
    ...token,
    id: tokenId(token.content) ?? 0,
  }));
  const template = await openTemplate(folder, settings);
  const cleansUp = decodingCleansUp(definition, settings);
  return {
    vocabSize: largest(definition.vocabulary.values(), addedTokens) + 1,
    bosTokenId: special("bos_token"),
    eosTokenId: special("eos_token"),
    padTokenId: special("pad_token"),
    hasChatTemplate: template !== null,
    addedTokens,
    encode: (text, { addSpecialTokens }) =>
      inFile(path, () => library.encode(text, addSpecialTokens)),
    async decode(ids) {
      if (ids.length === 0) return "";
      const text = secret.unspell(await library.decode(ids));
      return cleansUp ? cleanUp(text) : text;
    },
    tokenBytes: bytesOfTokens(definition, addedTokens),
    tokenId,
    trust: settings.split_special_tokens ? (text) => text : secret.trust,
    applyChatTemplate(messages, options) {
      if (!template)
        throw new AutodidactError(
          "BAD_CHECKPOINT",
          `${folder} has no chat template, and a conversation was given. Give plain text prompts, or add chat_template.jinja to the folder.`,
          { path: folder },
        );
      return settings.split_special_tokens
        ? template.render(messages, options)
        : secret.around({ messages, options }, (marked) =>
            template.render(marked.messages, marked.options),
          );
    },
  };
}

interface Opened {
  readonly definition: TokenizerDefinition;
  readonly found: readonly FoundToken[];
  readonly secret: SecretSpelling;
  readonly library: LibraryTokenizer;
}

/** What texts are made of: one character, or a byte where a model has such tokens. */
const ORDINARY = /^(.|<0x[0-9A-F]{2}>)$/su;

/** @throws BAD_CHECKPOINT with what is wrong, without the file's name */
async function open(
  content: unknown,
  settings: TokenizerSettings,
): Promise<Opened> {
  const definition = readDefinition(content);
  const declared = settingsTokens(settings);
  const found = mergeAddedTokens(definition.declaredTokens, declared);
  const known = new Set([
    ...definition.vocabulary.keys(),
    ...[definition.declaredTokens, declared.listed, declared.extra].flatMap(
      (tokens) => tokens.map(({ content: token }) => token),
    ),
  ]);
  // `transformers` would give them a new id, which no model has learned to write.
  for (const role of ["bos_token", "eos_token"] as const) {
    const token = settings[role]?.content;
    if (token && !known.has(token))
      throw refused(
        `it has no token "${token}", which tokenizer_config.json names as ${role}`,
      );
  }
  const ends = new Set(
    [settings.bos_token, settings.eos_token].map((token) => token?.content),
  );
  const secret = secretSpelling(
    found,
    ({ content: text, special }) =>
      (special || ends.has(text)) && !ORDINARY.test(text),
  );
  const library = await openLibraryTokenizer(
    definition.forLibrary(found, secret),
  );
  return { definition, found, secret, library };
}

/** A token that was added stands for its own text, any other for what its decoder makes of it. */
function bytesOfTokens(
  { vocabulary, decoder }: TokenizerDefinition,
  addedTokens: readonly AddedToken[],
): (id: number) => Uint8Array {
  const read = tokenReader(decoder);
  const added = new Map(addedTokens.map(({ id, content }) => [id, content]));
  let spellings: Map<number, string> | undefined;
  return (id) => {
    const content = added.get(id);
    if (content !== undefined) return new TextEncoder().encode(content);
    // Turned around when it is needed: few programs ask.
    spellings ??= new Map([...vocabulary].map(([text, key]) => [key, text]));
    const spelling = spellings.get(id);
    return spelling === undefined ? new Uint8Array(0) : read(spelling);
  };
}

function largest(
  ids: Iterable<number>,
  addedTokens: readonly AddedToken[],
): number {
  let most = -1;
  for (const id of ids) most = Math.max(most, id);
  for (const { id } of addedTokens) most = Math.max(most, id);
  return most;
}

/**
 * Whether decoding takes the spaces before punctuation away, as `transformers` 5
 * decides it: only where the settings ask for it, and for BPE only where they insist,
 * because BPE's spaces are part of the text.
 */
function decodingCleansUp(
  { isBpe }: TokenizerDefinition,
  settings: TokenizerSettings,
): boolean {
  if (!settings.clean_up_tokenization_spaces) return false;
  return !isBpe || settings[FORCED_CLEAN_UP] === true;
}

function cleanUp(text: string): string {
  return text
    .replace(/ ([.?!,])/g, "$1")
    .replaceAll(" ' ", "'")
    .replace(/ (n't|'m|'s|'ve|'re)/g, "$1");
}

async function openTemplate(
  folder: string,
  settings: TokenizerSettings,
): Promise<ChatTemplate | null> {
  const file = join(folder, "chat_template.jinja");
  const listed = settings.chat_template;
  const own = existsSync(file)
    ? await inFile(file, () => readText(file))
    : undefined;
  const source =
    own ??
    (Array.isArray(listed)
      ? listed.find(({ name }) => name === "default")?.template
      : listed);
  if (!source) return null;
  const path = own === undefined ? join(folder, "tokenizer_config.json") : file;
  const specialTokens = Object.fromEntries(
    ROLES.flatMap((role) => {
      const token = settings[role];
      return token ? [[role, token.content]] : [];
    }),
  );
  return compileChatTemplate({ source, path, specialTokens });
}
