import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { quantizeQ8, writeGguf } from "./gguf-file.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "gguf-"));
});
afterEach(() => rm(folder, { recursive: true }));

describe("gguf files", () => {
  it("lays metadata, tensor table and aligned data out as the format prescribes", async () => {
    const path = join(folder, "m.gguf");
    await writeGguf({
      path,
      metadata: [
        ["a", { type: "u32", value: 7 }],
        ["b", { type: "strings", value: ["x", "yz"] }],
        ["c", { type: "bool", value: true }],
      ],
      tensors: [
        {
          name: "t",
          shape: [2, 3],
          type: "f16",
          read: () => new Float32Array([1, 2, 3, 4, 5, 6]),
        },
        {
          name: "u",
          shape: [1],
          type: "f32",
          read: () => new Float32Array([-1]),
        },
      ],
    });
    const bytes = await readFile(path);
    let at = 0;
    const u32 = (): number => bytes.readUInt32LE((at += 4) - 4);
    const u64 = (): number => Number(bytes.readBigUInt64LE((at += 8) - 8));
    const text = (): string => {
      const length = u64();
      return bytes.toString("utf8", at, (at += length));
    };
    expect(bytes.toString("latin1", 0, (at = 4))).toBe("GGUF");
    expect([u32(), u64(), u64()]).toEqual([3, 2, 3]);
    expect([text(), u32(), u32()]).toEqual(["a", 4, 7]);
    expect([text(), u32(), u32(), u64(), text(), text()]).toEqual([
      "b",
      9,
      8,
      2,
      "x",
      "yz",
    ]);
    expect([text(), u32(), bytes[at++]]).toEqual(["c", 7, 1]);
    // Dimensions innermost first; f16 is type 1; offsets are multiples of 32.
    expect([text(), u32(), u64(), u64(), u32(), u64()]).toEqual([
      "t",
      2,
      3,
      2,
      1,
      0,
    ]);
    expect([text(), u32(), u64(), u32(), u64()]).toEqual(["u", 1, 1, 0, 32]);
    const data = Math.ceil(at / 32) * 32;
    // 0x3c00 is 1, 0x4600 is 6.
    expect(bytes.readUInt16LE(data)).toBe(0x3c00);
    expect(bytes.readUInt16LE(data + 10)).toBe(0x4600);
    expect(bytes.readFloatLE(data + 32)).toBe(-1);
    expect(bytes.byteLength).toBe(data + 64);
  });

  it("quantises blocks of 32 with the scale of their largest number", () => {
    const values = new Float32Array(64);
    // Scale 2: the integers are half the values, rounded half away from zero.
    values.set([254, -254, 1, -1, 3, 0.9]);
    const bytes = quantizeQ8(values);
    const view = new DataView(bytes.buffer);
    expect(bytes.byteLength).toBe(68);
    expect(view.getUint16(0, true)).toBe(0x4000);
    expect([2, 3, 4, 5, 6, 7].map((at) => view.getInt8(at))).toEqual([
      127, -127, 1, -1, 2, 0,
    ]);
    // A block of zeros has scale zero.
    expect([...bytes.subarray(34)]).toEqual(Array(34).fill(0));
  });

  it("leaves nothing behind when a tensor has the wrong number of values", async () => {
    const path = join(folder, "m.gguf");
    const tensor = { name: "t", shape: [4], type: "f32" } as const;
    await expect(
      writeGguf({
        path,
        metadata: [],
        tensors: [{ ...tensor, read: () => new Float32Array(3) }],
      }),
    ).rejects.toMatchObject({ code: "BAD_CHECKPOINT" });
    await expect(readFile(path)).rejects.toMatchObject({ code: "ENOENT" });
  });
});
