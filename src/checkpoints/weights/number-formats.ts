/**
 * @file The number formats weights are stored in, to and from float32.
 *
 * Reading is exact (every f16 and bf16 is a float32). Writing rounds to nearest,
 * ties to even, as PyTorch does; overflow becomes infinity, NaN stays NaN. All
 * formats are little-endian, as safetensors and GGUF require. Integers beyond
 * 2^24 and doubles lose their low digits.
 */

/** The dtypes that can be read, with their size in bytes. */
export const STORED_BYTES = {
  F32: 4,
  F16: 2,
  BF16: 2,
  F64: 8,
  I64: 8,
} as const;

export type StoredFormat = keyof typeof STORED_BYTES;

/** The dtypes that can be written. */
export type WrittenFormat = "f32" | "f16" | "bf16";

let halfTable: Float32Array | undefined;

/** The float32 value of each of the 65536 half-precision bit patterns. */
function halfValues(): Float32Array {
  if (halfTable) return halfTable;
  const table = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 0x1f;
    const fraction = bits & 0x3ff;
    table[bits] =
      exponent === 0
        ? sign * fraction * 2 ** -24
        : exponent === 31
          ? fraction === 0
            ? sign * Infinity
            : NaN
          : sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
  }
  halfTable = table;
  return table;
}

/**
 * Decodes stored numbers into float32.
 * @param bytes whole elements of `format`; must begin at an aligned offset of its buffer
 * @param target receives `bytes.byteLength / size` values from `offset` on
 */
export function decodeNumbers(options: {
  readonly format: StoredFormat;
  readonly bytes: Uint8Array;
  readonly target: Float32Array;
  readonly offset: number;
}): void {
  const { format, bytes, target, offset } = options;
  const count = bytes.byteLength / STORED_BYTES[format];
  const { buffer, byteOffset } = bytes;
  switch (format) {
    case "F32":
      target.set(new Float32Array(buffer, byteOffset, count), offset);
      return;
    case "BF16": {
      const source = new Uint16Array(buffer, byteOffset, count);
      const bits = new Uint32Array(
        target.buffer,
        target.byteOffset,
        target.length,
      );
      for (let i = 0; i < count; i++)
        bits[offset + i] = (source[i] as number) << 16;
      return;
    }
    case "F16": {
      const source = new Uint16Array(buffer, byteOffset, count);
      const values = halfValues();
      for (let i = 0; i < count; i++)
        target[offset + i] = values[source[i] as number] as number;
      return;
    }
    case "F64":
      target.set(new Float64Array(buffer, byteOffset, count), offset);
      return;
    case "I64": {
      const source = new BigInt64Array(buffer, byteOffset, count);
      for (let i = 0; i < count; i++) target[offset + i] = Number(source[i]);
    }
  }
}

/** Encodes float32 values, little-endian. */
export function encodeNumbers(
  values: Float32Array,
  format: WrittenFormat,
): Uint8Array {
  if (format === "f32")
    return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const encoded = new Uint16Array(values.length);
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  const round = format === "bf16" ? roundToBfloat16 : roundToHalf;
  for (let i = 0; i < bits.length; i++) encoded[i] = round(bits[i] as number);
  return new Uint8Array(encoded.buffer);
}

/** bf16 bits of float32 bits: the upper half, rounded to nearest even. */
function roundToBfloat16(bits: number): number {
  if ((bits & 0x7fffffff) > 0x7f800000) return (bits >>> 16) | 0x40;
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}

/** IEEE half bits of float32 bits, rounded to nearest even. */
export function roundToHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  // 65520 is the midpoint above the largest half, 65504: it rounds to infinity.
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  // 2^-14 is the smallest normal half.
  if (magnitude >= 0x38800000) {
    const rebased = magnitude - 0x38000000;
    return sign | ((rebased + 0xfff + ((rebased >>> 13) & 1)) >>> 13);
  }
  const exponent = magnitude >>> 23;
  // Below 2^-25 (half of the smallest subnormal) all rounds to zero.
  if (exponent < 102) return sign;
  const fraction = (magnitude & 0x7fffff) | 0x800000;
  const shift = 126 - exponent;
  const kept = fraction >>> shift;
  const rest = fraction & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return sign | (kept + (rest > half || (rest === half && kept & 1) ? 1 : 0));
}
