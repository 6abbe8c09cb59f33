import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { wordTokens } from "./word-tokens.js";

const fixture = JSON.parse(
  readFileSync("test/fixtures/rouge/rouge-l.json", "utf8"),
) as { readonly texts: readonly { text: string; tokens: string[] }[] };

describe("wordTokens", () => {
  test("gives the tokens of rouge_score on every fixture text", () => {
    expect(fixture.texts.length).toBeGreaterThan(1000);
    for (const { text, tokens } of fixture.texts) {
      expect(wordTokens(text), JSON.stringify(text)).toEqual(tokens);
    }
  });

  test("folds the Kelvin sign into k and splits at the dot of a Turkish capital I", () => {
    expect(wordTokens("\u212aelvin \u0130zmir")).toEqual([
      "kelvin",
      "i",
      "zmir",
    ]);
  });

  test("cuts words at apostrophes, underscores and accented letters", () => {
    expect(wordTokens("Don't café_au lait")).toEqual([
      "don",
      "t",
      "caf",
      "au",
      "lait",
    ]);
  });

  test("finds nothing in Chinese text", () => {
    expect(wordTokens("写一个故事")).toEqual([]);
  });
});
