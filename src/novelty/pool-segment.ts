/**
 * @file A stretch of a pool as bytes, to be stored and put together again.
 *
 * A segment holds records [firstRecord, firstRecord + n) as token numbers and
 * the tokens that were new in them. Segments are written once and never changed:
 * a growing pool is stored by appending segments, and read by decoding them in
 * order. The search structures are not stored; they are rebuilt, which takes
 * seconds for a million records.
 *
 * Layout, integers as LEB128: "ADNP", version, label, firstRecord, records,
 * firstToken, the new tokens as a JSON array, then for each record its length
 * and its token numbers; at the end the first 8 bytes of the SHA-256 of all that.
 * Byte strings are preceded by their length.
 */
import { createHash } from "node:crypto";
import { AutodidactError } from "../foundation/error.js";

const MAGIC = "ADNP";
const VERSION = 1;
const CHECKSUM_BYTES = 8;

export interface PoolSegment {
  /** What made the tokens; a pool must have one only. */
  readonly label: string;
  readonly firstRecord: number;
  /** Number of tokens known before this segment. */
  readonly firstToken: number;
  /** Tokens first seen in this segment, in order of their numbers. */
  readonly newTokens: readonly string[];
  /** Lengths of the records, and their token numbers one after the other. */
  readonly lengths: Int32Array;
  readonly tokens: Int32Array;
}

export function encodeSegment(segment: PoolSegment): Uint8Array {
  const writer = new ByteWriter();
  writer.bytes(Buffer.from(MAGIC));
  writer.integer(VERSION);
  writer.text(segment.label);
  writer.integer(segment.firstRecord);
  writer.integer(segment.lengths.length);
  writer.integer(segment.firstToken);
  writer.text(JSON.stringify(segment.newTokens));
  let at = 0;
  for (const length of segment.lengths) {
    writer.integer(length);
    for (let i = 0; i < length; i++) {
      writer.integer(segment.tokens[at++] as number);
    }
  }
  const content = writer.finish();
  return Buffer.concat([content, checksum(content)]);
}

/** @throws LEDGER if the bytes are not a whole, unchanged segment */
export function decodeSegment(bytes: Uint8Array): PoolSegment {
  const content = bytes.subarray(0, Math.max(0, bytes.length - CHECKSUM_BYTES));
  const stored = bytes.subarray(content.length);
  if (Buffer.from(content.subarray(0, MAGIC.length)).toString() !== MAGIC) {
    throw damaged("does not begin as a pool segment does");
  }
  if (Buffer.compare(checksum(content), stored) !== 0) {
    throw damaged("has a wrong checksum");
  }
  const reader = new ByteReader(content, MAGIC.length);
  const version = reader.integer();
  if (version !== VERSION) {
    throw damaged(`has format version ${version}, and ${VERSION} is known`);
  }
  const label = reader.text();
  const firstRecord = reader.integer();
  const lengths = new Int32Array(reader.integer());
  const firstToken = reader.integer();
  const newTokens = JSON.parse(reader.text()) as string[];
  // A token number takes at least one byte.
  const tokens = new Int32Array(reader.left);
  let at = 0;
  for (let record = 0; record < lengths.length; record++) {
    const length = reader.integer();
    lengths[record] = length;
    for (let i = 0; i < length; i++) tokens[at++] = reader.integer();
  }
  return {
    label,
    firstRecord,
    firstToken,
    newTokens,
    lengths,
    tokens: tokens.slice(0, at),
  };
}

function checksum(content: Uint8Array): Buffer {
  const digest = createHash("sha256").update(content).digest();
  return digest.subarray(0, CHECKSUM_BYTES);
}

function damaged(problem: string): AutodidactError {
  return new AutodidactError(
    "LEDGER",
    `A stored segment of the novelty pool ${problem}. Restore the run folder from a copy, or rebuild the pool from the recorded texts.`,
  );
}

class ByteWriter {
  #buffer = Buffer.allocUnsafe(1 << 16);
  #length = 0;

  integer(value: number): void {
    this.#reserve(8);
    while (value >= 0x80) {
      this.#buffer[this.#length++] = (value % 0x80) | 0x80;
      value = Math.floor(value / 0x80);
    }
    this.#buffer[this.#length++] = value;
  }

  text(text: string): void {
    const bytes = Buffer.from(text);
    this.integer(bytes.length);
    this.bytes(bytes);
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  finish(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    const longer = Buffer.allocUnsafe(needed * 2);
    longer.set(this.#buffer);
    this.#buffer = longer;
  }
}

/** Reads content whose checksum was right, so it cannot end too early. */
class ByteReader {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, start: number) {
    this.#bytes = bytes;
    this.#at = start;
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  integer(): number {
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = this.#bytes[this.#at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
      scale *= 0x80;
    }
  }

  text(): string {
    const length = this.integer();
    const start = this.#at;
    this.#at += length;
    return Buffer.from(this.#bytes.subarray(start, this.#at)).toString();
  }
}
