import {
  mkdtemp,
  mkdir,
  readdir,
  readFile,
  rm,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { FileTensor } from "../engine/tensor/file-tensor.js";
import { float32Tensor, int8Tensor } from "../engine/tensor/host-tensor.js";
import { AutodidactError } from "../foundation/error.js";
import {
  openWeightCache,
  weightCache,
  type NamedTensors,
} from "./weight-cache.js";

let root: string;
let folder: string;
let made: string[];
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "autodidact-cache-test-"));
  folder = join(root, "weights");
  made = [];
});
afterEach(() => rm(root, { recursive: true }));

/** An entry of 128 bytes, laid out. */
const entry = (first: number) =>
  async function* (): NamedTensors {
    made.push(String(first));
    yield ["a", float32Tensor(Float32Array.of(first, 2, 3), [3])];
    yield ["b", int8Tensor(Int8Array.of(first, -1), [1, 2])];
  };

async function read({ place }: FileTensor): Promise<number[]> {
  const bytes = await readFile(join(place.folder, place.file));
  const { offset } = place;
  return [...bytes.subarray(offset, offset + place.bytes)];
}

const bytesOf = (numbers: Float32Array) => [...new Uint8Array(numbers.buffer)];

async function holds(
  tensors: Readonly<Record<string, FileTensor>> | null,
  first: number,
) {
  expect(tensors).toMatchObject({
    a: { elementType: "float32", shape: [3] },
    b: { elementType: "int8", shape: [1, 2] },
  });
  expect(await read(tensors?.["a"] as FileTensor)).toEqual(
    bytesOf(Float32Array.of(first, 2, 3)),
  );
  expect(await read(tensors?.["b"] as FileTensor)).toEqual([first, 255]);
}

it("makes an entry once, for this process and the next", async () => {
  await holds(await weightCache(folder, 1e6).tensors("one", entry(7)), 7);
  await holds(await weightCache(folder, 1e6).tensors("one", entry(7)), 7);
  expect(made).toEqual(["7"]);
  expect(await readdir(folder)).toEqual(["one"]);
});

it("lets two that make the same entry at once both have it", async () => {
  const [left, right] = await Promise.all([
    weightCache(folder, 1e6).tensors("one", entry(7)),
    weightCache(folder, 1e6).tensors("one", entry(7)),
  ]);
  await holds(left, 7);
  await holds(right, 7);
  expect(await readdir(folder)).toEqual(["one"]);
});

it("removes what was used longest ago when there are too many bytes", async () => {
  const cache = weightCache(folder, 300);
  for (const [age, key] of ["old", "older", "oldest"].entries()) {
    await cache.tensors(key, entry(1));
    const used = new Date(Date.now() - (age + 1) * 60_000);
    if (age < 2) await utimes(join(folder, key, "index.json"), used, used);
  }
  expect((await readdir(folder)).sort()).toEqual(["old", "oldest"]);
});

it("keeps the newest entry though it alone is beyond the limit", async () => {
  const cache = weightCache(folder, 1);
  await cache.tensors("one", entry(1));
  await holds(await cache.tensors("two", entry(2)), 2);
  expect(await readdir(folder)).toEqual(["two"]);
});

describe("an entry is made anew", () => {
  it.each([
    ["was removed", (path: string) => rm(path, { recursive: true })],
    ["lost its index", (path: string) => rm(join(path, "index.json"))],
    [
      "has an index cut short",
      (path: string) => truncate(join(path, "index.json"), 9),
    ],
    ["lost numbers", (path: string) => truncate(join(path, "weights.bin"), 60)],
  ])("that %s", async (_, damage) => {
    const cache = weightCache(folder, 1e6);
    await cache.tensors("one", entry(7));
    await damage(join(folder, "one"));
    await holds(await cache.tensors("one", entry(7)), 7);
    expect(made).toEqual(["7", "7"]);
  });
});

it("takes no half of what a killed process left, and removes it after a day", async () => {
  const [fresh, left] = [".unfinished-fresh", ".unfinished-left"].map((name) =>
    join(folder, name),
  ) as [string, string];
  for (const path of [fresh, left]) {
    await mkdir(path, { recursive: true });
    await writeFile(join(path, "weights.bin"), "half");
  }
  const longAgo = new Date(Date.now() - 2 * 86_400_000);
  await utimes(left, longAgo, longAgo);
  await holds(await weightCache(folder, 1e6).tensors("one", entry(7)), 7);
  expect((await readdir(folder)).sort()).toEqual([".unfinished-fresh", "one"]);
});

it("leaves nothing behind when the tensors cannot be made, and says why", async () => {
  async function* broken(): NamedTensors {
    yield* entry(1)();
    throw new AutodidactError("BAD_CHECKPOINT", "the weights are damaged");
  }
  await expect(weightCache(folder, 1e6).tensors("one", broken)).rejects.toThrow(
    "the weights are damaged",
  );
  expect(await readdir(folder)).toEqual([]);
});

describe("where the folder cannot be written, or nothing may stay there", () => {
  it.each([
    ["a file is in its place", 1e6],
    ["the limit is 0", 0],
  ])("%s", async (_, limit) => {
    await writeFile(folder, "a file");
    const cache = weightCache(folder, limit);
    const tensors = await cache.tensors("one", entry(7));
    await holds(tensors, 7);
    const again = await cache.tensors("one", entry(7));
    expect(again).toEqual(tensors);
    await cache.release();
    await expect(read(tensors?.["a"] as FileTensor)).rejects.toThrow("ENOENT");
    expect(await readFile(folder, "utf8")).toBe("a file");
  });
});

describe("the user's cache", () => {
  it.each([
    [{ AUTODIDACT_CACHE: "mine" }, "mine/weights/one"],
    [{ XDG_CACHE_HOME: "xdg" }, "xdg/autodidact/weights/one"],
  ])("lies where %o says", async (given, expected) => {
    const environment = Object.fromEntries(
      Object.entries(given).map(([name, path]) => [name, join(root, path)]),
    );
    const tensors = await openWeightCache(environment).tensors("one", entry(1));
    expect(tensors?.["a"]?.place.folder).toBe(join(root, expected));
  });

  it("refuses a limit that is no number", () => {
    expect(() => openWeightCache({ AUTODIDACT_CACHE_GB: "lots" })).toThrow(
      expect.objectContaining({ code: "USAGE" }),
    );
  });
});
