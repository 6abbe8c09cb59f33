/**
 * @file The Rust library `tokenizers` for one definition: texts to ids, ids to texts.
 *
 * Its calls are asynchronous and cost more to start than a short text takes, so texts
 * that are encoded at the same moment travel together. The package holds a binary for
 * each platform and is loaded when the first tokenizer is opened.
 */
import type { Encoding, Tokenizer } from "tokenizers";
import { AutodidactError } from "../../foundation/error.js";

export interface LibraryTokenizer {
  encode(text: string, addSpecialTokens: boolean): Promise<number[]>;
  /** Without special tokens; ids that no token has give nothing. */
  decode(ids: readonly number[]): Promise<string>;
  tokenId(token: string): number | undefined;
}

/**
 * @param definition the text of a `tokenizer.json`
 * @throws DEVICE where the package has no binary; Error with what it refuses
 */
export async function openLibraryTokenizer(
  definition: string,
): Promise<LibraryTokenizer> {
  const tokenizer = (await loadLibrary()).fromString(definition);
  const encoder = (addSpecialTokens: boolean) =>
    together(async (texts: string[]) => {
      const encodings: Encoding[] = await tokenizer.encodeBatch(texts, {
        addSpecialTokens,
      });
      return encodings.map((each) => each.getIds());
    });
  const [encodePlain, encodeWhole] = [encoder(false), encoder(true)];
  return {
    encode: (text, addSpecialTokens) =>
      (addSpecialTokens ? encodeWhole : encodePlain)(text),
    decode: together((rows) =>
      tokenizer.decodeBatch(
        rows.map((ids: readonly number[]) => [...ids]),
        true,
      ),
    ),
    tokenId: (token) => tokenizer.tokenToId(token) ?? undefined,
  };
}

/** Texts, or rows of ids, of one call to the library; also what a failure takes along. */
const MOST_TOGETHER = 1024;

/** Gathers what is asked for at the same moment into one call. */
function together<Given, Made>(
  makeAll: (given: Given[]) => Promise<Made[]>,
): (each: Given) => Promise<Made> {
  let open: { given: Given[]; made: Promise<Made[]> } | null = null;
  return async (each) => {
    if (open === null || open.given.length === MOST_TOGETHER) {
      const given: Given[] = [];
      const made = Promise.resolve().then(() => {
        if (open?.given === given) open = null;
        return makeAll(given);
      });
      open = { given, made };
    }
    const { given, made } = open;
    const place = given.push(each) - 1;
    return (await made)[place] as Made;
  };
}

async function loadLibrary(): Promise<typeof Tokenizer> {
  try {
    return (await import("tokenizers")).Tokenizer;
  } catch (cause) {
    throw new AutodidactError(
      "DEVICE",
      `The package "tokenizers" has no program for this platform (${process.platform}, ${process.arch}), so no text can be made into tokens. Use Linux, macOS or Windows on x64 or ARM64, or a model behind an endpoint.`,
      { platform: process.platform, architecture: process.arch },
      { cause },
    );
  }
}
