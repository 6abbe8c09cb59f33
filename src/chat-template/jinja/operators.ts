/**
 * @file Python's operators, attributes and subscripts inside a chat template.
 *
 * Each throws where Python throws, above all on an undefined value: a prompt that
 * silently misses a part is worse than none.
 */
import { stringMethod } from "./strings.js";
import { toText } from "./text.js";
import {
  compare,
  contains,
  type Dict,
  isDict,
  isEqual,
  isList,
  isTuple,
  isUndefined,
  iterate,
  kindOf,
  numericValue,
  templateError,
  typeName,
  undefinedValue,
  unsupported,
  type TemplateValue,
} from "./values.js";

/** Operators that any two values have. */
const GENERAL: Readonly<
  Record<string, (left: TemplateValue, right: TemplateValue) => TemplateValue>
> = {
  "==": isEqual,
  "!=": (left, right) => !isEqual(left, right),
  in: (left, right) => contains(right, left),
  "not in": (left, right) => !contains(right, left),
  "~": (left, right) => toText(left) + toText(right),
  "<": (left, right) => compare(left, right) < 0,
  ">": (left, right) => compare(left, right) > 0,
  "<=": (left, right) => compare(left, right) <= 0,
  ">=": (left, right) => compare(left, right) >= 0,
};

/** Any binary operator but `and` and `or`, which do not always need both sides. */
export function binary(
  operator: string,
  left: TemplateValue,
  right: TemplateValue,
): TemplateValue {
  const general = GENERAL[operator];
  return general === undefined
    ? calculate(operator, left, right)
    : general(left, right);
}

function calculate(
  operator: string,
  left: TemplateValue,
  right: TemplateValue,
): TemplateValue {
  for (const side of [left, right])
    if (isUndefined(side)) throw templateError(side.reason);
  const [a, b] = [numericValue(left), numericValue(right)];
  if (a !== null && b !== null)
    return typeof a === "bigint" && typeof b === "bigint"
      ? withInts(operator, a, b)
      : withFloats(operator, Number(a), Number(b));
  if (operator === "+") {
    if (typeof left === "string" && typeof right === "string")
      return left + right;
    if (isList(left) && isList(right)) return [...left, ...right];
    if (isTuple(left) && isTuple(right))
      return { kind: "tuple", items: [...left.items, ...right.items] };
  }
  if (operator === "*" && typeof right === "bigint") {
    const times = Math.max(0, Number(right));
    if (typeof left === "string") return left.repeat(times);
    if (isList(left)) return Array.from({ length: times }, () => left).flat();
  }
  if (operator === "%" && typeof left === "string")
    throw unsupported("the % of a str");
  throw templateError(
    `unsupported operand type(s) for ${operator}: '${typeName(left)}' and '${typeName(right)}'`,
  );
}

/** Python rounds down where JavaScript cuts off. */
const remainder = (a: bigint, b: bigint): bigint => ((a % b) + b) % b;

const OF_INTS: Readonly<
  Record<string, (a: bigint, b: bigint) => TemplateValue>
> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => Number(a) / Number(b),
  "//": (a, b) => (a - remainder(a, b)) / b,
  "%": remainder,
  "**": (a, b) => (b < 0n ? withFloats("**", Number(a), Number(b)) : a ** b),
};

const OF_FLOATS: Readonly<Record<string, (a: number, b: number) => number>> = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
};

const DIVISIONS = ["/", "//", "%"];

function withInts(operator: string, a: bigint, b: bigint): TemplateValue {
  if (DIVISIONS.includes(operator) && b === 0n)
    throw templateError("division by zero");
  const answer = OF_INTS[operator]?.(a, b);
  if (answer === undefined) throw unsupported(`the operator ${operator}`);
  return answer;
}

function withFloats(operator: string, a: number, b: number): TemplateValue {
  if (DIVISIONS.includes(operator) && b === 0)
    throw templateError("float division by zero");
  const answer = OF_FLOATS[operator]?.(a, b);
  if (answer === undefined)
    throw unsupported(`the operator ${operator} with floats`);
  return answer;
}

/** `-value` and `+value`. */
export function signedValue(
  operator: string,
  value: TemplateValue,
): TemplateValue {
  const number = numericValue(value);
  if (number === null)
    throw templateError(
      isUndefined(value)
        ? value.reason
        : `bad operand type for unary ${operator}: '${typeName(value)}'`,
    );
  return operator === "-" ? -number : number;
}

/** `object.name`: what the type has comes before what a dict holds. */
export function attribute(object: TemplateValue, name: string): TemplateValue {
  return (
    own(object, name) ??
    (isDict(object) ? object.get(name) : undefined) ??
    missing(object, name)
  );
}

/** `object[key]`: what a dict holds comes before what the type has. */
export function subscript(
  object: TemplateValue,
  key: TemplateValue,
): TemplateValue {
  if (isUndefined(object)) throw templateError(object.reason);
  if (typeof key === "string")
    return (
      (isDict(object) ? object.get(key) : undefined) ??
      own(object, key) ??
      missing(object, key)
    );
  if (typeof key === "bigint") {
    const items = sequence(object);
    const found = items?.[Number(key < 0n ? key + BigInt(items.length) : key)];
    return found ?? missing(object, key.toString());
  }
  if (isUndefined(key) || key === null) return missing(object, toText(key));
  throw unsupported(`a subscript that is a ${typeName(key)}`);
}

/** `object[start:stop:step]`; null is a bound that was left out. */
export function slice(
  object: TemplateValue,
  bounds: readonly [
    start: TemplateValue,
    stop: TemplateValue,
    step: TemplateValue,
  ],
): TemplateValue {
  const items = sequence(object);
  if (!items) throw unsupported(`a slice of a ${typeName(object)}`);
  const [start, stop, step] = bounds.map((bound) => {
    if (bound === null) return null;
    if (typeof bound === "bigint") return Number(bound);
    throw unsupported(`a ${typeName(bound)} as the bound of a slice`);
  });
  const by = step ?? 1;
  if (by === 0) throw templateError("slice step cannot be zero");
  // Python's rule: bounds count from the end where negative and are clipped.
  const [low, high] = by > 0 ? [0, items.length] : [-1, items.length - 1];
  const clip = (bound: number | null | undefined, open: number): number =>
    bound === null || bound === undefined
      ? open
      : Math.min(high, Math.max(low, bound < 0 ? bound + items.length : bound));
  const from = clip(start, by > 0 ? low : high);
  const to = clip(stop, by > 0 ? high : low);
  const taken: TemplateValue[] = [];
  for (let index = from; by > 0 ? index < to : index > to; index += by)
    taken.push(items[index] ?? null);
  if (typeof object === "string") return taken.map(toText).join("");
  return isTuple(object) ? { kind: "tuple", items: taken } : taken;
}

/** The items of what can be subscripted by position, else null. */
function sequence(value: TemplateValue): readonly TemplateValue[] | null {
  if (typeof value === "string" || isList(value) || isTuple(value))
    return iterate(value);
  const kinded = kindOf(value);
  return kinded?.kind === "iterable" && kinded.name === "range"
    ? kinded.items
    : null;
}

/** What the type itself has under this name; null where it has nothing. */
function own(object: TemplateValue, name: string): TemplateValue | null {
  if (isUndefined(object)) throw templateError(object.reason);
  if (name.startsWith("__")) throw unsupported(`the attribute ${name}`);
  if (typeof object === "string") return stringMethod(object, name);
  if (isDict(object)) return dictMethod(object, name);
  const kinded = kindOf(object);
  if (kinded?.kind === "attributes") return kinded.values.get(name) ?? null;
  if (object === null || kinded?.kind === "iterable") return null;
  if (isList(object) || isTuple(object)) {
    if (LIST_METHODS.has(name))
      throw unsupported(`${typeName(object)}.${name}()`);
    return null;
  }
  throw unsupported(`the attribute ${name} of a ${typeName(object)}`);
}

const LIST_METHODS = new Set(
  "append clear copy count extend index insert pop remove reverse sort".split(
    " ",
  ),
);

const OTHER_DICT_METHODS = new Set(
  "clear copy fromkeys pop popitem setdefault update".split(" "),
);

function dictMethod(dict: Dict, name: string): TemplateValue | null {
  const view = (items: readonly TemplateValue[]): TemplateValue => ({
    kind: "iterable",
    name: `dict_${name}`,
    items,
    isGenerator: false,
  });
  const method = (
    answer: (given: readonly TemplateValue[]) => TemplateValue,
  ): TemplateValue => ({
    kind: "function",
    name,
    call(positional, named) {
      const most = name === "get" ? 2 : 0;
      if (named.size > 0 || positional.length > most)
        throw unsupported(`dict.${name}() with these arguments`);
      return answer(positional);
    },
  });
  switch (name) {
    case "get":
      return method(([key = null, otherwise = null]) =>
        typeof key === "string" ? (dict.get(key) ?? otherwise) : otherwise,
      );
    case "keys":
      return method(() => view([...dict.keys()]));
    case "values":
      return method(() => view([...dict.values()]));
    case "items":
      return method(() => view(entryPairs(dict)));
    default:
      if (OTHER_DICT_METHODS.has(name)) throw unsupported(`dict.${name}()`);
      return null;
  }
}

/** A dict's keys and values as tuples. */
export function entryPairs(dict: Dict): TemplateValue[] {
  return [...dict].map((items) => ({ kind: "tuple", items }));
}

function missing(object: TemplateValue, name: string): TemplateValue {
  return undefinedValue(
    `'${typeName(object)} object' has no attribute '${name}'`,
  );
}
