/**
 * @file Writing the GGUF container (version 3): typed metadata, then tensors.
 *
 * Knows the format and its number encodings, nothing of models. Streamed, one
 * tensor in memory at a time, all or nothing. Specification: ggml, docs/gguf.md.
 */
import { AutodidactError } from "../foundation/error.js";
import { writeFileAtomic } from "../foundation/storage.js";
import {
  encodeNumbers,
  roundToHalf,
} from "../checkpoints/weights/number-formats.js";
import { tensorSize } from "../checkpoints/weights/safetensors.js";

/** How a tensor is stored; the value is the format's type number. */
export const GGML_TYPES = { f32: 0, f16: 1, q8_0: 8 } as const;

export type GgmlType = keyof typeof GGML_TYPES;

export type GgufValue =
  | { readonly type: "u32" | "i32" | "f32"; readonly value: number }
  | { readonly type: "bool"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "strings"; readonly value: readonly string[] }
  | { readonly type: "i32s" | "f32s"; readonly value: readonly number[] };

export interface GgufTensor {
  readonly name: string;
  /** Row-major, outermost dimension first, as everywhere else in this program. */
  readonly shape: readonly number[];
  readonly type: GgmlType;
  readonly read: () => Promise<Float32Array> | Float32Array;
}

const ALIGNMENT = 32;
/** Numbers that share one scale in q8_0. */
export const Q8_BLOCK = 32;
const Q8_BLOCK_BYTES = 2 + Q8_BLOCK;
const ARRAY_TYPE = 9;
const VALUE_TYPES = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8 } as const;

/**
 * Writes a GGUF file.
 * @throws STORAGE; BAD_CHECKPOINT when a tensor's values contradict its shape
 */
export async function writeGguf(options: {
  readonly path: string;
  readonly metadata: readonly (readonly [string, GgufValue])[];
  readonly tensors: readonly GgufTensor[];
}): Promise<void> {
  const { path, tensors } = options;
  const header = encodeHeader(options.metadata, tensors);
  async function* content(): AsyncGenerator<Uint8Array> {
    yield header;
    yield padding(header.byteLength);
    for (const tensor of tensors) {
      const values = await tensor.read();
      if (values.length !== tensorSize(tensor.shape))
        throw new AutodidactError(
          "BAD_CHECKPOINT",
          `${path}: tensor "${tensor.name}" has ${values.length} values, its shape [${tensor.shape.join(", ")}] asks for ${tensorSize(tensor.shape)}. Use a complete checkpoint.`,
          { path, tensor: tensor.name },
        );
      const bytes = encodeTensor(values, tensor.type);
      yield bytes;
      yield padding(bytes.byteLength);
    }
  }
  await writeFileAtomic(path, content());
}

/**
 * q8_0: blocks of 32 numbers as a half-precision scale d = max|x| / 127 and 32
 * integers round(x / d). The length must be a multiple of 32.
 */
export function quantizeQ8(values: Float32Array): Uint8Array {
  const blocks = values.length / Q8_BLOCK;
  const bytes = new Uint8Array(blocks * Q8_BLOCK_BYTES);
  const view = new DataView(bytes.buffer);
  const single = new Float32Array(1);
  const bits = new Uint32Array(single.buffer);
  for (let block = 0; block < blocks; block++) {
    const begin = block * Q8_BLOCK;
    let largest = 0;
    for (let i = begin; i < begin + Q8_BLOCK; i++)
      largest = Math.max(largest, Math.abs(values[i] as number));
    single[0] = largest / 127;
    const inverse = single[0] === 0 ? 0 : Math.fround(1 / single[0]);
    const at = block * Q8_BLOCK_BYTES;
    view.setUint16(at, roundToHalf(bits[0] as number), true);
    for (let i = 0; i < Q8_BLOCK; i++) {
      const scaled = Math.fround((values[begin + i] as number) * inverse);
      // Half away from zero, as C's roundf.
      const rounded = Math.sign(scaled) * Math.floor(Math.abs(scaled) + 0.5);
      view.setInt8(at + 2 + i, rounded);
    }
  }
  return bytes;
}

function encodeTensor(values: Float32Array, type: GgmlType): Uint8Array {
  return type === "q8_0" ? quantizeQ8(values) : encodeNumbers(values, type);
}

function tensorBytes({ shape, type }: GgufTensor): number {
  const count = tensorSize(shape);
  switch (type) {
    case "f32":
      return count * 4;
    case "f16":
      return count * 2;
    case "q8_0":
      return (count / Q8_BLOCK) * Q8_BLOCK_BYTES;
  }
}

function encodeHeader(
  metadata: readonly (readonly [string, GgufValue])[],
  tensors: readonly GgufTensor[],
): Uint8Array {
  const out = byteWriter();
  out.bytes(new TextEncoder().encode("GGUF"));
  out.u32(3);
  out.u64(tensors.length);
  out.u64(metadata.length);
  for (const [key, value] of metadata) {
    out.string(key);
    writeValue(out, value);
  }
  let offset = 0;
  for (const tensor of tensors) {
    out.string(tensor.name);
    out.u32(tensor.shape.length);
    for (const dimension of tensor.shape.toReversed()) out.u64(dimension);
    out.u32(GGML_TYPES[tensor.type]);
    out.u64(offset);
    offset += aligned(tensorBytes(tensor));
  }
  return out.finish();
}

function writeValue(out: ByteWriter, value: GgufValue): void {
  switch (value.type) {
    case "strings":
      out.array(VALUE_TYPES.string, value.value.length);
      for (const item of value.value) out.string(item);
      return;
    case "i32s":
      out.array(VALUE_TYPES.i32, value.value.length);
      for (const item of value.value) out.i32(item);
      return;
    case "f32s":
      out.array(VALUE_TYPES.f32, value.value.length);
      for (const item of value.value) out.f32(item);
      return;
    default:
      out.u32(VALUE_TYPES[value.type]);
      writeScalar(out, value);
  }
}

function writeScalar(
  out: ByteWriter,
  value: Extract<GgufValue, { value: number | boolean | string }>,
): void {
  switch (value.type) {
    case "u32":
      return out.u32(value.value);
    case "i32":
      return out.i32(value.value);
    case "f32":
      return out.f32(value.value);
    case "bool":
      return out.bytes(Uint8Array.of(value.value ? 1 : 0));
    case "string":
      return out.string(value.value);
  }
}

type ByteWriter = ReturnType<typeof byteWriter>;

/** Little-endian values appended to a list of pieces. */
function byteWriter() {
  const pieces: Uint8Array[] = [];
  const number = (size: number, set: (view: DataView) => void): void => {
    const piece = new Uint8Array(size);
    set(new DataView(piece.buffer));
    pieces.push(piece);
  };
  const u32 = (value: number): void =>
    number(4, (view) => view.setUint32(0, value, true));
  const u64 = (value: number): void =>
    number(8, (view) => view.setBigUint64(0, BigInt(value), true));
  return {
    bytes: (piece: Uint8Array): void => void pieces.push(piece),
    u32,
    u64,
    i32: (value: number): void =>
      number(4, (view) => view.setInt32(0, value, true)),
    f32: (value: number): void =>
      number(4, (view) => view.setFloat32(0, value, true)),
    string: (text: string): void => {
      const encoded = new TextEncoder().encode(text);
      u64(encoded.byteLength);
      pieces.push(encoded);
    },
    array: (itemType: number, length: number): void => {
      u32(ARRAY_TYPE);
      u32(itemType);
      u64(length);
    },
    finish: (): Uint8Array => new Uint8Array(Buffer.concat(pieces)),
  };
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function padding(bytes: number): Uint8Array {
  return new Uint8Array(aligned(bytes) - bytes);
}
