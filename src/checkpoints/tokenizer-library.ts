/**
 * @file The parts of `@huggingface/tokenizers` that are used, with their types.
 *
 * The library's own declarations import without file extensions, which Node's
 * module resolution does not follow, so they would all be untyped. One correction
 * is made: for `<0xNN>` tokens the Rust library decodes each run of bytes as a
 * whole (valid UTF-8 becomes its text, a byte-order mark included; of an invalid
 * run every byte becomes U+FFFD), version 0.2 of this one drops the mark and merges
 * bytes.
 */
import * as library from "@huggingface/tokenizers";

export interface LibraryTokenizer {
  readonly decoder: object | null;
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

interface BytesToText {
  decode(bytes: Uint8Array): string;
}

interface Library {
  readonly Tokenizer: new (
    definition: unknown,
    settings: unknown,
  ) => LibraryTokenizer;
  readonly SequenceDecoder: new () => { readonly decoders: readonly object[] };
  readonly ByteFallbackDecoder: new () => { text_decoder: BytesToText };
}

const { Tokenizer, SequenceDecoder, ByteFallbackDecoder } =
  library as unknown as Library;

/**
 * Makes a tokenizer from the content of `tokenizer.json` and of the merged
 * settings files. Throws what the library throws on nonsense.
 */
export function makeTokenizer(
  definition: unknown,
  settings: unknown,
): LibraryTokenizer {
  const tokenizer = new Tokenizer(definition, settings);
  const { decoder } = tokenizer;
  const steps =
    decoder instanceof SequenceDecoder ? decoder.decoders : [decoder];
  for (const step of steps)
    if (step instanceof ByteFallbackDecoder)
      step.text_decoder = { decode: decodeRun };
  return tokenizer;
}

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decodeRun(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return "\ufffd".repeat(bytes.byteLength);
  }
}
