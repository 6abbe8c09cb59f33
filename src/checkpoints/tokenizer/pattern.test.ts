/**
 * @file Which regular expressions of a tokenizer are refused: those that can be tried in
 * too many ways, and none of a model in use.
 */
import { describe, expect, it } from "vitest";
import { checkPattern } from "./pattern.js";

/** Of GPT-2, Llama 3, GPT-4, GPT-4o, DeepSeek, BLOOM, Kimi and others. */
const IN_USE = [
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s",
  "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]+[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
  "[一-龥぀-ゟ゠-ヿ]+",
  "\\p{N}{1,3}(?=(?:\\p{N}{3})*(?:\\P{N}|$))",
  "(?<=\\d)(?=(?:\\d{3})+\\b)",
  "\\s?\\p{L}+|\\s?\\p{P}+|[一-龥ࠀ-一가-퟿]+|\\p{N}",
  " ?[^(\\s|[.,!?…。，、।۔،])]+",
  "[\\p{Han}]+|[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}&&[^\\p{Han}]]*[\\p{Ll}\\p{Lm}&&[^\\p{Han}]]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
  " {2,}",
  "\\d{1,3}(?=(?:\\d{3})*\\b)",
  "(?:^|(?<= ))[^ ]+|\\s+$",
  "<\\|[^|>]{1,32}\\|>",
];

const LINEAR = ["\\w+=", "[a-z]+(?!x)", "x(?=.*y)", ".*=", "(?:ab)*c"];

const ENDLESS = [
  "(a+)+$",
  "(?:a|aa)*b",
  ".*.*=",
  ".*.*.*=",
  "(a?){30}b",
  "\\s*\\s*$",
  "a{1,3}+b",
  "(?:a*)*",
  "[(?#](a+)+$)",
  "\\w+\\d+!",
  "(.+x)?(.+y)?z|.*.*=",
  "a*(?=b*c)",
  "(?:.*.*=)?",
  "a?".repeat(30) + "a{30}",
  ".{0,9999}.{0,9999}=",
];

describe("a regular expression", () => {
  it.each([...IN_USE, ...LINEAR])("is read: %s", (Regex) => {
    expect(checkPattern({ Regex })).toBeNull();
  });

  it.each(ENDLESS)("is refused: %s", (Regex) => {
    expect(checkPattern({ Regex })).toContain("in too many ways");
  });
});
