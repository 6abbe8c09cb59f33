/**
 * @file Is there room for the result? Asked before the work, not after hours of it.
 *
 * Nothing is created and nothing is changed here. A folder that would be replaced
 * must be one that training made: a mistyped `--out .` never costs anyone a folder.
 */
import { constants } from "node:fs";
import { access, opendir, readdir, realpath, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { AutodidactError } from "../../foundation/error.js";
import { storageError } from "../../foundation/storage.js";

/** The file that marks a folder as the result of the same kind of work. */
export type ResultMark = "training.json" | "pretraining.json";

/** What a checkpoint is made of, as against what is made from it. */
const CHECKPOINT_FILE = /\.(?:safetensors|json|jinja|model|txt)$/i;

/**
 * @param others files that are read or written besides, and models' folders, none of
 *   which the result must replace; what was not given, or is no path, is none
 * @throws USAGE when `path` is one of them under whatever name, or a part of a model;
 *   STORAGE when it is a folder or its folder cannot be written
 */
export async function requireWritableFile(
  path: string,
  others: readonly (string | undefined)[] = [],
): Promise<void> {
  for (const other of others) {
    if (other === undefined || !(await wouldReplace(path, other))) continue;
    throw new AutodidactError(
      "USAGE",
      `${path} is to be written and is also ${resolve(path) === resolve(other) ? "named for something else" : `part of ${other}`}, which would be lost. Give each output a file of its own.`,
      { path },
    );
  }
  if (await isFolder(path)) {
    throw new AutodidactError(
      "STORAGE",
      `${path} is a folder, a file was expected. Give the name of a file.`,
      { path },
    );
  }
  await requireWritableParent(path);
}

/**
 * @param inputs folders that are read, which the result must not replace
 * @throws USAGE when `path` is one of them; STORAGE when it is a file, holds anything but an
 *   earlier result with this mark, or cannot be written
 */
export async function requireReplaceableFolder(
  path: string,
  mark: ResultMark,
  inputs: readonly string[] = [],
): Promise<void> {
  const names = await listFolder(path);
  if (names !== null) {
    const target = await realpath(path);
    for (const input of inputs) {
      const source = await realpath(input).catch(() => resolve(input));
      if (source !== target) continue;
      throw new AutodidactError(
        "USAGE",
        `${path} is the model that is read; the result would replace it. Give --out another folder.`,
        { path },
      );
    }
    if (names.length > 0 && !names.includes(mark)) {
      throw new AutodidactError(
        "STORAGE",
        `${path} holds files that no training made (${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}), and the result would replace them. Give --out a new folder.`,
        { path },
      );
    }
  }
  await requireWritableParent(path);
}

/** @throws STORAGE when there is anything but an empty folder, or it cannot be written */
export async function requireNewFolder(path: string): Promise<void> {
  const names = await listFolder(path);
  if (names !== null && names.length > 0) {
    throw new AutodidactError(
      "STORAGE",
      `${path} is not empty (${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}), and the result would be mixed with it. Give --out a new folder.`,
      { path },
    );
  }
  await requireWritableParent(path);
}

/** The refusal to put a result over one that was made otherwise. */
export function otherResult(path: string): AutodidactError {
  return new AutodidactError(
    "STORAGE",
    `${path} holds a model that was made from another base, other rows or other settings, and the result would replace it. Give --out a new folder, or --overwrite to replace it.`,
    { path },
  );
}

/** Whether a file written at `path` would take the place of `other`, or of a part of a model there. */
async function wouldReplace(path: string, other: string): Promise<boolean> {
  if (resolve(path) === resolve(other)) return true;
  const [target, source] = await Promise.all(
    [path, other].map((each) => stat(each).catch(() => undefined)),
  );
  if (target === undefined || source === undefined) return false;
  // Links of both kinds lead to the same place on the disk.
  if (target.ino === source.ino && target.dev === source.dev) return true;
  return (
    source.isDirectory() &&
    CHECKPOINT_FILE.test(path) &&
    (await realpath(dirname(resolve(path)))) === (await realpath(other))
  );
}

/** Names in a folder; null when there is nothing at `path`. */
async function listFolder(path: string): Promise<string[] | null> {
  try {
    return await readdir(path);
  } catch (cause) {
    if (codeOf(cause) === "ENOENT") return null;
    throw storageError(path, cause);
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    // Whatever keeps it from being looked at is told by the folder above it.
    return false;
  }
}

/**
 * The nearest folder above that exists must take new names. Nobody means a file of the
 * name "-", which stands for standard output elsewhere.
 */
async function requireWritableParent(path: string): Promise<void> {
  if (path === "-") {
    throw new AutodidactError(
      "USAGE",
      "This result cannot go to standard output (-), for it appears whole or not at all. Give it the name of a file or folder; ./- is one.",
      { path },
    );
  }
  let folder = dirname(resolve(path));
  for (;;) {
    try {
      await (await opendir(folder)).close();
      await access(folder, constants.W_OK);
      return;
    } catch (cause) {
      if (codeOf(cause) !== "ENOENT") throw storageError(path, cause);
      folder = dirname(folder);
    }
  }
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && "code" in cause ? String(cause.code) : "";
}
