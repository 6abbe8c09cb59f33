import { describe, expect, it } from "vitest";
import { checkInstances, checkInstruction, rulesWithout } from "./check.js";
import { english } from "./en.js";
import type { LanguagePack, RuleName } from "./language-pack.js";
import { nurseryLanguage } from "./nursery.js";
import { chinese } from "./zh.js";

const ALL = rulesWithout([]);

function verdict(
  instruction: string,
  pack: LanguagePack,
  enabled: ReadonlySet<RuleName> = ALL,
): string {
  const result = checkInstruction(instruction, pack, enabled);
  return result.accepted ? "accepted" : `${result.rule}: ${result.evidence}`;
}

describe("nursery instructions", () => {
  it.each([
    ["what colour is coal", "accepted"],
    ["double", "too-short: 1 words, at least 2 wanted"],
    ["say ".repeat(21), "too-long: 21 words, at most 20 wanted"],
    ["write new tasks like these", "forbidden-word: “tasks”"],
    ["the home of hen is coop .", "forbidden-word: “.”"],
    [": sort the letters", "leading-punctuation: starts with “:”"],
    ["4 1 7 sort", "non-language-start: starts with “4”"],
    ["A B in reverse", "non-language-start: starts with “A”"],
  ])("%j: %s", (instruction, expected) => {
    expect(verdict(instruction, nurseryLanguage)).toBe(expected);
  });
});

describe("English instructions", () => {
  it.each([
    ["Name four large rivers.", "accepted"],
    ["Name three rivers.", "too-short: 3 words, at least 4 wanted"],
    ["word ".repeat(150), "accepted"],
    ["word ".repeat(151), "too-long: 151 words, at most 150 wanted"],
    [" \n", "blank: the instruction is empty"],
    ["Describe the picture in detail.", "forbidden-word: “picture”"],
    ["Describe the PICTURES in detail.", "forbidden-word: “PICTURES”"],
    // Whole words only, as \b in the released code.
    ["Explain photography and graphite to me.", "accepted"],
    ["Tell me how to go to Rome.", "forbidden-word: “go to”"],
    [
      "Write a program that adds numbers.",
      "program-request: “Write a program”",
    ],
    ["Explain why people write a program twice.", "accepted"],
    ["“Explain” this word to me.", "non-language-start: starts with ““”"],
    ["'Explain' this word to me.", "leading-punctuation: starts with “'”"],
    ["~ is what kind of sign?", "leading-punctuation: starts with “~”"],
    [
      "Étudier: translate this into English.",
      "non-language-start: starts with “É”",
    ],
    ["3 friends share a pizza. How?", "accepted"],
  ])("%j is %s", (instruction, expected) => {
    expect(verdict(instruction, english)).toBe(expected);
  });
});

describe("Chinese instructions", () => {
  it.each([
    ["写一首短诗", "accepted"],
    ["写首诗", "too-short: 3 characters, at least 5 wanted"],
    // Punctuation does not count.
    ["写……首，诗！", "too-short: 3 characters, at least 5 wanted"],
    ["长".repeat(250), "accepted"],
    ["长".repeat(251), "too-long: 251 characters, at most 250 wanted"],
    ["请描述这张图片的内容。", "forbidden-word: “图片”"],
    ["画一只正在睡觉的猫。", "forbidden-word: “画一只”"],
    ["为一部动画片写一段简介。", "accepted"],
    ["编写一个程序，计算平均数。", "program-request: “编写一个程序”"],
    ["请写一个Python程序来排序。", "program-request: “请写一个Python程序”"],
    ["解释程序和函数的区别。", "accepted"],
    ["。请解释这个词。", "leading-punctuation: starts with “。”"],
    ["《红楼梦》的作者是谁？", "accepted"],
    ["“沉鱼落雁”出自哪里？", "accepted"],
    ["これは日本語の文です。", "non-language-start: starts with “こ”"],
    [
      "Translate this sentence into Chinese.",
      "wrong-language: 0 Chinese characters against 5 Latin words and 0 letters of other scripts",
    ],
    ["Python里的列表和元组有什么区别？", "accepted"],
  ])("%j is %s", (instruction, expected) => {
    expect(verdict(instruction, chinese)).toBe(expected);
  });
});

describe("switching rules", () => {
  it("lets a violation pass when its rule is off, and then asks the later rules", () => {
    const text = "Draw 'it'.";
    expect(verdict(text, english)).toMatch(/^too-short/u);
    expect(verdict(text, english, rulesWithout(["too-short"]))).toBe(
      "forbidden-word: “Draw”",
    );
    expect(
      verdict(text, english, rulesWithout(["too-short", "forbidden-word"])),
    ).toBe("accepted");
  });

  it("refuses a rule that does not exist and lists those that do", () => {
    expect(() => rulesWithout(["too-shirt"])).toThrow(
      /no filter rule “too-shirt”.*too-short/u,
    );
  });
});

describe("instances", () => {
  const rules = (
    instances: readonly { input: string; output: string }[],
    pack = english,
    enabled = ALL,
  ) => {
    const { accepted, rejected } = checkInstances(instances, pack, enabled);
    return {
      accepted,
      rejected: rejected.map(({ instance, rule }) => [instance.output, rule]),
    };
  };

  it("are refused when the output is empty, repeats the input or ends in a colon", () => {
    expect(
      rules([
        { input: "a", output: " " },
        { input: "b", output: "b" },
        { input: "c:", output: "d" },
        { input: "e", output: "f:" },
        { input: "g", output: "h" },
      ]),
    ).toEqual({
      accepted: [{ input: "g", output: "h" }],
      rejected: [
        [" ", "empty-output"],
        ["b", "output-equals-input"],
        ["d", "trailing-colon"],
        ["f:", "trailing-colon"],
      ],
    });
  });

  it("know the full-width colon in Chinese only", () => {
    const instance = { input: "词语：", output: "好" };
    expect(rules([instance], chinese).rejected).toEqual([
      ["好", "trailing-colon"],
    ]);
    expect(rules([instance], english).accepted).toEqual([instance]);
  });

  it("keep the first of equal ones", () => {
    expect(
      rules([
        { input: "a", output: "1" },
        { input: "a", output: "1" },
        { input: "", output: "2" },
      ]),
    ).toEqual({
      accepted: [
        { input: "a", output: "1" },
        { input: "", output: "2" },
      ],
      rejected: [["1", "duplicate-instance"]],
    });
  });

  it("with one input and different outputs all go, the others stay", () => {
    expect(
      rules([
        { input: "a", output: "1" },
        { input: "b", output: "3" },
        { input: "a", output: "2" },
      ]),
    ).toEqual({
      accepted: [{ input: "b", output: "3" }],
      rejected: [
        ["1", "conflicting-outputs"],
        ["2", "conflicting-outputs"],
      ],
    });
  });

  it("without input may have different outputs, as in the released code", () => {
    const instances = [
      { input: "", output: "1" },
      { input: "", output: "2" },
    ];
    expect(rules(instances).accepted).toEqual(instances);
  });

  it("in a language of one right output may not", () => {
    const instances = [
      { input: "", output: "1" },
      { input: "", output: "2" },
    ];
    const { accepted, rejected } = rules(instances, nurseryLanguage);
    expect(accepted).toEqual([]);
    expect(rejected).toEqual([
      ["1", "conflicting-outputs"],
      ["2", "conflicting-outputs"],
    ]);
    const agreed = [instances[0], instances[0]].map((each) => ({
      input: "",
      output: each?.output ?? "",
    }));
    expect(rules(agreed, nurseryLanguage)).toEqual({
      accepted: agreed.slice(0, 1),
      rejected: [["1", "duplicate-instance"]],
    });
  });

  it("pass a rule that is switched off", () => {
    const instances = [
      { input: "a", output: "1" },
      { input: "a", output: "2" },
    ];
    expect(
      rules(instances, english, rulesWithout(["conflicting-outputs"])).accepted,
    ).toEqual(instances);
  });
});
