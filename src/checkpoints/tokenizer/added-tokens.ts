/**
 * @file Tokens that are found in the text before the model sees it: which there are,
 * and where they are in a text.
 *
 * Both follow the Rust library and `transformers`: what `tokenizer.json` declares
 * first, then what only the settings declare; the longest token at the leftmost
 * place wins; a token without a word boundary that wants one is passed over whole.
 */
import { z } from "zod";

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Only between characters that belong to no word. */
  readonly single_word: boolean;
  /** Takes the white space before it along. */
  readonly lstrip: boolean;
  /** Takes the white space after it along. */
  readonly rstrip: boolean;
  /** Looked for in the normalised text, and normalised itself. */
  readonly normalized: boolean;
  readonly special: boolean;
}

const flags = {
  content: z.string(),
  single_word: z.boolean().default(false),
  lstrip: z.boolean().default(false),
  rstrip: z.boolean().default(false),
  normalized: z.boolean().optional(),
  special: z.boolean().default(false),
};

const PLAIN = {
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
};

/** A token as the settings declare it; a bare text is a special token. */
export const declaredToken = z.union([
  z.string().transform((content) => ({ ...PLAIN, content })),
  z.looseObject(flags),
]);

export type DeclaredToken = z.infer<typeof declaredToken>;

/** The parts of `tokenizer.json` that say which tokens there are. */
export const vocabularyFields = z.looseObject({
  added_tokens: z.array(z.looseObject(flags)).nullish(),
  model: z.looseObject({
    // A table, or a unigram model's list of [token, score].
    vocab: z.union([
      z.record(z.string(), z.number()),
      z.array(z.tuple([z.string(), z.number()])),
    ]),
  }),
});

export type VocabularyFields = z.infer<typeof vocabularyFields>;

/**
 * All added tokens, each with its id: those of `tokenizer.json`, and after them those
 * that only the settings declare. A token that the model has not gets the next free
 * id; the ids the files give are not looked at, as in the Rust library.
 * @param listed the tokens of `added_tokens_decoder` in the order of their ids, which
 * do not matter otherwise; they change the flags of tokens that are there
 * @param named the tokens with a role, `pad_token` for instance; always special
 * @param extra the tokens of `additional_special_tokens` and its newer names
 */
export function addedTokens(
  definition: VocabularyFields,
  settings: Readonly<
    Record<"listed" | "named" | "extra", readonly DeclaredToken[]>
  >,
): AddedToken[] {
  const known = vocabulary(definition);
  const tokens = new Map<string, AddedToken>();
  const add = (declared: DeclaredToken): void => {
    const { content, single_word, lstrip, rstrip, special } = declared;
    let next = known.size;
    for (const { id } of tokens.values()) next = Math.max(next, id + 1);
    const id = tokens.get(content)?.id ?? known.get(content) ?? next;
    const normalized = declared.normalized ?? !special;
    const each = { id, content, single_word, lstrip, rstrip };
    tokens.set(content, { ...each, normalized, special });
  };
  for (const token of definition.added_tokens ?? []) add(token);
  for (const token of settings.listed) add(token);
  for (const token of settings.named)
    if (!tokens.has(token.content)) add({ ...token, special: true });
  for (const token of settings.extra)
    if (!tokens.has(token.content)) add(token);
  tokens.delete("");
  return [...tokens.values()];
}

/** Every token that a file gives, whether or not it has a role. */
export function knownTexts(
  definition: VocabularyFields,
  settings: Readonly<Record<"listed" | "extra", readonly DeclaredToken[]>>,
): ReadonlySet<string> {
  const added = [
    ...(definition.added_tokens ?? []),
    ...settings.listed,
    ...settings.extra,
  ];
  return new Set([
    ...vocabulary(definition).keys(),
    ...added.map(({ content }) => content),
  ]);
}

/** The model's own tokens with their ids. */
export function vocabulary({
  model: { vocab },
}: VocabularyFields): ReadonlyMap<string, number> {
  return new Map(
    Array.isArray(vocab)
      ? vocab.map(([text], index) => [text, index] as const)
      : Object.entries(vocab),
  );
}

/** A stretch of text, or the token that stands in its place. */
export interface Piece {
  readonly text: string;
  readonly token: AddedToken | null;
}

interface Node {
  readonly next: Map<string, Node>;
  token: AddedToken | null;
}

export type Splitter = (text: string) => Piece[];

/**
 * Finds tokens in texts.
 * @param isFound whether a token is one; else it is text, but hides tokens within it
 * @param spelling how a token is written in the texts to come
 */
export function makeSplitter(
  tokens: readonly AddedToken[],
  isFound: (token: AddedToken) => boolean,
  spelling: (token: AddedToken) => string = ({ content }) => content,
): Splitter {
  const root: Node = { next: new Map(), token: null };
  for (const token of tokens) {
    let node = root;
    // One UTF-16 unit at a time, as the texts are walked.
    for (const unit of spelling(token).split("")) {
      const next = node.next.get(unit) ?? { next: new Map(), token: null };
      node.next.set(unit, next);
      node = next;
    }
    if (node !== root) node.token ??= token;
  }
  return (text) => split(text, root, isFound);
}

/** As the regular expressions of the Rust library have it, which are Unicode's. */
const WORD = "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\p{Join_Control}]";
const WORD_AT_START = new RegExp(`^${WORD}`, "u");
const WORD_AT_END = new RegExp(`${WORD}$`, "u");
/** One UTF-16 unit is enough: none of it lies beyond. */
const SPACE = /^\p{White_Space}$/u;

function split(
  text: string,
  root: Node,
  isFound: (token: AddedToken) => boolean,
): Piece[] {
  const pieces: Piece[] = [];
  let done = 0;
  let at = 0;
  while (at < text.length) {
    const found = longest(text, at, root);
    if (!found) {
      at++;
      continue;
    }
    let [start, end] = [at, found.end];
    at = end;
    const { token } = found;
    if (!isFound(token)) continue;
    if (
      token.single_word &&
      (WORD_AT_END.test(text.slice(Math.max(0, start - 2), start)) ||
        WORD_AT_START.test(text.slice(end, end + 2)))
    )
      continue;
    if (token.lstrip)
      while (start > done && SPACE.test(text.charAt(start - 1))) start--;
    if (token.rstrip)
      while (end < text.length && SPACE.test(text.charAt(end))) end++;
    if (start > done)
      pieces.push({ text: text.slice(done, start), token: null });
    pieces.push({ text: token.content, token });
    done = end;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), token: null });
  return pieces;
}

function longest(
  text: string,
  start: number,
  root: Node,
): { readonly token: AddedToken; readonly end: number } | null {
  let found: { token: AddedToken; end: number } | null = null;
  let node: Node | undefined = root.next.get(text[start] ?? "");
  for (let end = start + 1; node; end++) {
    if (node.token) found = { token: node.token, end };
    node = end < text.length ? node.next.get(text[end] ?? "") : undefined;
  }
  return found;
}
