/**
 * @file The keys of a recipe as options of a command, made from the schema that checks
 * the recipe, so that none can be missing and none can say something else.
 *
 * A key is an option of the same name; `withoutRules`, a list, is `--without-rule`,
 * given once for each entry. Keys inside a group are said as `--set GROUP.KEY=VALUE`.
 */
import { resolve } from "node:path";
import { z } from "zod";
import { defined } from "../foundation/defined.js";
import { AutodidactError } from "../foundation/error.js";
import { checkRecipe } from "../recipes/load-recipe.js";
import { withOverrides } from "../recipes/overrides.js";
import { pathKindAt } from "../recipes/schema-keys.js";
import { readYaml } from "../text/yaml.js";
import type { OptionDefinition, OptionTable } from "./command.js";

export const SET = {
  kind: "list",
  placeholder: "KEY=VALUE",
  description:
    "Any key of the recipe by its place, as in --set examples.seed=8; the value is YAML",
} as const satisfies OptionDefinition;

type Member = z.core.JSONSchema.BaseSchema;

/** An option for each key at the top of the recipe that is no group. */
export function recipeOptions(schema: z.ZodType): OptionTable {
  return Object.fromEntries(
    members(schema).flatMap(([key, member]) => {
      const option = optionOf(member, pathKindAt(schema, [key]) !== undefined);
      return option === undefined ? [] : [[optionKey(key, option), option]];
    }),
  );
}

/**
 * `recipe` with what the command line says over it, checked.
 * @param values of the command: of the options above, and of `SET` as `set`
 * @throws USAGE for a key or a value that the recipe could not have either
 */
export function withRecipeOptions<S extends z.ZodType>(
  recipe: z.output<S>,
  values: Readonly<Record<string, unknown>> & {
    readonly set: readonly string[];
  },
  schema: S,
): z.output<S> {
  const options = members(schema).flatMap(([key, member]) => {
    const isPath = pathKindAt(schema, [key]) !== undefined;
    const option = optionOf(member, isPath);
    if (option === undefined) return [];
    const value = values[optionKey(key, option)];
    if (value === undefined || value === false) return [];
    if (Array.isArray(value) && value.length === 0) return [];
    return [
      [key, isPath && typeof value === "string" ? resolve(value) : value],
    ];
  });
  return checkRecipe(
    values.set.map(assignment).reduce(withOverrides, {
      ...(recipe as object),
      ...Object.fromEntries(options),
    }),
    schema,
  );
}

function members(schema: z.ZodType): [string, Member][] {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" });
  return Object.entries(properties).flatMap(([key, member]) =>
    typeof member === "boolean" ? [] : [[key, member]],
  );
}

function optionKey(key: string, { kind }: OptionDefinition): string {
  return kind === "list" ? key.replace(/s$/, "") : key;
}

/** Undefined for a group of keys. */
function optionOf(
  member: Member,
  isPath: boolean,
): OptionDefinition | undefined {
  const [form = member] = (member.anyOf ?? []).filter(
    ({ type }) => type !== "null",
  );
  const description = describe(member);
  if (form.enum !== undefined)
    return { kind: "choice", choices: form.enum.map(String), description };
  switch (form.type) {
    case "integer":
    case "number": {
      const { minimum, maximum = Infinity } = form;
      return {
        kind: "number",
        ...(form.type === "integer" ? { integer: true } : {}),
        placeholder: form.type === "integer" ? "N" : "F",
        ...defined({ min: minimum }),
        // The largest whole number of JavaScript is no bound of ours.
        ...(maximum < Number.MAX_SAFE_INTEGER ? { max: maximum } : {}),
        description,
      };
    }
    case "string":
      return {
        kind: "text",
        placeholder: isPath ? "FILE" : "NAME",
        description,
      };
    case "boolean":
      return { kind: "flag", description };
    case "array":
      return { kind: "list", placeholder: "NAME", description };
    default:
      return undefined;
  }
}

/** The first sentence of the key's meaning, and what holds where nothing is said. */
function describe({ description = "", default: absent }: Member): string {
  const [sentence = ""] = description.split(/\.(?:\s|$)/);
  return typeof absent === "number" || typeof absent === "string"
    ? `${sentence}; ${absent} when absent`
    : sentence;
}

/** "a.b=1" → { a: { b: 1 } }. @throws USAGE */
function assignment(text: string): unknown {
  const [, path, value] = /^([\w.]+)=(.*)$/s.exec(text) ?? [];
  if (path === undefined || value === undefined) {
    throw new AutodidactError(
      "USAGE",
      `--set expects a key and a value, got ${JSON.stringify(text)}. Write something like --set examples.seed=8.`,
      { option: "--set", got: text },
    );
  }
  return path
    .split(".")
    .reduceRight<unknown>((inner, key) => ({ [key]: inner }), valueOf(value));
}

/** YAML, or the text as it stands where it is none. */
function valueOf(text: string): unknown {
  const yaml = readYaml(text);
  return "value" in yaml ? yaml.value : text;
}
