/**
 * @file Python's values inside a chat template, and what Python says of them.
 *
 * JavaScript's own types stand for Python's where they mean the same: `bigint` is
 * an int, `number` a float, an array a list, a `Map` a dict with string keys. What
 * Python has and JavaScript has not carries a `kind`.
 */
import { AutodidactError } from "../../foundation/error.js";

/** Jinja's undefined: empty where it is shown, an error where it is used. */
export interface Undefined {
  readonly kind: "undefined";
  /** Why it is undefined, as Jinja words it. */
  readonly reason: string;
}

export interface Tuple {
  readonly kind: "tuple";
  readonly items: readonly TemplateValue[];
}

/** A range, a dict's view or a generator. */
export interface Iterable {
  readonly kind: "iterable";
  readonly name: string;
  /** Emptied by the first pass over a generator. */
  items: readonly TemplateValue[];
  /** A generator has no length, is always true and can be read once. */
  readonly isGenerator: boolean;
}

/** A namespace, or the `loop` of a for statement. */
export interface Attributes {
  readonly kind: "attributes";
  readonly name: string;
  readonly values: Map<string, TemplateValue>;
  readonly isAssignable: boolean;
}

export type Arguments = readonly [
  positional: readonly TemplateValue[],
  named: ReadonlyMap<string, TemplateValue>,
];

export interface Callable {
  readonly kind: "function";
  readonly name: string;
  call(...given: Arguments): TemplateValue;
}

export type Dict = ReadonlyMap<string, TemplateValue>;

export type TemplateValue =
  | string
  | boolean
  | bigint
  | number
  | null
  | readonly TemplateValue[]
  | Dict
  | Undefined
  | Tuple
  | Iterable
  | Attributes
  | Callable;

type Kinded = Undefined | Tuple | Iterable | Attributes | Callable;

/**
 * An error a template runs into. The reason alone: whoever renders knows the file and
 * says what to do.
 */
export function templateError(reason: string): AutodidactError {
  return new AutodidactError("BAD_CHECKPOINT", reason);
}

/** An error for what Jinja has and this program has not. */
export function unsupported(what: string): AutodidactError {
  return templateError(`it uses ${what}, which is not supported`);
}

export function undefinedValue(reason: string): Undefined {
  return { kind: "undefined", reason };
}

/** A JSON value as Python's `json` reads it; members that are undefined are left out. */
export function fromJson(value: unknown): TemplateValue {
  if (typeof value === "number")
    return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value === "string" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== "object" || value === null) return null;
  return new Map(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([key, member]) => [key, fromJson(member)]),
  );
}

export function isList(
  value: TemplateValue,
): value is readonly TemplateValue[] {
  return Array.isArray(value);
}

export function isDict(value: TemplateValue): value is Dict {
  return value instanceof Map;
}

/** The kind of a value that JavaScript has no type for, else null. */
export function kindOf(value: TemplateValue): Kinded | null {
  return typeof value === "object" &&
    value !== null &&
    !isList(value) &&
    !isDict(value)
    ? value
    : null;
}

export function isUndefined(value: TemplateValue): value is Undefined {
  return kindOf(value)?.kind === "undefined";
}

export function isTuple(value: TemplateValue): value is Tuple {
  return kindOf(value)?.kind === "tuple";
}

export function isCallable(value: TemplateValue): value is Callable {
  return kindOf(value)?.kind === "function";
}

/** Int, float or bool as a number; null for anything else. */
export function numericValue(value: TemplateValue): bigint | number | null {
  if (typeof value === "boolean") return value ? 1n : 0n;
  return typeof value === "bigint" || typeof value === "number" ? value : null;
}

/** What Python calls the type, for messages. */
export function typeName(value: TemplateValue): string {
  if (value === null) return "NoneType";
  if (typeof value === "string") return "str";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return "float";
  if (isList(value)) return "list";
  if (isDict(value)) return "dict";
  const kinded = kindOf(value);
  return kinded?.kind === "iterable" || kinded?.kind === "attributes"
    ? kinded.name
    : (kinded?.kind ?? "object");
}

export function isTrue(value: TemplateValue): boolean {
  if (isList(value)) return value.length > 0;
  if (isDict(value)) return value.size > 0;
  const kinded = kindOf(value);
  switch (kinded?.kind) {
    case "undefined":
      return false;
    case "tuple":
      return kinded.items.length > 0;
    case "iterable":
      return kinded.isGenerator || kinded.items.length > 0;
    case "attributes":
    case "function":
      return true;
    case undefined:
      return Boolean(value);
  }
}

/**
 * What a for loop sees. Uses a generator up.
 * @throws on a value Python cannot iterate over
 */
export function iterate(value: TemplateValue): readonly TemplateValue[] {
  if (typeof value === "string") return [...value];
  if (isList(value)) return value;
  if (isDict(value)) return [...value.keys()];
  const kinded = kindOf(value);
  if (kinded?.kind === "undefined") return [];
  if (kinded?.kind === "tuple") return kinded.items;
  if (kinded?.kind === "iterable") {
    const { items } = kinded;
    if (kinded.isGenerator) kinded.items = [];
    return items;
  }
  throw templateError(`'${typeName(value)}' object is not iterable`);
}

/** @throws on a value that has no length in Python */
export function lengthOf(value: TemplateValue): bigint {
  const kinded = kindOf(value);
  if (
    typeof value !== "string" &&
    !isList(value) &&
    !isDict(value) &&
    (kinded === null ||
      kinded.kind === "attributes" ||
      kinded.kind === "function" ||
      (kinded.kind === "iterable" && kinded.isGenerator))
  )
    throw templateError(`object of type '${typeName(value)}' has no len()`);
  return BigInt(iterate(value).length);
}

/** Python's `==`. */
export function isEqual(left: TemplateValue, right: TemplateValue): boolean {
  const [a, b] = [numericValue(left), numericValue(right)];
  // Deliberately loose: 1n == 1 is Python's 1 == 1.0.
  if (a !== null && b !== null) return a == b;
  if (isList(left) && isList(right)) return sameItems(left, right);
  if (isTuple(left) && isTuple(right))
    return sameItems(left.items, right.items);
  if (isUndefined(left) && isUndefined(right)) return true;
  if (isDict(left) && isDict(right))
    return (
      left.size === right.size &&
      [...left].every(([key, value]) => {
        const other = right.get(key);
        return other !== undefined && isEqual(value, other);
      })
    );
  return left === right;
}

function sameItems(
  a: readonly TemplateValue[],
  b: readonly TemplateValue[],
): boolean {
  return (
    a.length === b.length &&
    a.every((item, index) => isEqual(item, b[index] ?? null))
  );
}

/**
 * Python's order: negative, zero or positive.
 * @throws on values that Python does not order
 */
export function compare(left: TemplateValue, right: TemplateValue): number {
  const [a, b] = [numericValue(left), numericValue(right)];
  if (a !== null && b !== null) return a < b ? -1 : a > b ? 1 : 0;
  if (typeof left === "string" && typeof right === "string")
    return compareText(left, right);
  if (isUndefined(left)) throw templateError(left.reason);
  if (isUndefined(right)) throw templateError(right.reason);
  throw templateError(
    `'${typeName(left)}' and '${typeName(right)}' cannot be put in order`,
  );
}

/** By code points, where JavaScript's order is by UTF-16 units. */
export function compareText(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const difference =
      (a[index]?.codePointAt(0) ?? 0) - (b[index]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Python's `needle in haystack`. */
export function contains(
  haystack: TemplateValue,
  needle: TemplateValue,
): boolean {
  if (typeof haystack === "string") {
    if (typeof needle !== "string")
      throw templateError(
        `'in <string>' requires string as left operand, not ${typeName(needle)}`,
      );
    return haystack.includes(needle);
  }
  if (isDict(haystack))
    return typeof needle === "string" && haystack.has(needle);
  return iterate(haystack).some((item) => isEqual(item, needle));
}
