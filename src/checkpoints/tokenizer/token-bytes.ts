/**
 * @file What a single token stands for, as bytes: some are parts of a character only.
 *
 * Read off the token's spelling and the decoder's parts. A text is decoded as a whole,
 * by the library, which may still drop a space at its beginning.
 */
import { isFields } from "./components.js";

/** How a decoder reads a token's spelling. */
export type ReadToken = (spelling: string) => Uint8Array;

/** @param decoder the field of that name in a `tokenizer.json` */
export function tokenReader(decoder: unknown): ReadToken {
  const parts = partsOf(decoder);
  const kinds = new Set(parts.map(({ type }) => type));
  if (kinds.has("ByteLevel")) return readByteLevel;
  if (parts.length === 0) return (spelling) => utf8(` ${spelling}`);
  const wordPiece = parts.find(({ type }) => type === "WordPiece");
  if (wordPiece !== undefined) {
    const prefix = textOr("##", wordPiece["prefix"]);
    return (spelling) =>
      utf8(
        spelling.startsWith(prefix)
          ? spelling.slice(prefix.length)
          : ` ${spelling}`,
      );
  }
  return (spelling) => {
    const byte = kinds.has("ByteFallback")
      ? /^<0x([0-9A-F]{2})>$/.exec(spelling)?.[1]
      : undefined;
    return byte === undefined
      ? utf8(replaceEach(spelling, parts))
      : Uint8Array.of(Number.parseInt(byte, 16));
  };
}

function textOr(usual: string, given: unknown): string {
  return typeof given === "string" ? given : usual;
}

type Part = Readonly<Record<string, unknown>>;

/** The parts of a decoder, without the sequences around them. */
function partsOf(decoder: unknown): Part[] {
  if (!isFields(decoder)) return [];
  const { decoders } = decoder;
  return Array.isArray(decoders) ? decoders.flatMap(partsOf) : [decoder];
}

function replaceEach(spelling: string, parts: readonly Part[]): string {
  return parts.reduce((text, part) => {
    const { type, pattern, content, replacement } = part;
    if (type === "Metaspace")
      return text.replaceAll(textOr("▁", replacement), " ");
    if (type !== "Replace" || !isFields(pattern)) return text;
    const { String: from } = pattern;
    return typeof from === "string" && typeof content === "string"
      ? text.replaceAll(from, content)
      : text;
  }, spelling);
}

/**
 * GPT-2's alphabet: bytes that are printable characters of Latin-1 are written as those,
 * the others, in order, as the characters from 256 on.
 */
const BYTE_OF = new Map<string, number>();
const isPrintable = (byte: number): boolean =>
  (byte >= 33 && byte <= 126) || (byte >= 161 && byte !== 173);
let others = 0;
for (let byte = 0; byte < 256; byte++)
  BYTE_OF.set(
    String.fromCodePoint(isPrintable(byte) ? byte : 256 + others++),
    byte,
  );

function readByteLevel(spelling: string): Uint8Array {
  const bytes = [...spelling].map((letter) => BYTE_OF.get(letter));
  return bytes.every((byte) => byte !== undefined)
    ? Uint8Array.from(bytes)
    : utf8(spelling);
}

function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
