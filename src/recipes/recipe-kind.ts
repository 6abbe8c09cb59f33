/**
 * @file Which kind of run a recipe file describes, told before its keys are checked.
 */
import { readFile } from "node:fs/promises";
import { AutodidactError } from "../foundation/error.js";
import { harmless } from "../text/harmless.js";
import { readYaml } from "../text/yaml.js";
import { nearestKey } from "../text/nearest-key.js";

/** Values of the key `kind`; a recipe without one is of the first kind. */
export const RECIPE_KINDS = ["self-rewarding", "self-instruct"] as const;

export type RecipeKind = (typeof RECIPE_KINDS)[number];

/**
 * The kind that the file at `path` names. A file that cannot be read or is not YAML is
 * of the first kind: whoever loads it says what is wrong with it.
 * @throws USAGE for a kind that does not exist
 */
export async function readRecipeKind(path: string): Promise<RecipeKind> {
  const kind = await kindIn(path);
  if (kind === undefined) return RECIPE_KINDS[0];
  const known = RECIPE_KINDS.find((each) => each === kind);
  if (known !== undefined) return known;
  const near =
    typeof kind === "string" ? nearestKey(kind, RECIPE_KINDS) : undefined;
  throw new AutodidactError(
    "USAGE",
    `${path}: kind is ${harmless(JSON.stringify(kind))}. Expected one of: ${RECIPE_KINDS.join(", ")}.${near === undefined ? "" : ` Did you mean "${near}"?`}`,
    { path },
  );
}

async function kindIn(path: string): Promise<unknown> {
  return (await readMapping(path))["kind"];
}

/** Keys at the top of the file; none where it cannot be read, as above. */
export async function readTopKeys(path: string): Promise<readonly string[]> {
  return Object.keys(await readMapping(path));
}

async function readMapping(
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  const text = await readFile(path, "utf8").catch(() => "");
  const yaml = readYaml(text);
  return "value" in yaml &&
    yaml.value !== null &&
    typeof yaml.value === "object"
    ? (yaml.value as Readonly<Record<string, unknown>>)
    : {};
}
