/**
 * @file Jinja's filters and tests, as far as chat templates use them, and no further:
 * any other is refused by name when a template comes to it.
 */
import { binary, entryPairs, subscript } from "./operators.js";
import { strip } from "../../text/python/strings.js";
import { capitalize, replace } from "./strings.js";
import { type JsonOptions, toJson, toText } from "./text.js";
import {
  type Arguments,
  compare,
  isCallable,
  isDict,
  isEqual,
  isList,
  isTrue,
  isTuple,
  isUndefined,
  iterate,
  kindOf,
  lengthOf,
  numericValue,
  templateError,
  typeName,
  undefinedValue,
  unsupported,
  type TemplateValue,
} from "./values.js";

/** A filter's arguments by the names and in the order that Jinja gives them. */
type Read = (name: string, otherwise: TemplateValue) => TemplateValue;

type Filter = (value: TemplateValue, read: Read) => TemplateValue;

const FILTERS: ReadonlyMap<string, Filter> = new Map<string, Filter>([
  ["abs", (value) => absolute(value)],
  ["capitalize", (value) => capitalize(toText(value))],
  ["count", lengthOf],
  ["default", otherwise],
  ["d", otherwise],
  ["first", (value) => end(value, 0)],
  ["float", (value, read) => toFloat(value) ?? read("default", 0)],
  ["indent", indent],
  ["int", (value, read) => toInt(value) ?? read("default", 0n)],
  ["items", items],
  ["join", join],
  ["last", (value) => end(value, -1)],
  ["length", lengthOf],
  ["list", (value) => [...iterate(value)]],
  ["lower", (value) => toText(value).toLowerCase()],
  ["replace", replaced],
  ["reverse", reversed],
  ["sort", sorted],
  ["string", (value) => toText(value)],
  ["title", (value) => titled(toText(value))],
  ["tojson", (value, read) => toJson(value, jsonOptions(read))],
  ["trim", (value, read) => strip(toText(value), characters(read))],
  ["upper", (value) => toText(value).toUpperCase()],
]);

/** These take the name of a test or an attribute, and any arguments after it. */
const CHOOSERS: ReadonlySet<string> = new Set([
  "map",
  "select",
  "reject",
  "selectattr",
  "rejectattr",
]);

/**
 * `value | name(…)`.
 * @throws on a filter that is not known here, and where the filter throws in Jinja
 */
export function applyFilter(
  name: string,
  value: TemplateValue,
  given: Arguments,
): TemplateValue {
  if (CHOOSERS.has(name)) return choose(name, value, given);
  const filter = FILTERS.get(name);
  if (!filter) throw unsupported(`the filter "${name}"`);
  const [positional, named] = given;
  const rest = new Map(named);
  let taken = 0;
  const result = filter(value, (argument, fallback) => {
    const found = positional[taken++] ?? rest.get(argument) ?? fallback;
    rest.delete(argument);
    return found;
  });
  const isUsedUp = taken >= positional.length && rest.size === 0;
  if (!isUsedUp && name !== "int" && name !== "float")
    throw unsupported(`the filter "${name}" with these arguments`);
  return result;
}

function characters(read: Read): string | null {
  const given = read("chars", null);
  if (given === null || typeof given === "string") return given;
  throw unsupported(`the filter "trim" with a ${typeName(given)}`);
}

function absolute(value: TemplateValue): TemplateValue {
  const number = numericValue(value);
  if (number === null)
    throw templateError(`bad operand type for abs(): '${typeName(value)}'`);
  return number < 0 ? -number : number;
}

function otherwise(value: TemplateValue, read: Read): TemplateValue {
  const fallback = read("default_value", "");
  const alsoFalse = isTrue(read("boolean", false));
  return isUndefined(value) || (alsoFalse && !isTrue(value)) ? fallback : value;
}

function end(value: TemplateValue, index: 0 | -1): TemplateValue {
  if (kindOf(value)?.kind === "iterable" && index === -1)
    throw unsupported(`the filter "last" on a ${typeName(value)}`);
  return iterate(value).at(index) ?? undefinedValue("the sequence was empty");
}

/** null where Python cannot make an int of it. */
function toInt(value: TemplateValue): bigint | null {
  if (isUndefined(value)) throw templateError(value.reason);
  const number =
    typeof value === "string" ? fromDigits(value) : numericValue(value);
  if (number === null || typeof number === "bigint") return number;
  return Number.isFinite(number) ? BigInt(Math.trunc(number)) : null;
}

function toFloat(value: TemplateValue): number | null {
  if (isUndefined(value)) throw templateError(value.reason);
  const number =
    typeof value === "string" ? fromDigits(value) : numericValue(value);
  return number === null ? null : Number(number);
}

function fromDigits(text: string): bigint | number | null {
  const digits = strip(text);
  if (/^[+-]?\d+$/.test(digits)) return BigInt(digits.replace("+", ""));
  if (/^[+-]?(\d+\.\d*|\.\d+|\d+)(e[+-]?\d+)?$/i.test(digits))
    return Number(digits);
  // Python also takes underscores, other scripts' digits, "inf" and "nan".
  if (/[\d_]|inf|nan/i.test(digits) && !/[^\p{Nd}_.+\-einfaty]/iu.test(digits))
    throw unsupported(`the number "${text}"`);
  return null;
}

function indent(value: TemplateValue, read: Read): TemplateValue {
  const width = read("width", 4n);
  const first = isTrue(read("first", false));
  const blank = isTrue(read("blank", false));
  if (
    typeof value !== "string" ||
    /[\r\v\f\x1c-\x1e\x85\u2028\u2029]/.test(value)
  )
    throw unsupported('the filter "indent" on anything but lines of text');
  const space =
    typeof width === "bigint" ? " ".repeat(Number(width)) : toText(width);
  return value
    .split("\n")
    .map((line, index) =>
      (index === 0 && !first) || (line === "" && !blank && index > 0)
        ? line
        : space + line,
    )
    .join("\n");
}

function items(value: TemplateValue): TemplateValue {
  if (isUndefined(value)) return generator([]);
  if (isDict(value)) return generator(entryPairs(value));
  throw templateError("Can only get item pairs from a mapping.");
}

function join(value: TemplateValue, read: Read): TemplateValue {
  const between = toText(read("d", ""));
  const by = read("attribute", null);
  const parts = iterate(value);
  return (by === null ? parts : parts.map((part) => path(part, by)))
    .map(toText)
    .join(between);
}

function replaced(value: TemplateValue, read: Read): TemplateValue {
  const [old, next] = [read("old", null), read("new", null)];
  const count = read("count", null);
  if (
    typeof old !== "string" ||
    typeof next !== "string" ||
    (count !== null && typeof count !== "bigint")
  )
    throw unsupported('the filter "replace" with these arguments');
  return replace(toText(value), [old, next], Number(count ?? -1n));
}

function reversed(value: TemplateValue): TemplateValue {
  if (typeof value === "string") return [...value].reverse().join("");
  return generator([...iterate(value)].reverse());
}

function sorted(value: TemplateValue, read: Read): TemplateValue {
  const backwards = isTrue(read("reverse", false));
  const exact = isTrue(read("case_sensitive", false));
  const by = read("attribute", null);
  const key = (item: TemplateValue): TemplateValue => {
    const found = by === null ? item : path(item, by);
    return typeof found === "string" && !exact ? found.toLowerCase() : found;
  };
  // Python keeps equal items in their order, backwards too.
  return [...iterate(value)].sort(
    (a, b) => compare(key(a), key(b)) * (backwards ? -1 : 1),
  );
}

function titled(text: string): string {
  return text
    .split(/([-\s({[<]+)/u)
    .map(capitalize)
    .join("");
}

function jsonOptions(read: Read): JsonOptions {
  const asciiOnly = isTrue(read("ensure_ascii", false));
  const indentation = read("indent", null);
  const separators = read("separators", null);
  const sortKeys = isTrue(read("sort_keys", false));
  const indent =
    typeof indentation === "bigint"
      ? " ".repeat(Math.max(0, Number(indentation)))
      : indentation === null
        ? null
        : toText(indentation);
  const [itemSeparator, keySeparator] =
    separators === null
      ? [indent === null ? ", " : ",", ": "]
      : iterate(separators).map(toText);
  if (itemSeparator === undefined || keySeparator === undefined)
    throw templateError("separators must be a pair of strings");
  return { asciiOnly, indent, itemSeparator, keySeparator, sortKeys };
}

function generator(values: readonly TemplateValue[]): TemplateValue {
  return {
    kind: "iterable",
    name: "generator",
    items: values,
    isGenerator: true,
  };
}

/** Jinja's `attribute`: names and positions with dots between them. */
function path(value: TemplateValue, by: TemplateValue): TemplateValue {
  return toText(by)
    .split(".")
    .reduce(
      (object: TemplateValue, part) =>
        subscript(object, /^\d+$/.test(part) ? BigInt(part) : part),
      value,
    );
}

function choose(
  name: string,
  value: TemplateValue,
  [positional, named]: Arguments,
): TemplateValue {
  const all = iterate(value);
  const [first, ...more] = positional;
  if (name === "map") {
    const by = named.get("attribute");
    const fallback = named.get("default");
    if (by === undefined) {
      if (typeof first !== "string") throw unsupported("this form of map");
      const rest: Arguments = [more, named];
      return generator(all.map((item) => applyFilter(first, item, rest)));
    }
    if (first !== undefined || named.size > (fallback === undefined ? 1 : 2))
      throw unsupported("this form of map");
    return generator(
      all.map((item) => {
        const found = path(item, by);
        return isUndefined(found) ? (fallback ?? found) : found;
      }),
    );
  }
  const byAttribute = name.endsWith("attr");
  const [test, ...rest] = byAttribute ? more : positional;
  if (
    named.size > 0 ||
    (byAttribute && first === undefined) ||
    (test !== undefined && typeof test !== "string")
  )
    throw unsupported(`this form of ${name}`);
  const wanted = name.startsWith("select");
  return generator(
    all.filter((item) => {
      const subject = byAttribute ? path(item, first ?? null) : item;
      return (
        (test === undefined
          ? isTrue(subject)
          : applyTest(test, subject, rest)) === wanted
      );
    }),
  );
}

const TESTS: ReadonlyMap<string, (value: TemplateValue) => boolean> = new Map<
  string,
  (value: TemplateValue) => boolean
>([
  ["boolean", (value) => typeof value === "boolean"],
  ["callable", isCallable],
  ["defined", (value) => !isUndefined(value)],
  ["even", (value) => isEqual(binary("%", value, 2n), 0n)],
  ["false", (value) => value === false],
  ["float", (value) => typeof value === "number"],
  ["integer", (value) => typeof value === "bigint"],
  ["iterable", isIterable],
  ["lower", (value) => isCase(value, "toLowerCase")],
  ["mapping", isDict],
  ["none", (value) => value === null],
  ["number", (value) => numericValue(value) !== null],
  ["odd", (value) => isEqual(binary("%", value, 2n), 1n)],
  ["sequence", isSequence],
  ["string", (value) => typeof value === "string"],
  ["true", (value) => value === true],
  ["undefined", isUndefined],
  ["upper", (value) => isCase(value, "toUpperCase")],
]);

/** Tests that are operators by another name. */
const COMPARISONS: ReadonlyMap<string, string> = new Map([
  ["eq", "=="],
  ["equalto", "=="],
  ["==", "=="],
  ["ne", "!="],
  ["!=", "!="],
  ["in", "in"],
  ["lt", "<"],
  ["lessthan", "<"],
  ["<", "<"],
  ["le", "<="],
  ["<=", "<="],
  ["gt", ">"],
  ["greaterthan", ">"],
  [">", ">"],
  ["ge", ">="],
  [">=", ">="],
]);

/** `value is name`, with `more` where a filter hands it on. */
export function applyTest(
  name: string,
  value: TemplateValue,
  more: readonly TemplateValue[] = [],
): boolean {
  const operator = COMPARISONS.get(name);
  const [other] = more;
  if (operator !== undefined && other !== undefined && more.length === 1)
    return isTrue(binary(operator, value, other));
  const test = TESTS.get(name);
  if (!test || more.length > 0) throw unsupported(`the test "${name}"`);
  return test(value);
}

function isIterable(value: TemplateValue): boolean {
  const kinded = kindOf(value);
  return kinded === null
    ? typeof value === "string" || isList(value) || isDict(value)
    : kinded.kind !== "attributes" && kinded.kind !== "function";
}

/** Whatever has a length and subscripts, a dict too. */
function isSequence(value: TemplateValue): boolean {
  const kinded = kindOf(value);
  if (kinded?.kind === "iterable") return kinded.name === "range";
  return isIterable(value) || isTuple(value);
}

function isCase(
  value: TemplateValue,
  change: "toLowerCase" | "toUpperCase",
): boolean {
  const text = toText(value);
  return /\p{Cased}/u.test(text) && text[change]() === text;
}
