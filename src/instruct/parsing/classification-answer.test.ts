import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { english } from "../language-packs/en.js";
import { chinese } from "../language-packs/zh.js";
import { parseClassification } from "./classification-answer.js";

function parse(text: string, pack = english): boolean | "refused" {
  const answer = parseClassification({ text, finishReason: "stop" }, pack);
  return answer.accepted ? answer.isClassification : "refused";
}

describe("an English answer", () => {
  it.each([
    ["Yes", true],
    [" no.\n", false],
    ["**Yes**, because it has two labels.", true],
    ["Yes. It is not open-ended.", true],
    ["Classification: Yes", true],
    ["[Answer] Yes", true],
    ["**[Classification]:** No", false],
    ["Is it classification? No", false],
    ["The answer is no.", false],
    ["Not a classification task.", false],
    ["<think>yes or no?</think>No", false],
    ["Either yes or no.", "refused"],
    ["Maybe.", "refused"],
    ["I know nothing.", "refused"],
    ["", "refused"],
  ])("%j means %s", (text, expected) => {
    expect(parse(text)).toBe(expected);
  });
});

describe("a Chinese answer", () => {
  it.each([
    ["是", true],
    ["否。", false],
    ["不是", false],
    ["是否分类：是", true],
    ["【是否分类】是", true],
    ["［是否分類］：否", false],
    ["这是一个分类任务。", true],
    ["这不是分类任务。", false],
    ["不屬於", false],
    ["是否分類：是", true],
    ["“否”", false],
    ["难以判断", "refused"],
    ["可以说是，也可以说不是", "refused"],
  ])("%j means %s", (text, expected) => {
    expect(parse(text, chinese)).toBe(expected);
  });
});

it("whatever the answer, parsing never throws and quotes its evidence from it", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.string({ unit: "grapheme", maxLength: 10 }),
          fc.constantFrom("yes", "No", "是", "不是", "否", " ", "**", ": "),
        ),
      ),
      fc.constantFrom(english, chinese),
      (parts, pack) => {
        const text = parts.join("");
        const answer = parseClassification(
          { text, finishReason: "length" },
          pack,
        );
        const quoted = answer.accepted
          ? [answer.evidence]
          : answer.rejected.map((fragment) => fragment.text);
        for (const quote of quoted) expect(text).toContain(quote);
      },
    ),
    { numRuns: 500 },
  );
});
