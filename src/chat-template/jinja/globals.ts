/**
 * @file What every chat template can call: Jinja's globals and those that
 * `transformers` adds, except the date, which whoever renders decides.
 */
import { toText } from "./text.js";
import {
  type Arguments,
  type Attributes,
  type Callable,
  isDict,
  templateError,
  typeName,
  unsupported,
  type TemplateValue,
} from "./values.js";

/** As many items as the sandbox of Jinja lets a range have. */
const LONGEST_RANGE = 100_000;

export const GLOBALS: ReadonlyMap<string, TemplateValue> = new Map<
  string,
  TemplateValue
>(
  [
    callable("range", ([bounds]) => range(bounds)),
    callable("namespace", (given) => ({
      ...attributes("Namespace", dictOf(given)),
      isAssignable: true,
    })),
    callable("dict", dictOf),
    callable("raise_exception", ([[message = null]]) => {
      throw templateError(toText(message));
    }),
    ...["cycler", "joiner", "lipsum"].map((name) =>
      callable(name, () => {
        throw unsupported(`${name}()`);
      }),
    ),
  ].map((each) => [each.name, each]),
);

export function callable(
  name: string,
  answer: (given: Arguments) => TemplateValue,
): Callable {
  return { kind: "function", name, call: (...given) => answer(given) };
}

export function attributes(
  name: string,
  values: Map<string, TemplateValue>,
): Attributes {
  return { kind: "attributes", name, values, isAssignable: false };
}

function dictOf([positional, named]: Arguments): Map<string, TemplateValue> {
  const [source] = positional;
  if (source !== undefined && (!isDict(source) || positional.length > 1))
    throw unsupported("a dict or namespace made of anything but a dict");
  const values = new Map([...(source ?? []), ...named]);
  for (const key of values.keys())
    if (key.startsWith("_")) throw unsupported(`the name ${key}`);
  return values;
}

function range(bounds: readonly TemplateValue[]): TemplateValue {
  const numbers = bounds.map((bound) => {
    if (typeof bound !== "bigint")
      throw templateError(
        `'${typeName(bound)}' object cannot be interpreted as an integer`,
      );
    return Number(bound);
  });
  const [first = 0, second, step = 1] = numbers;
  const [from, to] = second === undefined ? [0, first] : [first, second];
  if (step === 0) throw templateError("range() arg 3 must not be zero");
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length > LONGEST_RANGE) throw templateError("Range too big");
  return {
    kind: "iterable",
    name: "range",
    items: Array.from({ length }, (_, index) => BigInt(from + index * step)),
    isGenerator: false,
  };
}

/** A function a template may call with one text. */
export function textFunction(
  name: string,
  answer: (text: string) => string,
): TemplateValue {
  return callable(name, ([[text = null]]) => answer(toText(text)));
}
