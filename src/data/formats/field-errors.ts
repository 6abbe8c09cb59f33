/**
 * @file Checking a parsed row against its format and saying where it fails: file,
 * line, field, what was found, what to do.
 */
import type { z } from "zod";
import { AutodidactError } from "../../foundation/error.js";
import { writtenAs } from "../../foundation/json-lines.js";

/** Where a row stands in its file. */
export interface RowPlace {
  readonly path: string;
  /** 1-based line on which the row begins. */
  readonly line: number;
}

/** What a format is called and how a row of it looks, for messages. */
export interface FormatDescription {
  readonly name: string;
  /** A smallest correct row. */
  readonly example: string;
}

/** The row as its type. @throws BAD_INPUT naming file, line and field */
export function checkRow<T>(
  value: unknown,
  schema: z.ZodType<T>,
  where: RowPlace & { readonly format: FormatDescription },
): T {
  const result = schema.safeParse(value);
  if (result.success) return writtenAs(result.data, value);
  const { path, line, format } = where;
  const issue = result.error.issues[0];
  const field = fieldName(issue?.path ?? []);
  const found = describe(valueAt(value, issue?.path ?? []));
  const problem =
    issue?.code === "unrecognized_keys"
      ? `the field “${issue.keys[0]}” does not belong to ${format.name}`
      : field === ""
        ? `the row is ${found}, which is not what ${format.name} has`
        : found === "missing"
          ? `the field “${field}” is missing`
          : `the field “${field}” is ${found}: ${issue?.message ?? "it does not fit"}`;
  throw rowError(
    { path, line },
    problem,
    `A row of ${format.name} looks like ${format.example}.`,
    field,
  );
}

/** The one form that errors about a row take. */
export function rowError(
  place: RowPlace,
  problem: string,
  remedy: string,
  field = "",
): AutodidactError {
  return new AutodidactError(
    "BAD_INPUT",
    `${place.path}, line ${place.line}: ${problem}. ${remedy}`,
    {
      path: place.path,
      line: place.line,
      ...(field === "" ? {} : { field }),
    },
  );
}

/** A file without a single row is almost surely the wrong one. */
export function emptyFileError(
  path: string,
  format: FormatDescription,
): AutodidactError {
  return new AutodidactError(
    "BAD_INPUT",
    `${path} has no rows. Give a file with at least one row of ${format.name}, such as ${format.example}.`,
    { path },
  );
}

function fieldName(path: readonly PropertyKey[]): string {
  return path
    .map((step) =>
      typeof step === "number" ? `[${step}]` : `.${String(step)}`,
    )
    .join("")
    .replace(/^\./u, "");
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      inner !== null && typeof inner === "object"
        ? (inner as Record<PropertyKey, unknown>)[step]
        : undefined,
    value,
  );
}

function describe(value: unknown): string {
  if (value === undefined) return "missing";
  if (value === null) return "null";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object") return "an object";
  if (typeof value === "string") {
    return value.trim() === "" ? "empty" : "text";
  }
  return typeof value === "bigint"
    ? `the whole number ${value}, too large to compute with`
    : `the ${typeof value} ${JSON.stringify(value)}`;
}
