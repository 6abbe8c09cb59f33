/**
 * @file Numbers in a text, in the ways that answers write them: thousands separated,
 * fractions of either form, mixed numbers, scales, Chinese. What stands around them,
 * currencies, units and percent signs, is no part of them.
 */
import {
  CHINESE_NUMBER,
  chineseNumber,
  SCALES as CHINESE_SCALES,
} from "./chinese-numerals.js";
import {
  decimalFraction,
  ratio,
  sum,
  times,
  type Fraction,
} from "./fraction.js";

const SCALES: Readonly<Record<string, bigint>> = {
  ...CHINESE_SCALES,
  thousand: 1000n,
  million: 1_000_000n,
  billion: 1_000_000_000n,
};

const DIGITS =
  "(?:\\d{1,3}(?:[,\\u202f']\\d{3})+(?!\\d)|\\d+)(?:\\.\\d+)?|\\.\\d+";
const FRACTION = "\\\\[dt]?frac\\{(?<top>-?\\d+)\\}\\{(?<bottom>\\d+)\\}";
const NUMBER = new RegExp(
  [
    "(?<sign>(?<![\\d\\p{L})\\]])-)?[$€£¥]?",
    `(?:(?:(?<mixed>\\d+)\\s+)?(?<over>\\d+)\\s*/\\s*(?<under>\\d+)(?![\\d/])`,
    `|(?<before>\\d+)?${FRACTION}`,
    `|(?<digits>${DIGITS})(?:\\s*(?<scale>thousand|million|billion|万|亿))?)`,
  ].join(""),
  "giu",
);
/** Behind a currency, spaces separate thousands. */
const PRICE = /[$€£¥]\d{1,3}(?: \d{3})+(?!\d)/gu;
const CHINESE = new RegExp(CHINESE_NUMBER, "gu");

/** In order; those in Chinese characters only where there are no others. */
export function numbersIn(text: string): Fraction[] {
  const plain = text
    .normalize("NFKC")
    .replace(/[−–]/gu, "-")
    .replace(/\\[,!$%]/gu, (escape) =>
      "$%".includes(escape.charAt(1)) ? escape.charAt(1) : "",
    )
    .replace(/\{,\}/gu, ",")
    .replace(PRICE, (price) => price.replace(/ /gu, ""));
  const found = [...plain.matchAll(NUMBER)].flatMap(({ groups }) => {
    const value = groups === undefined ? null : valueOf(groups);
    return value === null ? [] : [value];
  });
  if (found.length > 0) return found;
  return (plain.match(CHINESE) ?? []).flatMap((each) => {
    const value = chineseNumber(each);
    return value === null ? [] : [value];
  });
}

type Groups = Readonly<Record<string, string | undefined>>;

function valueOf(groups: Groups): Fraction | null {
  const { sign, digits, scale, mixed, before } = groups;
  const over = groups["over"] ?? groups["top"];
  const under = groups["under"] ?? groups["bottom"];
  const signed = (value: Fraction | null): Fraction | null =>
    value === null || sign === undefined ? value : times(value, -1n);
  if (over === undefined || under === undefined) {
    const plain = decimalFraction((digits ?? "0").replace(/[,\u202f']/gu, ""));
    const factor = scale === undefined ? 1n : SCALES[scale.toLowerCase()];
    return signed(times(plain, factor ?? 1n));
  }
  const part = ratio(decimalFraction(over), decimalFraction(under));
  const whole = decimalFraction(mixed ?? before ?? "0");
  return signed(part === null ? null : sum(whole, part));
}
