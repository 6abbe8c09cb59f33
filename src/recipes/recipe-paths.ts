/**
 * @file The files and folders that a recipe names: found, said to be missing, and
 * recorded so that a run folder can be moved.
 */
import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, relative, resolve } from "node:path";
import type { z } from "zod";
import { AutodidactError } from "../foundation/error.js";
import {
  formatKeyPath,
  pathKindAt,
  type KeyPath,
  type PathKind,
} from "./schema-keys.js";

interface PathPlace {
  readonly kind: PathKind;
  readonly at: KeyPath;
}

/** A copy of `value` in which each path that is not empty is what `map` makes of it. */
export function mapPaths(
  value: unknown,
  schema: z.ZodType,
  map: (path: string, place: PathPlace) => string,
): unknown {
  const walk = (member: unknown, at: KeyPath): unknown => {
    if (Array.isArray(member))
      return member.map((entry, index) => walk(entry, [...at, index]));
    if (member !== null && typeof member === "object")
      return Object.fromEntries(
        Object.entries(member).map(([key, entry]) => [
          key,
          walk(entry, [...at, key]),
        ]),
      );
    const kind = pathKindAt(schema, at);
    return typeof member !== "string" || member === "" || kind === undefined
      ? member
      : map(member, { kind, at });
  };
  return walk(value, []);
}

/**
 * The recipe as the run in `folder` records it: paths are relative to the run folder, so
 * that it says nothing of the machine. One of the same name as in the `recorded` recipe
 * is that one, wherever folder and file were moved to since: the stages compare what is
 * in the files. Older runs recorded absolute paths.
 */
export function recipeOfRun<S extends z.ZodType>(
  recipe: z.output<S>,
  run: {
    readonly schema: S;
    readonly folder: string;
    readonly recorded: unknown;
  },
): z.output<S> {
  const before = new Map<string, string>();
  mapPaths(run.recorded, run.schema, (path, { at }) => {
    before.set(formatKeyPath(at), path);
    return path;
  });
  return run.schema.parse(
    mapPaths(recipe, run.schema, (path, { at }) => {
      return pathOfRun(path, run.folder, before.get(formatKeyPath(at)));
    }),
  );
}

/** A path as the run in `folder` records it. @param known as it recorded it before */
export function pathOfRun(
  path: string,
  folder: string,
  known?: string,
): string {
  if (known !== undefined && basename(known) === basename(path)) return known;
  return isAbsolute(path) ? relative(folder, path) : path;
}

/**
 * Checks every file and folder of a loaded recipe, all at once; models are left to
 * whoever opens them.
 * @param path of the recipe file
 * @throws BAD_INPUT naming each key whose file does not exist
 */
export function requireRecipeFiles(
  path: string,
  recipe: { readonly value: unknown; readonly schema: z.ZodType },
): void {
  const missing = missingFiles(recipe);
  if (missing.length === 0) return;
  throw new AutodidactError(
    "BAD_INPUT",
    `${path}: ${missing.map(({ key, file }) => `"${key}" names ${file}, which does not exist`).join("; ")}. Paths in a recipe are relative to the recipe's own folder (${dirname(resolve(path))}): mend them, or run a bundled recipe by its name.`,
    { path, missing: missing.map(({ key }) => key) },
  );
}

/** Files and folders of a loaded recipe that do not exist, with their keys; models are left out. */
export function missingFiles(recipe: {
  readonly value: unknown;
  readonly schema: z.ZodType;
}): { readonly key: string; readonly file: string }[] {
  const missing: { readonly key: string; readonly file: string }[] = [];
  mapPaths(recipe.value, recipe.schema, (file, { kind, at }) => {
    if (kind === "path" && !existsSync(file))
      missing.push({ key: formatKeyPath(at), file });
    return file;
  });
  return missing;
}
