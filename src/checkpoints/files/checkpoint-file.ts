/**
 * @file Reading the small files of a checkpoint: ordinary files only, since a pipe or a
 * device may never end.
 */
import { readFile, stat } from "node:fs/promises";
import { AutodidactError, messageLine } from "../../foundation/error.js";

/** @throws when it is no ordinary file or cannot be read */
export async function readText(path: string): Promise<string> {
  await requireFile(path);
  return readFile(path, "utf8");
}

/** @throws when there is something else than an ordinary file, or nothing */
export async function requireFile(path: string): Promise<void> {
  if (!(await stat(path)).isFile()) throw refused("it is no ordinary file");
}

/** @throws BAD_CHECKPOINT */
export function readJson(path: string): Promise<unknown> {
  return inFile(path, async () => JSON.parse(await readText(path)) as unknown);
}

/** What is wrong in a file that whoever reads it will name. */
export function refused(reason: string): AutodidactError {
  return new AutodidactError("BAD_CHECKPOINT", reason);
}

/** Says which file of a tokenizer is meant where something in it is wrong. @throws BAD_CHECKPOINT */
export async function inFile<T>(
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const isTold = cause instanceof AutodidactError && cause.code === "DEVICE";
    throw isTold ? cause : malformed(path, cause);
  }
}

/** What is wrong with a file of a tokenizer, on one line. */
export function malformed(path: string, cause: unknown): AutodidactError {
  return new AutodidactError(
    "BAD_CHECKPOINT",
    `${path} cannot be used: ${messageLine(cause)}. Download or export the tokenizer again.`,
    { path },
    { cause },
  );
}
