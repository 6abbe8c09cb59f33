/**
 * @file What a `tokenizer.json` may be made of: the parts of the Rust library's version
 * 0.23, by name, and what of each is refused.
 *
 * The library ends the whole process on some values (an empty pattern, a template that
 * names no token, a regular expression that gives up), so they never reach it.
 */
import { checkCharsmap } from "./charsmap.js";
import { checkPattern } from "./pattern.js";

/** A part's own fields; what the library can refuse by itself is not looked at here. */
export type ComponentFields = Readonly<Record<string, unknown>>;

/** What is wrong with it, if anything is; as the end of a sentence. */
type Check = (fields: ComponentFields) => string | null;

const fine: Check = () => null;

/** By the names of the fields of `tokenizer.json`; and where a sequence keeps its parts. */
export const PARTS = {
  normalizer: {
    inside: "normalizers",
    kinds: {
      BertNormalizer: fine,
      ByteLevel: fine,
      Lowercase: fine,
      NFC: fine,
      NFD: fine,
      NFKC: fine,
      NFKD: fine,
      Nmt: fine,
      Precompiled: ({ precompiled_charsmap }) =>
        checkCharsmap(precompiled_charsmap),
      Prepend: ({ prepend }) =>
        prepend === "" ? "it prepends an empty text" : null,
      Replace: ({ pattern }) => checkPattern(pattern),
      Sequence: fine,
      Strip: fine,
      StripAccents: fine,
    },
  },
  pre_tokenizer: {
    inside: "pretokenizers",
    kinds: {
      BertPreTokenizer: fine,
      ByteLevel: fine,
      CharDelimiterSplit: fine,
      Digits: fine,
      FixedLength: ({ length }) =>
        length === 0 ? "its pieces have the length 0" : null,
      Metaspace: fine,
      Punctuation: fine,
      Sequence: fine,
      Split: ({ pattern }) => checkPattern(pattern),
      UnicodeScripts: fine,
      Whitespace: fine,
      WhitespaceSplit: fine,
    },
  },
  post_processor: {
    inside: "processors",
    kinds: {
      BertProcessing: fine,
      ByteLevel: fine,
      RobertaProcessing: fine,
      Sequence: fine,
      TemplateProcessing: checkTemplate,
    },
  },
  decoder: {
    inside: "decoders",
    kinds: {
      BPEDecoder: fine,
      ByteFallback: fine,
      ByteLevel: fine,
      CTC: fine,
      Fuse: fine,
      Metaspace: fine,
      Replace: ({ pattern }) => checkPattern(pattern),
      Sequence: fine,
      Strip: ({ stop }) =>
        stop === 0
          ? null
          : "it takes characters from the ends of tokens, which a token may have too few of (its stop is not 0)",
      WordPiece: fine,
    },
  },
} as const satisfies Record<
  string,
  { readonly inside: string; readonly kinds: Readonly<Record<string, Check>> }
>;

/** Sequences in sequences, by far more than anyone writes. */
const DEEPEST = 16;

/**
 * What is wrong with the parts of a definition, if anything is.
 * @returns the end of a sentence, which names the part
 */
export function partProblem(definition: ComponentFields): string | null {
  for (const [name, { inside, kinds }] of Object.entries(PARTS)) {
    const problem = problemOf(definition[name] ?? null, {
      name,
      inside,
      kinds,
    });
    if (problem !== null) return problem;
  }
  return null;
}

function problemOf(
  part: unknown,
  slot: {
    readonly name: string;
    readonly inside: string;
    readonly kinds: Readonly<Record<string, Check>>;
  },
  depth = 0,
): string | null {
  const { name, inside, kinds } = slot;
  if (part === null) return null;
  if (!isFields(part) || typeof part["type"] !== "string")
    return `its ${name} has no "type"`;
  const { type } = part;
  const check = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (check === undefined)
    return `its ${name} "${type}" is not known (${Object.keys(kinds).join(", ")} are)`;
  const problem = check(part);
  if (problem !== null) return `in its ${name} "${type}", ${problem}`;
  const parts = part[inside];
  if (type !== "Sequence" || !Array.isArray(parts)) return null;
  if (depth === DEEPEST)
    return `its ${name} has more than ${DEEPEST} sequences in each other`;
  for (const each of parts) {
    const found = problemOf(each, slot, depth + 1);
    if (found !== null) return found;
  }
  return null;
}

export function isFields(value: unknown): value is ComponentFields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Every token that a template puts around a text has ids. */
function checkTemplate({
  single,
  pair,
  special_tokens: tokens,
}: ComponentFields) {
  const known = isFields(tokens) ? tokens : {};
  for (const piece of [single, pair].flat()) {
    if (!isFields(piece)) continue;
    const { SpecialToken: special } = piece;
    const id = isFields(special) ? special["id"] : null;
    if (typeof id === "string" && !Object.hasOwn(known, id))
      return `the template names "${id}", which is not among its special_tokens`;
  }
  return null;
}
