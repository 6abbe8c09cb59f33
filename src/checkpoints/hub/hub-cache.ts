/**
 * @file The Hugging Face cache on disk, in the layout every Hugging Face library
 * shares: `models--owner--name/{blobs,refs,snapshots}`.
 *
 * A blob appears under its name only when it is complete and its size (and, for
 * large files, its SHA-256) is right; until then it is `<name>.incomplete`, which
 * a later download continues.
 */
import { copyFile, mkdir, rename, rm, stat, symlink } from "node:fs/promises";
import { createWriteStream, existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { getHFHubCachePath, getRepoFolderName } from "@huggingface/hub";
import { AutodidactError } from "../../foundation/error.js";
import { hashFile } from "../../foundation/hash.js";
import { inFile, readText } from "../files/checkpoint-file.js";
import { storageError, writeFileAtomic } from "../../foundation/storage.js";

/** A 40-digit commit id. */
export const COMMIT_ID = /^[0-9a-f]{40}$/;

export interface CachedRepository {
  /** The folder of a commit's files, whether or not it exists. */
  snapshot(commit: string): string;
  /** The commit a branch or tag stood for when it was last looked up. */
  knownCommit(revision: string): Promise<string | null>;
  /** Remembers what a branch or tag stands for. @throws STORAGE */
  rememberCommit(revision: string, commit: string): Promise<void>;
  /**
   * Makes `path` present in a snapshot, continuing an earlier download.
   * @throws STORAGE, or ENDPOINT when the bytes are not those that were promised
   */
  addFile(file: RemoteFile): Promise<void>;
}

export interface RemoteFile {
  readonly commit: string;
  readonly path: string;
  /** Content id: SHA-256 for large files, git's SHA-1 for small ones. */
  readonly contentId: string;
  readonly bytes: number;
  /** Whether `contentId` is the SHA-256 of the content. */
  readonly large: boolean;
  /** The content from byte `begin` on. */
  readonly open: (begin: number) => Promise<ReadableStream<Uint8Array>>;
}

/** @param name owner/name */
export function cachedRepository(name: string): CachedRepository {
  const root = join(
    getHFHubCachePath(),
    getRepoFolderName({ type: "model", name }),
  );
  const refPath = (revision: string): string => join(root, "refs", revision);
  const snapshot = (commit: string): string => join(root, "snapshots", commit);
  return {
    snapshot,
    async knownCommit(revision) {
      if (COMMIT_ID.test(revision)) return revision;
      if (!existsSync(refPath(revision))) return null;
      return inFile(refPath(revision), async () =>
        (await readText(refPath(revision))).trim(),
      );
    },
    async rememberCommit(revision, commit) {
      if (revision !== commit) await writeFileAtomic(refPath(revision), commit);
    },
    async addFile(file) {
      const pointer = join(snapshot(file.commit), file.path);
      if (existsSync(pointer)) return;
      const blob = join(root, "blobs", file.contentId);
      try {
        await mkdir(dirname(blob), { recursive: true });
        await mkdir(dirname(pointer), { recursive: true });
        if (!existsSync(blob)) await download(file, blob);
        await link(blob, pointer);
      } catch (cause) {
        if (isSystemError(cause)) throw storageError(pointer, cause);
        throw cause;
      }
    },
  };
}

async function download(file: RemoteFile, blob: string): Promise<void> {
  const incomplete = `${blob}.incomplete`;
  const begin = existsSync(incomplete) ? (await stat(incomplete)).size : 0;
  if (begin < file.bytes || begin === 0) {
    const content = await file.open(begin);
    await pipeline(
      Readable.fromWeb(content),
      createWriteStream(incomplete, { flags: "a" }),
    );
  }
  const { size } = await stat(incomplete);
  const right =
    size === file.bytes &&
    (!file.large || (await hashFile(incomplete)) === file.contentId);
  if (right) return rename(incomplete, blob);
  if (size >= file.bytes) await rm(incomplete);
  throw new AutodidactError(
    "ENDPOINT",
    `The download of ${file.path} ended with ${size} of ${file.bytes} bytes or with other content than was promised. Run the same command again.`,
    { path: file.path },
  );
}

/** A relative link, as the other libraries make it; a copy where links are forbidden. */
async function link(blob: string, pointer: string): Promise<void> {
  try {
    await symlink(relative(dirname(pointer), blob), pointer);
  } catch (cause) {
    if (!isSystemError(cause) || cause.code !== "EPERM") throw cause;
    await copyFile(blob, pointer);
  }
}

/** File-system failures carry a system call; network failures are left to the caller. */
function isSystemError(
  cause: unknown,
): cause is Error & { readonly code: string; readonly path: string } {
  return cause instanceof Error && "code" in cause && "path" in cause;
}
