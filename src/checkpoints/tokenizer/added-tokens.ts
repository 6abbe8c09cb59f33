/**
 * @file Tokens that are found in a text before the model sees it: those that
 * `tokenizer.json` declares, and after them those that only the settings declare, as
 * `transformers` adds them.
 */
import { z } from "zod";

const flags = {
  content: z.string(),
  /** Only between characters that belong to no word. */
  single_word: z.boolean().default(false),
  /** Takes the white space before it along. */
  lstrip: z.boolean().default(false),
  /** Takes the white space after it along. */
  rstrip: z.boolean().default(false),
  /** Looked for in the normalised text, and normalised itself. */
  normalized: z.boolean().optional(),
  special: z.boolean().default(false),
};

/** A token as the settings declare it; a bare text is a special token. */
export const declaredToken = z.union([
  z.string().transform((content) => ({
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  z.object(flags),
]);

export type DeclaredToken = z.infer<typeof declaredToken>;

/** A token that is found in texts, whatever id it gets. */
export interface FoundToken {
  readonly content: string;
  readonly single_word: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  readonly normalized: boolean;
  readonly special: boolean;
}

/** The tokens of the settings beside `tokenizer.json`. */
export interface SettingsTokens {
  /** Of `added_tokens_decoder` in the order of their ids; they change the flags of tokens that are there. */
  readonly listed: readonly DeclaredToken[];
  /** With a role, `pad_token` for instance; always special. */
  readonly named: readonly DeclaredToken[];
  /** Of `additional_special_tokens` and its newer names. */
  readonly extra: readonly DeclaredToken[];
}

/**
 * All added tokens in the order in which they get their ids: a token that the model has
 * not gets the next free one. The ids that the files give are not looked at, as in the
 * Rust library.
 * @param declared what `tokenizer.json` lists
 */
export function mergeAddedTokens(
  declared: readonly DeclaredToken[],
  { listed, named, extra }: SettingsTokens,
): FoundToken[] {
  const tokens = new Map<string, FoundToken>();
  const add = (token: DeclaredToken): void => {
    const normalized = token.normalized ?? !token.special;
    tokens.set(token.content, { ...token, normalized });
  };
  for (const token of [...declared, ...listed]) add(token);
  for (const token of named)
    if (!tokens.has(token.content)) add({ ...token, special: true });
  for (const token of extra) if (!tokens.has(token.content)) add(token);
  tokens.delete("");
  return [...tokens.values()];
}
