/**
 * @file TensorBoard's event files: TFRecords of the protocol buffer `Event`
 * (tensorflow/core/util/event.proto, field numbers from there), scalars only.
 */
import { Writer } from "protobufjs/minimal.js";

export interface ScalarEvent {
  /** Seconds since 1970. */
  readonly wallTime: number;
  readonly step: number;
  readonly scalars: Readonly<Record<string, number>>;
}

/** Wire types of protocol buffers. */
const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

const VERSION = "brain.Event:2";

/** The whole file, record by record. */
export function* eventFile(
  events: Iterable<ScalarEvent>,
): Generator<Uint8Array> {
  let isFirst = true;
  for (const event of events) {
    if (isFirst) yield tfRecord(versionBytes(event.wallTime));
    isFirst = false;
    yield tfRecord(scalarBytes(event));
  }
}

function versionBytes(wallTime: number): Uint8Array {
  const writer = Writer.create();
  writer.uint32(field(1, FIXED64)).double(wallTime);
  writer.uint32(field(3, BYTES)).string(VERSION);
  return writer.finish();
}

function scalarBytes({ wallTime, step, scalars }: ScalarEvent): Uint8Array {
  const writer = Writer.create();
  writer.uint32(field(1, FIXED64)).double(wallTime);
  writer.uint32(field(2, VARINT)).int64(step);
  writer.uint32(field(5, BYTES)).fork();
  for (const [name, value] of Object.entries(scalars)) {
    writer.uint32(field(1, BYTES)).fork();
    writer.uint32(field(1, BYTES)).string(name);
    writer.uint32(field(2, FIXED32)).float(value);
    writer.ldelim();
  }
  writer.ldelim();
  return writer.finish();
}

function field(number: number, wireType: number): number {
  return (number << 3) | wireType;
}

/** Length, its checksum, the data, their checksum (tensorflow/core/lib/io/record_writer.h). */
function tfRecord(data: Uint8Array): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), true);
  view.setUint32(8, maskedChecksum(record.subarray(0, 8)), true);
  record.set(data, 12);
  view.setUint32(12 + data.length, maskedChecksum(data), true);
  return record;
}

/** So that the checksum of data that hold checksums says something. */
function maskedChecksum(data: Uint8Array): number {
  const checksum = crc32c(data);
  return (((checksum >>> 15) | (checksum << 17)) + 0xa282ead8) >>> 0;
}

/** Castagnoli's polynomial, bits reversed; node:zlib has another. */
const POLYNOMIAL = 0x82f63b78;

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++)
    rest = (rest & 1) === 1 ? (rest >>> 1) ^ POLYNOMIAL : rest >>> 1;
  return rest;
});

function crc32c(data: Uint8Array): number {
  let rest = 0xffffffff;
  for (const byte of data)
    rest = (rest >>> 8) ^ (TABLE[(rest ^ byte) & 0xff] ?? 0);
  return (rest ^ 0xffffffff) >>> 0;
}
