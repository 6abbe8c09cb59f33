/**
 * @file Python's values as text: `str()`, `repr()` and `json.dumps()`.
 *
 * Whatever Python would print with an address or a type of its own is refused: no
 * prompt was ever meant to have that in it.
 */
import {
  compareText,
  isDict,
  isList,
  isTuple,
  isUndefined,
  templateError,
  typeName,
  unsupported,
  type TemplateValue,
} from "./values.js";

/** What `{{ value }}` shows. */
export function toText(value: TemplateValue): string {
  if (typeof value === "string") return value;
  return isUndefined(value) ? "" : represent(value);
}

function represent(value: TemplateValue): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "number") return floatText(value);
  if (typeof value === "string") return quote(value);
  if (isList(value)) return `[${value.map(represent).join(", ")}]`;
  if (isDict(value))
    return `{${[...value].map(([key, item]) => `${quote(key)}: ${represent(item)}`).join(", ")}}`;
  if (isTuple(value)) {
    const items = value.items.map(represent);
    return items.length === 1 ? `(${items.join()},)` : `(${items.join(", ")})`;
  }
  if (isUndefined(value)) return "Undefined";
  throw unsupported(`a printed ${typeName(value)}`);
}

/** Both languages give the shortest digits; they differ in when they use an exponent. */
function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e16 || size < 1e-4))
    return value
      .toExponential()
      .replace(
        /e([+-])(\d)$/,
        (_, sign: string, digit: string) => `e${sign}0${digit}`,
      );
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

/** Python's `repr` of a string. */
function quote(text: string): string {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(/[\\'\p{C}\p{Z}]/gu, (character) => {
    if (character === " ") return character;
    if (character === "'") return mark === "'" ? "\\'" : character;
    const code = character.codePointAt(0) ?? 0;
    const digits = (length: number) => code.toString(16).padStart(length, "0");
    if (code <= 0xff) return ESCAPES[character] ?? `\\x${digits(2)}`;
    return code <= 0xffff ? `\\u${digits(4)}` : `\\U${digits(8)}`;
  });
  return mark + escaped + mark;
}

export interface JsonOptions {
  readonly asciiOnly: boolean;
  /** One level of indentation; null keeps all on one line. */
  readonly indent: string | null;
  readonly itemSeparator: string;
  readonly keySeparator: string;
  readonly sortKeys: boolean;
}

/** Python's `json.dumps`. */
export function toJson(
  value: TemplateValue,
  options: JsonOptions,
  depth = 0,
): string {
  if (value === null) return "null";
  if (typeof value === "boolean" || typeof value === "bigint")
    return String(value);
  if (typeof value === "number") {
    if (Number.isFinite(value)) return floatText(value);
    return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  }
  if (typeof value === "string") return jsonString(value, options);
  const inner = (item: TemplateValue): string =>
    toJson(item, options, depth + 1);
  if (isList(value)) return bracket("[]", value.map(inner), options, depth);
  if (isTuple(value))
    return bracket("[]", value.items.map(inner), options, depth);
  if (isDict(value)) {
    const entries = [...value];
    if (options.sortKeys) entries.sort(([a], [b]) => compareText(a, b));
    const items = entries.map(
      ([key, item]) =>
        jsonString(key, options) + options.keySeparator + inner(item),
    );
    return bracket("{}", items, options, depth);
  }
  throw templateError(
    `Object of type ${typeName(value)} is not JSON serializable`,
  );
}

function bracket(
  marks: "[]" | "{}",
  items: readonly string[],
  { indent, itemSeparator }: JsonOptions,
  depth: number,
): string {
  const [open = "", close = ""] = marks;
  if (items.length === 0) return marks;
  if (indent === null) return open + items.join(itemSeparator) + close;
  const line = `\n${indent.repeat(depth + 1)}`;
  return (
    open +
    line +
    items.join(itemSeparator + line) +
    `\n${indent.repeat(depth)}` +
    close
  );
}

function jsonString(text: string, { asciiOnly }: JsonOptions): string {
  const json = JSON.stringify(text);
  return asciiOnly
    ? json.replace(
        /[^\x20-\x7e]/g,
        (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
      )
    : json;
}
