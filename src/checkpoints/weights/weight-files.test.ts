import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openWeightFiles, saveWeightFiles } from "./weight-files.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "weights-"));
});
afterEach(() => rm(folder, { recursive: true }));

const tensors = [
  { name: "a", shape: [4] },
  { name: "b", shape: [4] },
  { name: "c", shape: [10] },
  { name: "d", shape: [1] },
];
const fill = (name: string): Float32Array =>
  new Float32Array(tensors.find((t) => t.name === name)?.shape[0] ?? 0).fill(
    name.charCodeAt(0),
  );

async function saveShards(maxShardBytes: number): Promise<void> {
  await saveWeightFiles({
    folder,
    tensors,
    format: "f32",
    maxShardBytes,
    read: fill,
  });
}

async function editIndex(
  change: (map: Record<string, string>) => void,
): Promise<void> {
  const path = join(folder, "model.safetensors.index.json");
  const index = JSON.parse(await readFile(path, "utf8")) as {
    weight_map: Record<string, string>;
  };
  change(index.weight_map);
  await writeFile(path, JSON.stringify(index));
}

describe("weight files", () => {
  it("fills shards in name order up to their bound and gives a larger tensor its own", async () => {
    await saveShards(32);
    expect((await readdir(folder)).sort()).toEqual([
      "model-00001-of-00003.safetensors",
      "model-00002-of-00003.safetensors",
      "model-00003-of-00003.safetensors",
      "model.safetensors.index.json",
    ]);
    const index = JSON.parse(
      await readFile(join(folder, "model.safetensors.index.json"), "utf8"),
    ) as unknown;
    expect(index).toEqual({
      metadata: { total_parameters: 19, total_size: 76 },
      weight_map: {
        a: "model-00001-of-00003.safetensors",
        b: "model-00001-of-00003.safetensors",
        c: "model-00002-of-00003.safetensors",
        d: "model-00003-of-00003.safetensors",
      },
    });
    const weights = await openWeightFiles(folder);
    for (const { name } of tensors)
      expect(await weights.read(name)).toEqual(fill(name));
  });

  it("writes a single file when everything fits", async () => {
    await saveShards(1000);
    expect(await readdir(folder)).toEqual(["model.safetensors"]);
    const weights = await openWeightFiles(folder);
    expect([...weights.tensors.keys()]).toEqual(["a", "b", "c", "d"]);
  });

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      "a folder without weights",
      () => Promise.resolve(),
      /neither model\.safetensors nor/,
    ],
    [
      "an index that is not JSON",
      () => writeFile(join(folder, "model.safetensors.index.json"), "{"),
      /not a valid shard index/,
    ],
    [
      "a shard that is missing",
      async () => {
        await saveShards(32);
        await rm(join(folder, "model-00002-of-00003.safetensors"));
      },
      /model-00002-of-00003\.safetensors/,
    ],
    [
      "a tensor that is not in its shard",
      async () => {
        await saveShards(32);
        await editIndex((map) => {
          map["e"] = "model-00001-of-00003.safetensors";
        });
      },
      /promises tensor "e"/,
    ],
    [
      "a shard outside the folder",
      async () => {
        await saveShards(32);
        await editIndex((map) => {
          map["a"] = "../elsewhere.safetensors";
        });
      },
      /outside its folder/,
    ],
  ])("refuses %s", async (_what, arrange, message) => {
    await arrange();
    await expect(openWeightFiles(folder)).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
      message: expect.stringMatching(message) as string,
    });
  });

  it("refuses to hand out a tensor with NaN in it", async () => {
    await saveWeightFiles({
      folder,
      tensors: [{ name: "w", shape: [2] }],
      format: "bf16",
      maxShardBytes: 100,
      read: () => new Float32Array([1, NaN]),
    });
    const weights = await openWeightFiles(folder);
    await expect(weights.read("w")).rejects.toMatchObject({
      code: "BAD_CHECKPOINT",
      details: { tensor: "w", index: 1 },
    });
    await expect(weights.read("v")).rejects.toThrow(/has no tensor "v"/);
  });
});
