import {
  mkdtemp,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  assertFinite,
  openSafetensors,
  readTensor,
  writeSafetensors,
} from "./safetensors.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "safetensors-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A file with this header and this many zero bytes of data. */
async function handMade(header: unknown, dataBytes: number): Promise<string> {
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const path = join(folder, "hand-made.safetensors");
  const bytes = Buffer.alloc(8 + Buffer.byteLength(text) + dataBytes);
  bytes.writeBigUInt64LE(BigInt(Buffer.byteLength(text)), 0);
  bytes.write(text, 8);
  await writeFile(path, bytes);
  return path;
}

const entry = (dtype: string, shape: number[], begin: number, end: number) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe("safetensors", () => {
  it("lays a file out by name with the header the format prescribes", async () => {
    const path = join(folder, "two.safetensors");
    await writeSafetensors({
      path,
      tensors: [
        { name: "b", shape: [2] },
        { name: "a", shape: [1, 2] },
      ],
      format: "f32",
      read: (name) => new Float32Array(name === "a" ? [1, 2] : [3, -4]),
    });
    const bytes = await readFile(path);
    const headerBytes = Number(bytes.readBigUInt64LE(0));
    expect(headerBytes % 8).toBe(0);
    expect(bytes.toString("utf8", 8, 8 + headerBytes).trimEnd()).toBe(
      '{"__metadata__":{"format":"pt"},' +
        '"a":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},' +
        '"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}',
    );
    const data = bytes.subarray(8 + headerBytes);
    expect([0, 4, 8, 12].map((at) => data.readFloatLE(at))).toEqual([
      1, 2, 3, -4,
    ]);
  });

  it.each(["f32", "f16", "bf16"] as const)(
    "reads back what it wrote as %s",
    async (format) => {
      const path = join(folder, "model.safetensors");
      const values = new Float32Array([0.5, -1.25, 3, 1024, 0, -0.0078125]);
      await writeSafetensors({
        path,
        tensors: [{ name: "weight", shape: [2, 3] }],
        format,
        read: () => values,
      });
      const file = await openSafetensors(path);
      expect(file.metadata).toEqual({ format: "pt" });
      expect(file.tensors.get("weight")?.shape).toEqual([2, 3]);
      expect(await readTensor(file, "weight")).toEqual(values);
    },
  );

  it.each([
    ["a header that is not JSON", "{nonsense", 0, /not a JSON object/],
    ["a header that is a list", [], 0, /not a JSON object/],
    [
      "a dtype it does not know",
      { w: entry("F8_E4M3", [4], 0, 4) },
      4,
      /stores tensor "w" as F8_E4M3/,
    ],
    [
      "a shape that contradicts its bytes",
      { w: entry("F32", [3], 0, 8) },
      8,
      /shape \[3\] 8 bytes, 12 were expected/,
    ],
    [
      "ranges that overlap",
      { v: entry("F32", [2], 0, 8), w: entry("F32", [2], 4, 12) },
      12,
      /"w" so that it overlaps/,
    ],
    [
      "a hole between ranges",
      { v: entry("F32", [1], 0, 4), w: entry("F32", [1], 8, 12) },
      12,
      /"w" so that it leaves a hole/,
    ],
    ["data that ends early", { w: entry("F32", [4], 0, 16) }, 12, /cut short/],
    [
      "data after the last tensor",
      { w: entry("F32", [1], 0, 4) },
      12,
      /8 bytes after its last tensor/,
    ],
    ["negative offsets", { w: entry("F32", [1], -4, 0) }, 4, /byte range/],
    ["an entry that is a number", { w: 3 }, 0, /without a valid shape/],
  ])("refuses %s", async (_what, header, dataBytes, message) => {
    const path = await handMade(header, dataBytes);
    await expect(openSafetensors(path)).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
      message: expect.stringMatching(message) as string,
      details: { path },
    });
  });

  it("refuses an empty file, a folder, a missing file and foreign content", async () => {
    const empty = join(folder, "empty.safetensors");
    await writeFile(empty, "");
    const foreign = join(folder, "foreign.safetensors");
    await writeFile(foreign, "version https://git-lfs.github.com/spec/v1\n");
    for (const [path, message] of [
      [empty, /cut short/],
      [folder, /no ordinary file/],
      [join(folder, "none"), /ENOENT/],
      [foreign, /does not begin with a safetensors header/],
    ] as const)
      await expect(openSafetensors(path)).rejects.toMatchObject({
        code: "BAD_CHECKPOINT",
        message: expect.stringMatching(message) as string,
      });
  });

  it("refuses a tensor whose file was cut after it was opened", async () => {
    const path = await handMade({ w: entry("BF16", [8], 0, 16) }, 16);
    const file = await openSafetensors(path);
    await truncate(path, (await stat(path)).size - 2);
    await expect(readTensor(file, "w")).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
    });
  });

  it("names file, tensor and index of the first number that is not finite", () => {
    const values = new Float32Array([0, 3e38, NaN, Infinity]);
    const source = { file: "m.safetensors", tensor: "model.norm.weight" };
    expect(() => assertFinite(values, source)).toThrow(
      /m\.safetensors: tensor "model\.norm\.weight" holds NaN at index 2/,
    );
    values[2] = 0;
    expect(() => assertFinite(values, source)).toThrow(/Infinity at index 3/);
    assertFinite(values.subarray(0, 3), source);
  });

  it("keeps the old file when a tensor has the wrong number of values", async () => {
    const path = join(folder, "model.safetensors");
    await writeFile(path, "old");
    await expect(
      writeSafetensors({
        path,
        tensors: [{ name: "w", shape: [2, 2] }],
        format: "f32",
        read: () => new Float32Array(3),
      }),
    ).rejects.toMatchObject({ code: "BAD_CHECKPOINT" });
    expect(await readFile(path, "utf8")).toBe("old");
  });
});
