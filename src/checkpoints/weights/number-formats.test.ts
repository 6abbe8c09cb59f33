import { describe, expect, it } from "vitest";
import {
  decodeNumbers,
  encodeNumbers,
  roundToHalf,
  type StoredFormat,
} from "./number-formats.js";

function decoded(format: StoredFormat, bytes: Uint8Array): number[] {
  const target = new Float32Array(
    bytes.byteLength / { F32: 4, F16: 2, BF16: 2, F64: 8, I64: 8 }[format],
  );
  decodeNumbers({ format, bytes, target, offset: 0 });
  return [...target];
}

function words(values: readonly number[], format: "f16" | "bf16"): number[] {
  const bytes = encodeNumbers(new Float32Array(values), format);
  return [...new Uint16Array(bytes.buffer, bytes.byteOffset, values.length)];
}

describe("number formats", () => {
  it("reads half-precision bit patterns as IEEE 754 defines them", () => {
    const patterns = [0x3c00, 0xc000, 0x7bff, 0x0400, 0x0001, 0x7c00, 0x3555];
    const bytes = new Uint8Array(new Uint16Array(patterns).buffer);
    expect(decoded("F16", bytes)).toEqual([
      1,
      -2,
      65504,
      2 ** -14,
      2 ** -24,
      Infinity,
      (1 + 0x155 / 1024) / 4,
    ]);
  });

  it("writes every half-precision number as the bits it was read from", () => {
    const words = Uint16Array.from({ length: 65536 }, (_, bits) => bits);
    const values = new Float32Array(
      decoded("F16", new Uint8Array(words.buffer)),
    );
    const singles = new Uint32Array(values.buffer);
    const changed = [...words].filter(
      (bits) =>
        !Number.isNaN(values[bits]) && roundToHalf(singles[bits] ?? 0) !== bits,
    );
    expect(changed).toEqual([]);
  });

  it("rounds ties to even and overflow to infinity in half precision", () => {
    // The step at 1 is 2^-10; 65520 lies midway between the largest half and 65536.
    const values = [1 + 2 ** -11, 1 + 3 * 2 ** -11, 65519, 65520, 2 ** -25];
    expect(words(values, "f16")).toEqual([
      0x3c00, 0x3c02, 0x7bff, 0x7c00, 0x0000,
    ]);
    // Midway between 2^-24 and 2^-23; the even one of bits 1 and 2 is 2.
    expect(words([1.5 * 2 ** -24, 2 ** -25 * 1.0001], "f16")).toEqual([2, 1]);
  });

  it("rounds ties to even in bfloat16 and keeps NaN", () => {
    // The step at 1 is 2^-7.
    const values = [1 + 2 ** -8, 1 + 3 * 2 ** -8, 1 + 2 ** -8 + 2 ** -20, -0];
    expect(words(values, "bf16")).toEqual([0x3f80, 0x3f82, 0x3f81, 0x8000]);
    expect(words([NaN], "bf16")[0]).toBe(0x7fc0);
    expect(words([NaN], "f16")[0]).toBe(0x7e00);
  });

  it("reads bfloat16, double and integer numbers", () => {
    const bf16 = new Uint8Array(new Uint16Array([0x3fc0, 0xc2f7]).buffer);
    expect(decoded("BF16", bf16)).toEqual([1.5, -123.5]);
    const f64 = new Uint8Array(new Float64Array([0.1, -3]).buffer);
    expect(decoded("F64", f64)).toEqual([Math.fround(0.1), -3]);
    const i64 = new Uint8Array(new BigInt64Array([-7n, 9n]).buffer);
    expect(decoded("I64", i64)).toEqual([-7, 9]);
  });
});
