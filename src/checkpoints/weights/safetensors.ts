/**
 * @file Reading and writing one safetensors file.
 *
 * Reading parses the header once and then reads only the bytes of the tensor
 * asked for; every offset is checked against the file before anything is read.
 * Writing is streamed, deterministic (tensors in name order, the header form that
 * the `safetensors` library writes) and all or nothing. Several files that make
 * up one model are `weight-files.ts`.
 */
import { open, type FileHandle } from "node:fs/promises";
import { AutodidactError, messageOf } from "../../foundation/error.js";
import { writeFileAtomic } from "../../foundation/storage.js";
import { requireFile } from "../files/checkpoint-file.js";
import {
  decodeNumbers,
  encodeNumbers,
  STORED_BYTES,
  type StoredFormat,
  type WrittenFormat,
} from "./number-formats.js";

/** Where one tensor lies; `begin` and `end` are byte offsets in the file. */
export interface StoredTensor {
  readonly name: string;
  readonly format: StoredFormat;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsFile {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  readonly metadata: Readonly<Record<string, string>>;
}

/** A name and a row-major shape. */
export interface TensorShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Headers beyond this are refused by the `safetensors` library too. */
const MAX_HEADER_BYTES = 100_000_000;
const READ_CHUNK_BYTES = 1 << 24;

/**
 * Reads the header of a safetensors file.
 * @throws BAD_CHECKPOINT: not a file, truncated, header not JSON, unknown dtype,
 *   a shape that contradicts its byte range, ranges that overlap, leave a hole or
 *   pass the end of the file
 */
export async function openSafetensors(path: string): Promise<SafetensorsFile> {
  const handle = await openForReading(path);
  try {
    const { size } = await handle.stat();
    const prefix = new Uint8Array(8);
    if (size < 8) throw truncated(path, `it has ${size} bytes`);
    await readRange({ handle, path, begin: 0, into: prefix });
    const headerBytes = Number(
      new DataView(prefix.buffer).getBigUint64(0, true),
    );
    if (headerBytes > MAX_HEADER_BYTES)
      throw bad(
        path,
        "does not begin with a safetensors header",
        "Check that it is a safetensors file.",
      );
    if (8 + headerBytes > size)
      throw truncated(
        path,
        `its header needs ${8 + headerBytes} bytes, the file has ${size}`,
      );
    const header = new Uint8Array(headerBytes);
    await readRange({ handle, path, begin: 8, into: header });
    return parseHeader({ path, header, dataStart: 8 + headerBytes, size });
  } finally {
    await handle.close();
  }
}

/**
 * Reads one tensor as float32.
 * @throws BAD_CHECKPOINT when the tensor is not in the file or the file has shrunk
 */
export async function readTensor(
  file: SafetensorsFile,
  name: string,
): Promise<Float32Array> {
  const tensor = file.tensors.get(name);
  if (!tensor)
    throw bad(
      file.path,
      `has no tensor "${name}"`,
      "Download or export the checkpoint again.",
    );
  const handle = await openForReading(file.path);
  try {
    const size = STORED_BYTES[tensor.format];
    const values = new Float32Array((tensor.end - tensor.begin) / size);
    if (tensor.format === "F32") {
      await readRange({
        handle,
        path: file.path,
        begin: tensor.begin,
        into: new Uint8Array(values.buffer),
      });
      return values;
    }
    const chunk = new Uint8Array(
      Math.min(READ_CHUNK_BYTES, tensor.end - tensor.begin),
    );
    for (
      let begin = tensor.begin;
      begin < tensor.end;
      begin += chunk.byteLength
    ) {
      const bytes = chunk.subarray(0, tensor.end - begin);
      await readRange({ handle, path: file.path, begin, into: bytes });
      decodeNumbers({
        format: tensor.format,
        bytes,
        target: values,
        offset: (begin - tensor.begin) / size,
      });
    }
    return values;
  } finally {
    await handle.close();
  }
}

/**
 * Refuses NaN and infinity.
 * @throws BAD_CHECKPOINT naming file, tensor and the first bad index
 */
export function assertFinite(
  values: Float32Array,
  source: { readonly file: string; readonly tensor: string },
): void {
  let poison = 0;
  // v - v is 0 for finite v and NaN otherwise.
  for (let i = 0; i < values.length; i++)
    poison += (values[i] as number) - (values[i] as number);
  if (poison === 0) return;
  const index = values.findIndex((value) => !Number.isFinite(value));
  throw new AutodidactError(
    "BAD_CHECKPOINT",
    `${source.file}: tensor "${source.tensor}" holds ${String(values[index])} at index ${index}, finite numbers were expected. The weights are damaged or training diverged; use another checkpoint.`,
    { path: source.file, tensor: source.tensor, index },
  );
}

/**
 * Writes one safetensors file, all or nothing; one tensor is in memory at a time.
 * @param read gives each tensor's values when its turn comes (in name order)
 * @throws STORAGE when the file cannot be written; BAD_CHECKPOINT when `read`
 *   gives a number of values that contradicts the shape
 */
export async function writeSafetensors(options: {
  readonly path: string;
  readonly tensors: readonly TensorShape[];
  readonly format: WrittenFormat;
  readonly read: (name: string) => Promise<Float32Array> | Float32Array;
  /** As `writeFileAtomic`. */
  readonly flush?: boolean;
}): Promise<void> {
  const { path, format, read, flush = true } = options;
  const tensors = sortedByName(options.tensors);
  async function* content(): AsyncGenerator<Uint8Array> {
    yield encodeHeader(tensors, format);
    for (const { name, shape } of tensors) {
      const values = await read(name);
      if (values.length !== tensorSize(shape))
        throw bad(
          path,
          `was to get ${values.length} values for tensor "${name}" of shape [${shape.join(", ")}]`,
          "Save tensors in the shapes that the configuration fixes.",
        );
      yield encodeNumbers(values, format);
    }
  }
  await writeFileAtomic(path, content(), { flush });
}

/** Product of the dimensions; 1 for a scalar. */
export function tensorSize(shape: readonly number[]): number {
  return shape.reduce((product, dimension) => product * dimension, 1);
}

/** Code-unit order, the order in which the `safetensors` library lays tensors out. */
export function sortedByName<T extends { readonly name: string }>(
  items: readonly T[],
): T[] {
  return [...items].sort((a, b) =>
    a.name < b.name ? -1 : a.name > b.name ? 1 : 0,
  );
}

/** Header length, header, and spaces up to a multiple of 8 bytes. */
function encodeHeader(
  tensors: readonly TensorShape[],
  format: WrittenFormat,
): Uint8Array {
  const dtype = format.toUpperCase() as StoredFormat;
  const header: Record<string, unknown> = { __metadata__: { format: "pt" } };
  let offset = 0;
  for (const { name, shape } of tensors) {
    const end = offset + tensorSize(shape) * STORED_BYTES[dtype];
    header[name] = { dtype, shape, data_offsets: [offset, end] };
    offset = end;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  const padded = Math.ceil(text.byteLength / 8) * 8;
  const bytes = new Uint8Array(8 + padded).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded), true);
  bytes.set(text, 8);
  return bytes;
}

function parseHeader(source: {
  readonly path: string;
  readonly header: Uint8Array;
  readonly dataStart: number;
  readonly size: number;
}): SafetensorsFile {
  const { path, dataStart, size } = source;
  let parsed: unknown;
  try {
    parsed = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(source.header),
    );
  } catch {
    parsed = undefined;
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    throw bad(
      path,
      "has a header that is not a JSON object",
      "The file is damaged or not safetensors; download or export it again.",
    );
  const tensors = new Map<string, StoredTensor>();
  let metadata: Record<string, string> = {};
  for (const [name, entry] of Object.entries(parsed)) {
    if (name === "__metadata__") metadata = entry as Record<string, string>;
    else tensors.set(name, parseEntry({ path, name, entry, dataStart }));
  }
  checkLayout({ path, tensors: [...tensors.values()], dataStart, size });
  return { path, tensors, metadata };
}

function parseEntry(source: {
  readonly path: string;
  readonly name: string;
  readonly entry: unknown;
  readonly dataStart: number;
}): StoredTensor {
  const { path, name, dataStart } = source;
  const entry = (source.entry ?? {}) as {
    readonly dtype?: unknown;
    readonly shape?: unknown;
    readonly data_offsets?: unknown;
  };
  const { shape, data_offsets: offsets } = entry;
  if (!isCountList(shape) || !isCountList(offsets) || offsets.length !== 2)
    throw bad(
      path,
      `describes tensor "${name}" without a valid shape and byte range`,
      "The file is damaged; download or export it again.",
    );
  const dtype = String(entry.dtype);
  if (!Object.hasOwn(STORED_BYTES, dtype))
    throw bad(
      path,
      `stores tensor "${name}" as ${dtype}, which cannot be read (${Object.keys(STORED_BYTES).join(", ")} can)`,
      "Convert the checkpoint to float32, float16 or bfloat16 first.",
    );
  const format = dtype as StoredFormat;
  const [begin, end] = offsets as [number, number];
  const expected = tensorSize(shape) * STORED_BYTES[format];
  if (end - begin !== expected)
    throw bad(
      path,
      `gives tensor "${name}" of shape [${shape.join(", ")}] ${end - begin} bytes, ${expected} were expected`,
      "The file is damaged; download or export it again.",
    );
  return {
    name,
    format,
    shape,
    begin: dataStart + begin,
    end: dataStart + end,
  };
}

/** The format's own rule: ranges follow each other without hole or overlap to the end of the file. */
function checkLayout(source: {
  readonly path: string;
  readonly tensors: readonly StoredTensor[];
  readonly dataStart: number;
  readonly size: number;
}): void {
  const { path, dataStart, size } = source;
  const ordered = [...source.tensors].sort(
    (a, b) => a.begin - b.begin || a.end - b.end,
  );
  let end = dataStart;
  for (const tensor of ordered) {
    if (tensor.begin !== end)
      throw bad(
        path,
        `places tensor "${tensor.name}" so that it ${tensor.begin < end ? "overlaps another" : "leaves a hole"}`,
        "The file is damaged; download or export it again.",
      );
    end = tensor.end;
  }
  if (end > size)
    throw truncated(
      path,
      `its tensors need ${end} bytes, the file has ${size}`,
    );
  if (end < size)
    throw bad(
      path,
      `has ${size - end} bytes after its last tensor`,
      "The file is damaged; download or export it again.",
    );
}

function isCountList(value: unknown): value is number[] {
  return (
    Array.isArray(value) &&
    value.every((item) => Number.isSafeInteger(item) && item >= 0)
  );
}

async function openForReading(path: string): Promise<FileHandle> {
  let handle: FileHandle;
  try {
    await requireFile(path);
    handle = await open(path, "r");
  } catch (cause) {
    throw new AutodidactError(
      "BAD_CHECKPOINT",
      `Cannot read ${path}: ${messageOf(cause)}. Check that the checkpoint is complete.`,
      { path },
      { cause },
    );
  }
  return handle;
}

/** Fills `into` from byte `begin` on. A shorter file is an error, never zeros. */
async function readRange(source: {
  readonly handle: FileHandle;
  readonly path: string;
  readonly begin: number;
  readonly into: Uint8Array;
}): Promise<void> {
  const { handle, path, begin, into } = source;
  let done = 0;
  while (done < into.byteLength) {
    const { bytesRead } = await handle.read({
      buffer: into,
      offset: done,
      length: Math.min(into.byteLength - done, READ_CHUNK_BYTES),
      position: begin + done,
    });
    if (bytesRead === 0)
      throw truncated(path, "it became shorter while it was read");
    done += bytesRead;
  }
}

function truncated(path: string, found: string): AutodidactError {
  return bad(
    path,
    `is cut short: ${found}`,
    "Download or copy the file again.",
  );
}

function bad(path: string, problem: string, remedy: string): AutodidactError {
  return new AutodidactError(
    "BAD_CHECKPOINT",
    `${path} ${problem}. ${remedy}`,
    {
      path,
    },
  );
}
