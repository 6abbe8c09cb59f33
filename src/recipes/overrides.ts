/**
 * @file The same keys as a schema, none of them needed and none filled in: what an arm
 * may say over its recipe, and how the two become one.
 */
import { z } from "zod";

/** Any part of a value; a list is said whole. */
export type Overrides<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [Key in keyof T]?: Overrides<T[Key]> | undefined }
    : T;

/** A shape whose members may be left out, and hold only what is said. */
type OverridesShape<Shape extends Readonly<Record<string, z.ZodType>>> = {
  [Key in keyof Shape]: z.ZodOptional<
    z.ZodType<Overrides<z.output<Shape[Key]>>>
  >;
};

/**
 * The members of an object schema with every key optional at every depth and no
 * default. Checks of single values stay, and so do the marks of paths.
 */
export function overridesOf<Shape extends Readonly<Record<string, z.ZodType>>>(
  shape: Shape,
): OverridesShape<Shape> {
  return Object.fromEntries(
    Object.entries(shape).map(([key, member]) => [
      key,
      withoutDefaults(member).optional(),
    ]),
  ) as OverridesShape<Shape>;
}

function withoutDefaults(schema: z.ZodType): z.ZodType {
  if (
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault ||
    schema instanceof z.ZodOptional
  )
    return withoutDefaults(schema.unwrap() as z.ZodType);
  if (schema instanceof z.ZodNullable)
    return withoutDefaults(schema.unwrap() as z.ZodType).nullable();
  if (schema instanceof z.ZodObject) {
    return z.strictObject(
      overridesOf(schema.shape as Readonly<Record<string, z.ZodType>>),
    );
  }
  return schema;
}

/** `base` with what `over` says, group by group; keys keep the order of `base`. */
export function withOverrides(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isGroup(base) || !isGroup(over)) return over;
  return {
    ...base,
    ...Object.fromEntries(
      Object.entries(over).map(([key, value]) => [
        key,
        withOverrides(base[key], value),
      ]),
    ),
  };
}

function isGroup(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}
