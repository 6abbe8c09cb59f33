/**
 * @file Tensors in files that graphs read where they lie, kept by hash for the processes
 * to come.
 *
 * An entry is a folder with the numbers and an index of them. It is made under another
 * name and appears whole or not at all; of two processes that make the same one, the
 * second takes the first's. Those used longest ago go when there are too many bytes.
 * Where the folder cannot be written, an entry lies in a temporary one and ends with its
 * owner; where not even that can be, there is none.
 */
import { existsSync } from "node:fs";
import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  utimes,
} from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import type { FileTensor } from "../engine/tensor/file-tensor.js";
import type { HostTensor } from "../engine/tensor/host-tensor.js";
import { AutodidactError } from "../foundation/error.js";
import { writeFileAtomic } from "../foundation/storage.js";

export type NamedTensors = AsyncIterable<readonly [string, HostTensor]>;

export interface WeightCache {
  /**
   * The tensors of `key`, made when they are not there.
   * @returns null where no folder can hold them
   */
  tensors(
    key: string,
    make: () => NamedTensors,
  ): Promise<Readonly<Record<string, FileTensor>> | null>;
  /** Removes what lies in a temporary folder. */
  release(): Promise<void>;
}

const NUMBERS = "weights.bin";
const INDEX = "index.json";
const UNFINISHED = ".unfinished-";
/** So old nothing is that is still being made. */
const ABANDONED_MS = 86_400_000;
const GIGABYTE = 1e9;
const DEFAULT_LIMIT = 20;
/** Where tensors begin, as ONNX Runtime's kernels like it. */
const ALIGNMENT = 64;

type Index = Record<
  string,
  Pick<FileTensor, "elementType" | "shape"> & {
    readonly offset: number;
    readonly bytes: number;
  }
>;

/** The user's cache, as AUTODIDACT_CACHE sets it. */
export function cacheFolder(
  environment: NodeJS.ProcessEnv = process.env,
): string {
  const { AUTODIDACT_CACHE, XDG_CACHE_HOME } = environment;
  return (
    AUTODIDACT_CACHE ||
    join(XDG_CACHE_HOME || join(homedir(), ".cache"), "autodidact")
  );
}

/**
 * Most bytes of one kind in it, as AUTODIDACT_CACHE_GB sets them; 0 to keep nothing.
 * @throws USAGE
 */
export function cacheLimit(
  environment: NodeJS.ProcessEnv = process.env,
): number {
  const { AUTODIDACT_CACHE_GB } = environment;
  const gigabytes = Number(AUTODIDACT_CACHE_GB || DEFAULT_LIMIT);
  if (!(gigabytes >= 0))
    throw new AutodidactError(
      "USAGE",
      `AUTODIDACT_CACHE_GB is "${AUTODIDACT_CACHE_GB ?? ""}", a number of gigabytes was expected. Set it to 0 to keep nothing, or leave it unset.`,
    );
  return gigabytes * GIGABYTE;
}

/** Weights in the user's cache, as many as may be kept; no file is touched. */
export function openWeightCache(
  environment: NodeJS.ProcessEnv = process.env,
): WeightCache {
  return weightCache(
    join(cacheFolder(environment), "weights"),
    cacheLimit(environment),
  );
}

/**
 * @param folder of the entries; made when it is first needed
 * @param limit most bytes that stay there, unless the newest entry alone has more; 0 keeps none
 */
export function weightCache(folder: string, limit: number): WeightCache {
  let temporary: string | null = null;
  const places = [
    async (key: string, make: () => NamedTensors) => {
      if (limit === 0) return null;
      const entry = await makeEntry(folder, key, make());
      await makeRoom(folder, limit);
      return entry;
    },
    async (key: string, make: () => NamedTensors) => {
      temporary ??= await mkdtemp(join(tmpdir(), "autodidact-weights-"));
      return makeEntry(temporary, key, make());
    },
  ];
  return {
    async tensors(key, make) {
      const known =
        (await readEntry(join(folder, key))) ??
        (temporary === null ? null : await readEntry(join(temporary, key)));
      if (known !== null) return known;
      for (const place of places)
        try {
          const made = await place(key, make);
          if (made !== null) return made;
        } catch (cause) {
          if (!isStorageFailure(cause)) throw cause;
        }
      return null;
    },
    async release() {
      if (temporary !== null) await remove(temporary);
      temporary = null;
    },
  };
}

/** @throws STORAGE, or what the file system says */
async function makeEntry(
  folder: string,
  key: string,
  tensors: NamedTensors,
): Promise<Readonly<Record<string, FileTensor>> | null> {
  await mkdir(folder, { recursive: true });
  const unfinished = await mkdtemp(join(folder, UNFINISHED));
  const entry = join(folder, key);
  try {
    const index: Index = {};
    await writeFileAtomic(join(unfinished, NUMBERS), laidOut(tensors, index));
    await writeFileAtomic(join(unfinished, INDEX), JSON.stringify(index));
    if ((await readEntry(entry)) === null) {
      // What is there is damaged.
      await remove(entry);
      await rename(unfinished, entry).catch((cause: unknown) => {
        // Another process was faster.
        if (!existsSync(entry)) throw cause;
      });
    }
  } finally {
    await remove(unfinished);
  }
  return readEntry(entry);
}

/** The numbers of tensors one after the other, and their places as `index`. */
async function* laidOut(
  tensors: NamedTensors,
  index: Index,
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for await (const [name, { elementType, shape, data }] of tensors) {
    const bytes = data.byteLength;
    index[name] = { elementType, shape, offset, bytes };
    yield new Uint8Array(data.buffer, data.byteOffset, bytes);
    const gap = -bytes & (ALIGNMENT - 1);
    yield new Uint8Array(gap);
    offset += bytes + gap;
  }
}

/** Null where there is no entry, or not all of it. */
async function readEntry(
  folder: string,
): Promise<Readonly<Record<string, FileTensor>> | null> {
  try {
    const text = await readFile(join(folder, INDEX), "utf8");
    const entries = Object.entries(JSON.parse(text) as Index);
    const { size } = await stat(join(folder, NUMBERS));
    if (entries.some(([, { offset, bytes }]) => offset + bytes > size))
      return null;
    await markUsed(folder);
    return Object.fromEntries(
      entries.map(([name, { elementType, shape, offset, bytes }]) => [
        name,
        {
          elementType,
          shape,
          place: { folder, file: NUMBERS, offset, bytes },
        },
      ]),
    );
  } catch {
    return null;
  }
}

/** For the order in which entries go; one that only may be read stays as it is. */
async function markUsed(folder: string): Promise<void> {
  const now = new Date();
  await utimes(join(folder, INDEX), now, now).catch(() => undefined);
}

/** Removes what was used longest ago, and what a killed process left. */
async function makeRoom(folder: string, limit: number): Promise<void> {
  const entries: { path: string; used: number; bytes: number }[] = [];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const whole = !name.startsWith(UNFINISHED);
    const used = await stat(whole ? join(path, INDEX) : path).catch(() => null);
    const file = await stat(join(path, NUMBERS)).catch(() => null);
    if (whole)
      entries.push({ path, used: used?.mtimeMs ?? 0, bytes: file?.size ?? 0 });
    else if (Date.now() - (used?.mtimeMs ?? 0) > ABANDONED_MS)
      await remove(path);
  }
  entries.sort((a, b) => b.used - a.used);
  let bytes = 0;
  for (const [place, entry] of entries.entries()) {
    bytes += entry.bytes;
    if (place > 0 && bytes > limit) await remove(entry.path);
  }
}

/** What cannot be removed stays: another process or user may hold it. */
async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => undefined);
}

/** The disk is full or read-only, or a folder is not the user's. */
function isStorageFailure(cause: unknown): boolean {
  return (
    cause instanceof Error &&
    "code" in cause &&
    (cause.code === "STORAGE" || "syscall" in cause)
  );
}
