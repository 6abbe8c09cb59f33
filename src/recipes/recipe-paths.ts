/**
 * @file Whether the files that a recipe names are there, said with the rule that finds
 * them: paths are relative to the recipe's folder.
 */
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { z } from "zod";
import { AutodidactError } from "../foundation/error.js";
import { formatKeyPath, pathKindAt, type KeyPath } from "./schema-keys.js";

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
  const missing = filesOf(recipe.value, recipe.schema, []).filter(
    ({ file }) => !existsSync(file),
  );
  if (missing.length === 0) return;
  throw new AutodidactError(
    "BAD_INPUT",
    `${path}: ${missing.map(({ key, file }) => `"${key}" names ${file}, which does not exist`).join("; ")}. Paths in a recipe are relative to the recipe's own folder (${dirname(resolve(path))}): mend them, or run a bundled recipe by its name.`,
    { path, missing: missing.map(({ key }) => key) },
  );
}

function filesOf(
  value: unknown,
  schema: z.ZodType,
  at: KeyPath,
): { readonly key: string; readonly file: string }[] {
  if (typeof value === "string")
    return pathKindAt(schema, at) === "path"
      ? [{ key: formatKeyPath(at), file: value }]
      : [];
  if (value === null || typeof value !== "object") return [];
  const members: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : Object.entries(value);
  return members.flatMap(([step, member]) =>
    filesOf(member, schema, [...at, step]),
  );
}
