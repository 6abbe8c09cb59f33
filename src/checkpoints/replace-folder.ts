/**
 * @file Replacing a checkpoint folder by another, complete one.
 *
 * Readers see the old folder or the new one. A crash in the one moment between the
 * two renames leaves both under their temporary names, and the next replacement
 * puts the old one back first. Nothing but checkpoint files is ever deleted: other
 * files are carried over, and a folder that is something else is refused.
 */
import { existsSync } from "node:fs";
import { copyFile, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { AutodidactError } from "../foundation/error.js";
import { makeFolder, storageError } from "../foundation/storage.js";

/** Files besides weights and configuration that make up a checkpoint. */
export const COMPANION_FILES = [
  "tokenizer.json",
  "tokenizer_config.json",
  "special_tokens_map.json",
  "chat_template.jinja",
  "generation_config.json",
] as const;

/** A checkpoint's further chat templates, `<name>.jinja` each, as `transformers` keeps them. */
export const TEMPLATE_FOLDER = "additional_chat_templates";

/** Records of how weights were made; they go with the weights they describe. */
const RECORD_FILES = ["training.json", "pretraining.json"] as const;

const OWN_FILE =
  /^(adapter_)?(config\.json|model(-\d{5}-of-\d{5})?\.safetensors(\.index\.json)?)$/;

/**
 * Fills a new folder beside `folder` and puts it in its place when it is complete.
 * @throws STORAGE: cannot be written, or `folder` is a file or not a checkpoint
 */
export async function replaceFolder(
  folder: string,
  fill: (partial: string) => Promise<void>,
): Promise<void> {
  const target = resolve(folder);
  const sibling = (suffix: string): string =>
    join(dirname(target), `.${basename(target)}.${suffix}`);
  const partial = sibling("partial");
  const previous = sibling("previous");
  try {
    if (!existsSync(target) && existsSync(previous))
      await rename(previous, target);
    const kept = await foreignFiles(target);
    for (const leftover of [partial, previous])
      await rm(leftover, { recursive: true, force: true });
    await makeFolder(partial);
    await fill(partial);
    for (const name of kept)
      await copyFile(join(target, name), join(partial, name));
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

/** Files in an existing checkpoint that are not part of it. */
async function foreignFiles(target: string): Promise<string[]> {
  if (!existsSync(target)) return [];
  const refuse = (problem: string): AutodidactError =>
    new AutodidactError(
      "STORAGE",
      `${target} ${problem}, and a checkpoint was to be saved there. Choose a new folder. Nothing has been changed.`,
      { path: target },
    );
  if (!(await stat(target)).isDirectory()) throw refuse("is a file");
  const entries = await readdir(target, { withFileTypes: true });
  const names = entries.map(({ name }) => name);
  const isCheckpoint =
    names.includes("config.json") || names.includes("adapter_config.json");
  if (names.length > 0 && !isCheckpoint)
    throw refuse(`holds other things (${names.slice(0, 3).join(", ")})`);
  const folder = entries.find(
    (entry) => entry.isDirectory() && entry.name !== TEMPLATE_FOLDER,
  );
  if (folder) throw refuse(`holds a folder "${folder.name}"`);
  const own: readonly string[] = [...COMPANION_FILES, ...RECORD_FILES];
  return names.filter(
    (name) =>
      !OWN_FILE.test(name) && !own.includes(name) && name !== TEMPLATE_FOLDER,
  );
}
