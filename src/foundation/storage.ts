/**
 * @file Writing files so that a crash or a full disk never leaves half a file.
 *
 * A file is written beside its target, flushed, and renamed over it: readers see
 * the old content or the new, nothing between. Every failure becomes a STORAGE
 * error that names the path and the remedy.
 */
import { accessSync, constants, existsSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AutodidactError } from "./error.js";

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "The disk is full: free some space and run the same command again.",
  EDQUOT:
    "The disk quota is used up: free some space and run the same command again.",
  EROFS:
    "The file system is read-only: choose another folder with --run-dir or --out.",
  EACCES:
    "Permission was denied: check the owner and mode of the folder, or choose another one.",
  EPERM:
    "Permission was denied: check the owner and mode of the folder, or choose another one.",
  ENOTDIR: "Part of the path is a file, not a folder: choose another path.",
  EISDIR: "The path is a folder, a file was expected: choose another path.",
};

/** Turns a file-system failure on `path` into the error a user should see. */
export function storageError(path: string, cause: unknown): AutodidactError {
  const told =
    cause instanceof Error && "code" in cause ? String(cause.code) : "UNKNOWN";
  const code = told === "ENOENT" ? (obstacleAbove(path) ?? told) : told;
  const remedy =
    REMEDIES[code] ??
    "Check the path and the disk, then run the same command again.";
  return new AutodidactError(
    "STORAGE",
    `Cannot write ${path} (${code}). ${remedy} Nothing that was there before has been changed.`,
    { path, cause: code },
    { cause },
  );
}

/**
 * Why nothing can be made below the nearest folder that exists. Making folders
 * recursively on a read-only file system fails with ENOENT in Node.
 */
function obstacleAbove(path: string): string | undefined {
  let folder = dirname(resolve(path));
  while (!existsSync(folder) && dirname(folder) !== folder)
    folder = dirname(folder);
  try {
    accessSync(folder, constants.W_OK);
    return undefined;
  } catch (obstacle) {
    return obstacle instanceof Error && "code" in obstacle
      ? String(obstacle.code)
      : undefined;
  }
}

/** Makes a folder and its parents. @throws STORAGE */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    throw storageError(path, cause);
  }
}

/**
 * Replaces `path` with `content` (chunks are written in order), all or nothing.
 * @param options.flush wait for the disk; without it that holds for a crash of the
 *   program, not for a loss of power
 * @throws STORAGE
 */
export async function writeFileAtomic(
  path: string,
  content:
    | string
    | Uint8Array
    | Iterable<string | Uint8Array>
    | AsyncIterable<string | Uint8Array>,
  { flush = true }: { readonly flush?: boolean } = {},
): Promise<void> {
  const temporary = `${path}.${process.pid}.partial`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const handle = await open(temporary, "w");
    try {
      const chunks =
        typeof content === "string" || content instanceof Uint8Array
          ? [content]
          : content;
      for await (const chunk of chunks) {
        if (typeof chunk === "string") await handle.writeFile(chunk);
        else await writeBytes(handle, chunk);
      }
      if (flush) await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    if (cause instanceof AutodidactError) throw cause;
    throw storageError(path, cause);
  }
}

async function writeBytes(
  handle: Awaited<ReturnType<typeof open>>,
  bytes: Uint8Array,
): Promise<void> {
  let offset = 0;
  while (offset < bytes.byteLength) {
    const { bytesWritten } = await handle.write(bytes, offset);
    offset += bytesWritten;
  }
}
