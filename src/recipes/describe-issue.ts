/**
 * @file A schema issue → what the recipe says, what it should say, and the nearest
 * right key or value.
 */
import type { z } from "zod";
import { nearestKey } from "../text/nearest-key.js";
import { counted } from "../text/number-words.js";
import type { KeyPath } from "./schema-keys.js";
import {
  allKeyPaths,
  formatKeyPath,
  keyPathsBelow,
  knownKeys,
} from "./schema-keys.js";

export interface RecipeProblem {
  /** Where in the recipe: of the key that is unknown, missing or has a wrong value. */
  readonly path: KeyPath;
  /** A sentence that quotes the path. */
  readonly sentence: string;
}

type Issue = z.core.$ZodIssue;

/** Unknown keys of one place that are each told with what was meant; the rest are counted. */
const MOST_UNKNOWN = 20;

/** One problem for each wrong key or value of an issue. */
export function describeIssue(
  issue: Issue,
  recipe: { readonly schema: z.ZodType; readonly value: unknown },
): RecipeProblem[] {
  const path = issue.path.map((step) =>
    typeof step === "number" ? step : String(step),
  );
  if (issue.code === "unrecognized_keys") {
    const told = issue.keys.slice(0, MOST_UNKNOWN);
    const [rest] = issue.keys.slice(MOST_UNKNOWN);
    return [
      ...told.map((key) => unknownKey([...path, key], recipe.schema)),
      ...(rest === undefined
        ? []
        : [
            {
              path: [...path, rest],
              sentence: `${counted(issue.keys.length - MOST_UNKNOWN, "more unknown key")}, the first being "${rest}".`,
            },
          ]),
    ];
  }
  if (issue.code === "invalid_union" && issue.errors.length > 0) {
    const nearest = nearestArm(issue.errors);
    if (nearest !== undefined) {
      return nearest.flatMap((inner) =>
        describeIssue({ ...inner, path: [...path, ...inner.path] }, recipe),
      );
    }
  }
  const value = valueAt(recipe.value, path);
  const expected = describeExpected(issue);
  if (value === undefined) {
    return [
      {
        path,
        sentence: `The key "${formatKeyPath(path)}" is missing; it needs ${expected.text}.`,
      },
    ];
  }
  const suggestion =
    typeof value === "string" && expected.choices !== undefined
      ? nearestKey(value, expected.choices)
      : undefined;
  return [
    {
      path,
      sentence:
        issue.code === "custom"
          ? `"${formatKeyPath(path)}": ${issue.message} Got ${describeValue(value)}.`
          : `"${formatKeyPath(path)}" expects ${expected.text}, got ${describeValue(value)}.${didYouMean(suggestion)}${ownWords(issue)}`,
    },
  ];
}

function unknownKey(path: KeyPath, schema: z.ZodType): RecipeProblem {
  const key = String(path.at(-1));
  const parent = path.slice(0, -1);
  const siblings = knownKeys(schema, parent);
  const sibling = nearestKey(key, siblings);
  // A right key in the wrong place: name the place, one below this group first.
  const named = (path: KeyPath): boolean => path.at(-1) === key;
  const elsewhere =
    keyPathsBelow(schema, parent).find(named) ??
    allKeyPaths(schema).find(named);
  const nearest = sibling === undefined ? elsewhere : [...parent, sibling];
  const hint =
    nearest === undefined
      ? siblings.length > 0
        ? ` Known here: ${siblings.join(", ")}.`
        : ""
      : didYouMean(formatKeyPath(nearest));
  return { path, sentence: `Unknown key "${formatKeyPath(path)}".${hint}` };
}

/**
 * The arm of a union that the author most likely meant: the one that fits apart
 * from something inside it, or `undefined` when none fits at the top.
 */
function nearestArm(
  arms: readonly (readonly Issue[])[],
): readonly Issue[] | undefined {
  return arms
    .filter((issues) =>
      issues.every(
        ({ path, code }) => path.length > 0 || code === "unrecognized_keys",
      ),
    )
    .sort((a, b) => a.length - b.length)[0];
}

/** What a schema of ours says of a kind that it does not have. */
function ownWords({ code, message }: Issue): string {
  return code === "invalid_union" && !message.startsWith("Invalid ")
    ? ` ${message}`
    : "";
}

interface Expected {
  /** Reads on from "expects": "a number", "at least 1". */
  readonly text: string;
  readonly choices?: readonly string[];
}

function describeExpected(issue: Issue): Expected {
  switch (issue.code) {
    case "invalid_type":
      return { text: typeName(issue.expected) };
    case "invalid_value":
      return describeChoices(issue.values);
    case "too_small":
      return {
        text: describeBound(
          issue.origin,
          issue.inclusive === false ? "more than" : "at least",
          issue.minimum,
        ),
      };
    case "too_big":
      return {
        text: describeBound(
          issue.origin,
          issue.inclusive === false ? "less than" : "at most",
          issue.maximum,
        ),
      };
    case "not_multiple_of":
      return { text: `a multiple of ${issue.divisor}` };
    case "invalid_union":
      return issue.errors.length === 0
        ? describeChoices(discriminators(issue))
        : {
            text: issue.errors
              .map((arm) =>
                arm[0] === undefined ? "" : describeExpected(arm[0]).text,
              )
              .join(", or "),
          };
    case "invalid_format":
      return { text: `text in the form ${issue.format}` };
    case "invalid_key":
    case "invalid_element":
    case "unrecognized_keys":
    case "custom":
      return { text: issue.message };
    default:
      return issue satisfies never;
  }
}

function describeChoices(values: readonly unknown[]): Expected {
  const choices = values.map(String);
  const quoted = values.map((value) => JSON.stringify(value)).join(", ");
  return { text: choices.length === 1 ? quoted : `one of ${quoted}`, choices };
}

/** Zod names the allowed discriminator values in `options`, which its types leave out. */
function discriminators(issue: Issue): readonly unknown[] {
  const options: unknown = "options" in issue ? issue.options : undefined;
  return Array.isArray(options) ? options : [];
}

function describeBound(
  origin: string,
  relation: string,
  bound: number | bigint,
): string {
  if (origin === "string") {
    return bound === 1 && relation === "at least"
      ? "text that is not empty"
      : `text of ${relation} ${bound} characters`;
  }
  if (origin === "array") return `a list of ${relation} ${bound} entries`;
  return `a number of ${relation} ${bound}`;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  number: "a number",
  int: "a whole number",
  string: "text",
  boolean: "true or false",
  object: "a group of keys",
  record: "a group of keys",
  array: "a list",
  null: "null",
};

function typeName(expected: string): string {
  return TYPE_NAMES[expected] ?? expected;
}

function describeValue(value: unknown): string {
  if (value === null) return "nothing (null)";
  if (Array.isArray(value)) return `a list of ${value.length} entries`;
  if (typeof value === "object") return "a group of keys";
  if (typeof value === "string") return `the text ${JSON.stringify(value)}`;
  return JSON.stringify(value);
}

function valueAt(value: unknown, path: KeyPath): unknown {
  let current = value;
  for (const step of path) {
    if (current === null || typeof current !== "object") return undefined;
    current = (current as Readonly<Record<string | number, unknown>>)[step];
  }
  return current;
}

function didYouMean(nearest: string | undefined): string {
  return nearest === undefined ? "" : ` Did you mean "${nearest}"?`;
}
