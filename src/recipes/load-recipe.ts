/**
 * @file A recipe file → a checked, typed object.
 *
 * Nothing is guessed: every key is known to the schema or an error that quotes it,
 * with file, line and the nearest known key; all problems of a file are told at
 * once. Relative paths (`recipePath()`, `recipeModel()`) are resolved against the
 * recipe's folder. What the keys mean is the schema's business, not this file's.
 */
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Document, LineCounter, Node } from "yaml";
import { isMap, isScalar, isSeq } from "yaml";
import type { z } from "zod";
import { defined } from "../foundation/defined.js";
import { AutodidactError, messageOf } from "../foundation/error.js";
import { isStandardInput } from "../foundation/json-lines.js";
import { harmless } from "../text/harmless.js";
import { readYaml } from "../text/yaml.js";
import { describeIssue } from "./describe-issue.js";
import { mapPaths } from "./recipe-paths.js";
import type { KeyPath } from "./schema-keys.js";

/**
 * Reads and checks the recipe at `path`. The schema's objects must be strict
 * (`z.strictObject`), or unknown keys pass.
 * @throws BAD_INPUT the file cannot be read or is not YAML
 * @throws USAGE keys or values that the schema does not allow
 */
export async function loadRecipe<S extends z.ZodType>(
  path: string,
  schema: S,
): Promise<z.output<S>> {
  const found = await stat(path).catch(() => null);
  if (isStandardInput(path) || found?.isFIFO() || found?.isSocket()) {
    throw new AutodidactError(
      "BAD_INPUT",
      `The recipe ${path} is standard input or a pipe, but a recipe is read more than once and its paths start at its folder. Write it to a file and give that.`,
      { path },
    );
  }
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new AutodidactError(
      "BAD_INPUT",
      `Cannot read the recipe ${path}: ${messageOf(cause)}. Check the path.`,
      { path },
      { cause },
    );
  }
  return parseRecipe(text, path, schema);
}

/**
 * Checks recipe text; `path` is where it came from, for messages and for the
 * folder of relative paths. Throws as `loadRecipe` does.
 */
export function parseRecipe<S extends z.ZodType>(
  text: string,
  path: string,
  schema: S,
): z.output<S> {
  const yaml = readYaml(text);
  if ("fault" in yaml) {
    const { line, reason } = yaml.fault;
    throw new AutodidactError(
      "BAD_INPUT",
      `${path}${line === undefined ? "" : `, line ${line}`}: this is not YAML: ${harmless(reason)}. Mend the ${line === undefined ? "file" : "line"}.`,
      { path, ...defined({ line }) },
    );
  }
  return checked(resolvePaths(yaml.value, { path, schema }), schema, {
    path,
    lineAt: (at) => lineOf(at, yaml.document, yaml.lines),
  });
}

/**
 * Checks a recipe that comes from no file. The paths in it are absolute.
 * @throws USAGE as `loadRecipe` does, without a line
 */
export function checkRecipe<S extends z.ZodType>(
  value: unknown,
  schema: S,
): z.output<S> {
  return checked(value, schema);
}

function checked<S extends z.ZodType>(
  value: unknown,
  schema: S,
  file?: {
    readonly path: string;
    readonly lineAt: (at: KeyPath) => number;
  },
): z.output<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues
    .flatMap((issue) => describeIssue(issue, { schema, value }))
    .map(({ path, sentence }) => ({ line: file?.lineAt(path) ?? 0, sentence }))
    .sort((a, b) => a.line - b.line)
    .map(({ line, sentence }) =>
      harmless(
        file === undefined
          ? sentence
          : `${file.path}, line ${line}: ${sentence}`,
      ),
    );
  throw new AutodidactError("USAGE", problems.join("\n"), {
    ...(file === undefined ? {} : { path: file.path }),
    problems,
  });
}

/** 1-based line of the key at `path`, or of the nearest thing around it that exists. */
function lineOf(path: KeyPath, document: Document, lines: LineCounter): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const step of path) {
    let at: unknown;
    if (isMap(node)) {
      const pair = node.items.find(
        ({ key }) => isScalar(key) && String(key.value) === String(step),
      );
      at = pair?.key;
      node = pair?.value;
    } else if (isSeq(node) && typeof step === "number") {
      at = node.items[step];
      node = at;
    }
    const start = startOf(at);
    if (start === undefined) break;
    offset = start;
  }
  return Math.max(1, lines.linePos(offset).line);
}

function startOf(node: unknown): number | undefined {
  return (node as Partial<Node> | null | undefined)?.range?.[0];
}

/** owner/name or owner/name@revision, as the Hub calls a model. */
const HUB_ID = /^[\w-][\w.-]*\/[\w-][\w.-]*(@.+)?$/;

/** A copy of `value` in which each path of the recipe is absolute; Hub ids stay. */
function resolvePaths(
  value: unknown,
  recipe: { readonly path: string; readonly schema: z.ZodType },
): unknown {
  const folder = dirname(resolve(recipe.path));
  return mapPaths(value, recipe.schema, (member, { kind }) => {
    const path = resolve(folder, member);
    const isId = kind === "model" && HUB_ID.test(member) && !existsSync(path);
    return isId ? member : path;
  });
}
