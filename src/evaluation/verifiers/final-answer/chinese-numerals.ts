/**
 * @file Whole numbers and decimals written in Chinese: 三百二十, 一万两千, 二〇二四, 负三点五.
 */
import { decimalFraction, type Fraction } from "./fraction.js";

const DIGITS = "零一二三四五六七八九";
/** Other characters of the same digits. */
const SAME: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from(
    "〇零两二壹一贰二叁三肆四伍五陆六柒七捌八玖九拾十佰百仟千萬万億亿負负點点",
  )
    .join("")
    .match(/../gu)
    ?.map((pair) => Array.from(pair) as [string, string]) ?? [],
);
const TENS: Readonly<Record<string, bigint>> = { 十: 10n, 百: 100n, 千: 1000n };
/** What multiplies all that stands before it. */
export const SCALES: Readonly<Record<string, bigint>> = {
  万: 10_000n,
  亿: 100_000_000n,
};

/** A run of characters that may be a number, as a source of a pattern. */
export const CHINESE_NUMBER =
  "[负負]?[零〇一二两三四五六七八九壹贰叁肆伍陆柒捌玖十百千拾佰仟万亿萬億]+(?:[点點][零〇一二两三四五六七八九]+)?";

/** @returns null where `text` is no such number */
export function chineseNumber(text: string): Fraction | null {
  const plain = Array.from(text, (each) => SAME[each] ?? each).join("");
  const parts = /^(负?)([^点负]+)(?:点([^点负]+))?$/u.exec(plain);
  if (parts === null) return null;
  const [, sign = "", whole = "", rest = ""] = parts;
  const value = /^[零一二三四五六七八九]+$/u.test(whole)
    ? BigInt(asDigits(whole))
    : counted(whole);
  return value === null
    ? null
    : decimalFraction(`${sign && "-"}${value}.${asDigits(rest)}`);
}

function asDigits(text: string): string {
  return Array.from(text, (each) => DIGITS.indexOf(each)).join("");
}

/** Digits, tens and scales: each scale takes what stands before it. */
function counted(text: string): bigint | null {
  let total = 0n;
  let section = 0n;
  let digit: bigint | null = null;
  for (const character of text) {
    const ten = TENS[character];
    const scale = SCALES[character];
    if (ten !== undefined) {
      section += (digit ?? 1n) * ten;
      digit = null;
    } else if (scale !== undefined) {
      section += digit ?? 0n;
      total =
        total < scale ? (total + section) * scale : total + section * scale;
      section = 0n;
      digit = null;
    } else {
      const value = DIGITS.indexOf(character);
      if (value < 0) return null;
      digit = BigInt(value);
    }
  }
  return total + section + (digit ?? 0n);
}
