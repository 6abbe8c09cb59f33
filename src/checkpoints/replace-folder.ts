/**
 * @file Replacing a folder by another, complete one.
 *
 * Readers see the old folder or the new one. The one moment between the two
 * renames leaves no folder of that name, but both under their temporary names.
 */
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AutodidactError } from "../foundation/error.js";
import { makeFolder, storageError } from "../foundation/storage.js";

/**
 * Fills a new folder beside `folder` and puts it in its place when it is complete;
 * what was there before stays until then.
 * @throws STORAGE
 */
export async function replaceFolder(
  folder: string,
  fill: (partial: string) => Promise<void>,
): Promise<void> {
  const target = resolve(folder);
  const sibling = (suffix: string): string =>
    join(dirname(target), `.${basename(target)}.${process.pid}.${suffix}`);
  const partial = sibling("partial");
  const previous = sibling("previous");
  try {
    await rm(partial, { recursive: true, force: true });
    await makeFolder(partial);
    await fill(partial);
    const replaces = existsSync(target);
    if (replaces) await rename(target, previous);
    try {
      await rename(partial, target);
    } catch (cause) {
      if (replaces) await rename(previous, target);
      throw cause;
    }
    await rm(previous, { recursive: true, force: true });
  } catch (cause) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    if (cause instanceof AutodidactError) throw cause;
    throw storageError(target, cause);
  }
}
