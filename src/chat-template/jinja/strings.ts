/**
 * @file Python's methods of `str`, as chat templates call them.
 *
 * White space is Python's, which is not JavaScript's: U+FEFF is none, U+0085 and
 * U+001C to U+001F are. Positions count code points.
 */
import { SPACE, strip } from "../../text/python/strings.js";
import {
  type Arguments,
  isTuple,
  templateError,
  unsupported,
  type TemplateValue,
} from "./values.js";

const WORDS = new RegExp(`[^${SPACE}]+`, "gu");

export function capitalize(text: string): string {
  const [first = "", ...rest] = text;
  return first.toUpperCase() + rest.join("").toLowerCase();
}

function title(text: string): string {
  return text.replace(/\p{Cased}+/gu, capitalize);
}

/** Replaces at most `count` times, or everywhere where it is negative. */
export function replace(
  text: string,
  [old, next]: readonly [string, string],
  count: number,
): string {
  const parts = old === "" ? ["", ...text, ""] : text.split(old);
  const cuts = count < 0 ? parts.length - 1 : Math.min(count, parts.length - 1);
  return (
    parts.slice(0, cuts + 1).join(next) +
    parts
      .slice(cuts + 1)
      .map((part) => old + part)
      .join("")
  );
}

function split(
  text: string,
  separator: string | null,
  limit: number,
): string[] {
  if (separator === "") throw templateError("empty separator");
  const found =
    separator === null
      ? [...text.matchAll(WORDS)].map(({ 0: word, index }) => ({ word, index }))
      : null;
  if (found === null) {
    const parts = text.split(separator ?? "");
    return limit < 0 || parts.length <= limit + 1
      ? parts
      : [...parts.slice(0, limit), parts.slice(limit).join(separator ?? "")];
  }
  const words = found.map(({ word }) => word);
  const rest = limit < 0 ? undefined : found[limit];
  return rest === undefined
    ? words
    : [
        ...words.slice(0, limit),
        // What remains keeps the white space at its end.
        text.slice(rest.index),
      ];
}

function rightSplit(text: string, separator: string, limit: number): string[] {
  const parts = split(text, separator, -1);
  const whole = limit < 0 ? 0 : Math.max(0, parts.length - 1 - limit);
  return [parts.slice(0, whole + 1).join(separator), ...parts.slice(whole + 1)];
}

function find(text: string, units: number): bigint {
  return units < 0 ? -1n : BigInt([...text.slice(0, units)].length);
}

function affix(given: TemplateValue, test: (text: string) => boolean): boolean {
  if (typeof given === "string") return test(given);
  if (isTuple(given))
    return given.items.some((item) => typeof item === "string" && test(item));
  throw templateError("startswith/endswith need a str or a tuple of str");
}

/** Reads a method's arguments by position or name; what is left over is an error. */
function reader(method: string, [positional, named]: Arguments) {
  const rest = new Map(named);
  let taken = 0;
  const value = (name: string): TemplateValue | undefined => {
    const given = positional[taken++] ?? rest.get(name);
    rest.delete(name);
    return given;
  };
  const wrong = (name: string) =>
    templateError(`str.${method}() cannot use what it is given as ${name}`);
  return {
    value,
    text(name: string): string {
      const given = value(name);
      if (typeof given !== "string") throw wrong(name);
      return given;
    },
    optionalText(name: string): string | null {
      const given = value(name) ?? null;
      if (given !== null && typeof given !== "string") throw wrong(name);
      return given;
    },
    count(name: string): number {
      const given = value(name) ?? -1n;
      if (typeof given !== "bigint") throw wrong(name);
      return Number(given);
    },
    end(): void {
      if (positional.length > taken || rest.size > 0)
        throw unsupported(`str.${method}() with these arguments`);
    },
  };
}

type Method = (text: string, given: ReturnType<typeof reader>) => TemplateValue;

const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ["upper", (text) => text.toUpperCase()],
  ["lower", (text) => text.toLowerCase()],
  ["capitalize", (text) => capitalize(text)],
  ["title", (text) => title(text)],
  ["strip", (text, given) => strip(text, given.optionalText("chars"))],
  ["lstrip", (text, given) => strip(text, given.optionalText("chars"), "left")],
  [
    "rstrip",
    (text, given) => strip(text, given.optionalText("chars"), "right"),
  ],
  [
    "startswith",
    (text, given) =>
      affix(given.value("prefix") ?? null, (part) => text.startsWith(part)),
  ],
  [
    "endswith",
    (text, given) =>
      affix(given.value("suffix") ?? null, (part) => text.endsWith(part)),
  ],
  [
    "split",
    (text, given) =>
      split(text, given.optionalText("sep"), given.count("maxsplit")),
  ],
  [
    "rsplit",
    (text, given) =>
      rightSplit(text, given.text("sep"), given.count("maxsplit")),
  ],
  [
    "replace",
    (text, given) =>
      replace(
        text,
        [given.text("old"), given.text("new")],
        given.count("count"),
      ),
  ],
  ["find", (text, given) => find(text, text.indexOf(given.text("sub")))],
  ["rfind", (text, given) => find(text, text.lastIndexOf(given.text("sub")))],
  [
    "count",
    (text, given) => {
      const part = given.text("sub");
      return BigInt(
        (part === "" ? [...text] : text.split(part)).length -
          (part === "" ? -1 : 1),
      );
    },
  ],
  [
    "removeprefix",
    (text, given) => {
      const part = given.text("prefix");
      return text.startsWith(part) ? text.slice(part.length) : text;
    },
  ],
  [
    "removesuffix",
    (text, given) => {
      const part = given.text("suffix");
      return text.endsWith(part)
        ? text.slice(0, text.length - part.length)
        : text;
    },
  ],
]);

/** Methods of Python that a template could call and that are not here. */
const MISSING: ReadonlySet<string> = new Set(
  "casefold center encode expandtabs format format_map index isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace istitle isupper join ljust maketrans partition rindex rjust rpartition splitlines swapcase translate zfill".split(
    " ",
  ),
);

/** The bound method of this name, or null where Python's `str` has none. */
export function stringMethod(text: string, name: string): TemplateValue | null {
  if (MISSING.has(name)) throw unsupported(`str.${name}()`);
  const method = METHODS.get(name);
  if (!method) return null;
  return {
    kind: "function",
    name,
    call(...given) {
      const read = reader(name, given);
      const result = method(text, read);
      read.end();
      return result;
    },
  };
}
