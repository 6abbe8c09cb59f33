/**
 * @file What a recipe schema says about its keys: which are known, which are paths.
 *
 * Walks the forms of zod that recipes are written in: objects, arrays, records,
 * unions, and the wrappers around them. A form it does not know has no keys.
 */
import { z } from "zod";

const PATHS = z.registry<{ readonly kind: PathKind }>();

/** A file or folder; or a model, which may also be a Hub id. */
export type PathKind = "path" | "model";

/**
 * A file or folder. In the recipe it may be relative, and then to the folder of
 * the recipe file; after loading it is absolute.
 */
export function recipePath(): z.ZodString {
  return z.string().min(1).register(PATHS, { kind: "path" });
}

/**
 * A model: a checkpoint or adapter folder, or a Hub id (owner/name, or
 * owner/name@revision). What looks like an id is one unless a folder of that name
 * lies beside the recipe.
 */
export function recipeModel(): z.ZodString {
  return z.string().min(1).register(PATHS, { kind: "model" });
}

/** Letters of any script first, so that neither "..", a path nor a control code can be one. */
const FOLDER_NAME = /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_ .-]{0,99}(?<![ .-])$/u;

/** The name of a recipe or an arm, which also names a folder. */
export function recipeName(): z.ZodString {
  return z
    .string()
    .refine(
      (name) => FOLDER_NAME.test(name),
      "It names a folder, so it needs letters, digits, spaces, `_`, `.` and `-`, at most 100, and begins and ends with a letter, a digit or `_`.",
    );
}

/** One step from a value to a member: an object key or a list index. */
export type KeyPath = readonly (string | number)[];

/** "rounds[0].candidates.n"; the recipe itself is "(recipe)". */
export function formatKeyPath(path: KeyPath): string {
  return path.length === 0
    ? "(recipe)"
    : path
        .map((step, index) =>
          typeof step === "number"
            ? `[${step}]`
            : index === 0
              ? step
              : `.${step}`,
        )
        .join("");
}

/** The keys that the schema allows in the object at `path`, in order. */
export function knownKeys(schema: z.ZodType, path: KeyPath): string[] {
  return formsAt(schema, path).flatMap((form) =>
    form instanceof z.ZodObject ? Object.keys(form.shape) : [],
  );
}

/** Paths of all object keys of the schema, parents before children; list members are skipped. */
export function allKeyPaths(schema: z.ZodType): KeyPath[] {
  const below = (form: z.ZodType, path: KeyPath): KeyPath[] =>
    unwrap(form).flatMap((plain) =>
      plain instanceof z.ZodObject
        ? Object.entries(plain.shape).flatMap(([key, member]) => [
            [...path, key],
            ...below(member as z.ZodType, [...path, key]),
          ])
        : [],
    );
  return below(schema, []);
}

/** The same of the object at `path` alone; whole paths. */
export function keyPathsBelow(schema: z.ZodType, path: KeyPath): KeyPath[] {
  return formsAt(schema, path)
    .flatMap(allKeyPaths)
    .map((below) => [...path, ...below]);
}

/** What kind of path the schema has at `path`; undefined where it has none. */
export function pathKindAt(
  schema: z.ZodType,
  path: KeyPath,
): PathKind | undefined {
  return formsAt(schema, path)
    .map((form) => PATHS.get(form)?.kind)
    .find((kind) => kind !== undefined);
}

function formsAt(schema: z.ZodType, path: KeyPath): z.ZodType[] {
  let forms = unwrap(schema);
  for (const step of path) {
    forms = forms.flatMap((form) => {
      const member = memberOf(form, step);
      return member === undefined ? [] : unwrap(member);
    });
  }
  return forms;
}

function memberOf(
  form: z.ZodType,
  step: string | number,
): z.ZodType | undefined {
  if (form instanceof z.ZodObject) {
    const shape = form.shape as Readonly<Record<string, z.ZodType>>;
    return Object.hasOwn(shape, step) ? shape[step] : undefined;
  }
  if (form instanceof z.ZodArray) return form.element as z.ZodType;
  if (form instanceof z.ZodRecord) return form.valueType as z.ZodType;
  return undefined;
}

/** The schema without optional, default and the like; every arm of a union. */
function unwrap(schema: z.ZodType): z.ZodType[] {
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodExactOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodReadonly
  ) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  if (schema instanceof z.ZodPipe) return unwrap(schema.in as z.ZodType);
  if (schema instanceof z.ZodUnion) {
    return (schema.options as z.ZodType[]).flatMap(unwrap);
  }
  return [schema];
}
