import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { unicodeTokens } from "./unicode-tokens.js";
import { wordTokens } from "./word-tokens.js";

describe("unicodeTokens", () => {
  test("gives Chinese character by character and keeps embedded words whole", () => {
    expect(unicodeTokens("用 Python3 写一个故事。")).toEqual(
      ["用", "python3", "写", "一", "个", "故", "事"], // 。 is dropped
    );
  });

  test("counts the prolonged sound mark as a kana character of its own", () => {
    expect(unicodeTokens("コーヒー")).toEqual(["コ", "ー", "ヒ", "ー"]);
  });

  test("keeps Thai vowel marks with their consonant", () => {
    // ที่ is one consonant with two marks.
    expect(unicodeTokens("ที่นี่")).toEqual(["ที่", "นี่"]);
  });

  test("keeps Korean, Hindi, Arabic and Cyrillic words whole", () => {
    expect(unicodeTokens("한국어 문장 हिन्दी العربية Привет")).toEqual([
      "한국어",
      "문장",
      "हिन्दी",
      "العربية",
      "привет",
    ]);
  });

  test("keeps accented words whole however they were composed", () => {
    expect(unicodeTokens("CAFE\u0301 café")).toEqual(["café", "café"]);
  });

  test("folds full-width letters and digits", () => {
    expect(unicodeTokens("ＡＢＣ１２")).toEqual(["abc12"]);
  });

  test("agrees with the rouge tokenizer on ASCII text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
        expect(unicodeTokens(text)).toEqual(wordTokens(text));
      }),
    );
  });

  test("gives the same tokens again for its own tokens joined by spaces", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const tokens = unicodeTokens(text);
        expect(unicodeTokens(tokens.join(" "))).toEqual(tokens);
      }),
      { numRuns: 2000 },
    );
  });
});
