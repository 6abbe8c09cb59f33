/**
 * @file The parts of `@huggingface/tokenizers` that are used, with their types.
 *
 * The library's own declarations import without file extensions, which Node's
 * module resolution does not follow, so they would all be untyped. Version 0.2 is
 * corrected where it differs from the Rust library:
 *
 * - Added tokens are found by our own splitter; it strips other white space, knows no
 *   word boundaries and takes white space from tokens that are nothing else.
 * - For `<0xNN>` tokens the Rust library decodes each run of bytes as a whole (valid
 *   UTF-8 becomes its text, a byte-order mark included; of an invalid run every byte
 *   becomes U+FFFD); this one drops the mark and merges bytes.
 * - A word is never taken for an added token: this one puts added tokens into the
 *   vocabulary that whole words are looked up in.
 * - "Digits" are all of Unicode's numbers; this one splits off ASCII's.
 * - For byte-level tokens the Rust library turns added tokens into bytes like all
 *   others where their letters all stand for bytes; this one keeps them.
 */
import * as library from "@huggingface/tokenizers";
import {
  type AddedToken,
  makeSplitter,
  vocabulary,
  type VocabularyFields,
} from "./added-tokens.js";

export interface LibraryTokenizer {
  encode(
    text: string,
    options: { readonly add_special_tokens: boolean },
  ): { readonly ids: number[] };
  decode(
    ids: number[],
    options: { readonly skip_special_tokens: boolean },
  ): string;
  /** Token text to id. */
  get_vocab(withAddedTokens: boolean): ReadonlyMap<string, number>;
}

type PreTokenizer = (
  text: string,
  options: { section_index: number },
) => string[];

/** What is corrected in it. */
interface Internals extends LibraryTokenizer {
  readonly decoder: object | null;
  readonly normalizer: ((text: string) => string) | null;
  readonly pre_tokenizer:
    ((text: string, options: { section_index: number }) => string[]) | null;
  readonly model: {
    (words: readonly string[]): string[];
    /** By id. */
    readonly vocab: string[];
    readonly tokens_to_ids: Map<string, number>;
  };
  /** By content, and by normalised content. */
  readonly added_tokens_map: Map<string, unknown>;
  get_vocab: (withAddedTokens: boolean) => ReadonlyMap<string, number>;
  encode_text: (text: string | null) => string[] | null;
}

interface BytesToText {
  decode(bytes: Uint8Array): string;
}

interface Library {
  readonly Tokenizer: new (definition: unknown, settings: unknown) => Internals;
  readonly SequenceDecoder: new () => { readonly decoders: readonly object[] };
  readonly ByteFallbackDecoder: new () => { text_decoder: BytesToText };
  readonly SequencePreTokenizer: new () => {
    readonly tokenizers: readonly object[];
  };
  readonly DigitsPreTokenizer: new () => {
    readonly config: { readonly individual_digits?: boolean };
    pattern: RegExp;
  };
  readonly ByteLevelDecoder: new () => {
    readonly text_decoder: BytesToText;
    readonly byte_decoder: Readonly<Record<string, number | string>>;
    decode_chain: (tokens: readonly string[]) => string[];
  };
}

const {
  Tokenizer,
  SequenceDecoder,
  ByteFallbackDecoder,
  ByteLevelDecoder,
  SequencePreTokenizer,
  DigitsPreTokenizer,
} = library as unknown as Library;

/**
 * Makes a tokenizer from the content of `tokenizer.json` and of the merged
 * settings files. Throws what the library throws on nonsense.
 * @param addedTokens all there are; those of the definition are not looked at
 * @param splitSpecialTokens read special tokens in a text as ordinary text
 */
export function makeTokenizer(options: {
  readonly definition: VocabularyFields;
  readonly settings: object;
  readonly addedTokens: readonly AddedToken[];
  readonly splitSpecialTokens: boolean;
}): LibraryTokenizer {
  const { definition, settings, addedTokens, splitSpecialTokens } = options;
  const tokenizer = new Tokenizer(
    { ...definition, added_tokens: addedTokens },
    settings,
  );
  const tokenIds = tokenizer.get_vocab(true);
  tokenizer.get_vocab = () => tokenIds;
  const words = vocabulary(definition);
  for (const { content } of addedTokens)
    if (!words.has(content)) tokenizer.model.tokens_to_ids.delete(content);
  correctDigits(tokenizer.pre_tokenizer);
  correctAddedTokens(tokenizer, addedTokens, splitSpecialTokens);
  const { decoder } = tokenizer;
  const steps =
    decoder instanceof SequenceDecoder ? decoder.decoders : [decoder];
  for (const step of steps) {
    if (step instanceof ByteFallbackDecoder)
      step.text_decoder = { decode: decodeRun };
    if (step instanceof ByteLevelDecoder)
      step.decode_chain = (tokens) => [
        step.text_decoder.decode(
          Uint8Array.from(tokens.flatMap((token) => bytesOf(token, step))),
        ),
      ];
  }
  return tokenizer;
}

function correctDigits(preTokenizer: PreTokenizer | null): void {
  const steps: readonly (object | null)[] =
    preTokenizer instanceof SequencePreTokenizer
      ? preTokenizer.tokenizers
      : [preTokenizer];
  for (const step of steps)
    if (step instanceof DigitsPreTokenizer)
      step.pattern = step.config.individual_digits
        ? /\P{N}+|\p{N}/gu
        : /\P{N}+|\p{N}+/gu;
}

function correctAddedTokens(
  tokenizer: Internals,
  addedTokens: readonly AddedToken[],
  splitSpecialTokens: boolean,
): void {
  const { model, normalizer, pre_tokenizer: preTokenizer } = tokenizer;
  const normalize = (text: string) => normalizer?.(text) ?? text;
  const contents = new Set(addedTokens.map(({ content }) => content));
  for (const spelling of tokenizer.added_tokens_map.keys())
    if (!contents.has(spelling)) tokenizer.added_tokens_map.delete(spelling);
  // A normalised token is also shown as it is found.
  for (const { id, content, normalized } of addedTokens)
    if (normalized) model.vocab[id] = normalize(content);
  const asTokens = ({ special }: AddedToken) =>
    !(special && splitSpecialTokens);
  const splitRaw = makeSplitter(
    addedTokens.filter(({ normalized }) => !normalized),
    asTokens,
  );
  const splitNormalized = makeSplitter(
    addedTokens.filter(({ normalized }) => normalized),
    asTokens,
    ({ content }) => normalize(content),
  );
  tokenizer.encode_text = (text) => {
    if (text === null) return null;
    let pieces = 0;
    const words = (piece: string, position: number): string[] =>
      model(preTokenizer?.(piece, { section_index: position }) ?? [piece]);
    return splitRaw(text).flatMap(({ text: raw, token: rawToken }) => {
      if (rawToken) {
        pieces++;
        return rawToken.content;
      }
      return splitNormalized(normalize(raw)).flatMap(
        ({ text: piece, token }) => {
          // Some pre-tokenisers treat the beginning of the whole text otherwise.
          const position = pieces++;
          return token ? token.content : words(piece, position);
        },
      );
    });
  };
}

/** The bytes its letters stand for, or of its own text where one stands for none. */
function bytesOf(
  token: string,
  { byte_decoder: bytes }: InstanceType<Library["ByteLevelDecoder"]>,
): number[] {
  const found = Array.from(token, (letter) => bytes[letter]);
  return found.includes(undefined)
    ? [...new TextEncoder().encode(token)]
    : found.map(Number);
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeRun(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return "\ufffd".repeat(bytes.byteLength);
  }
}
