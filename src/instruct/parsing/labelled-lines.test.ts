import { describe, expect, it } from "vitest";
import { english } from "../language-packs/en.js";
import { chinese } from "../language-packs/zh.js";
import type { Instance, Parsed } from "../records.js";
import { parseInputFirst, parseOutputFirst } from "./instance-blocks.js";

function read(
  text: string,
  pack = english,
  parse = parseInputFirst,
): Parsed<Instance> {
  const options = { continues: false, limit: 5, dropTruncated: true };
  return parse({ text, finishReason: "stop" }, { pack, ...options });
}

describe("labels in another style than ours", () => {
  it.each([
    ["【输入】下雨了。\n【输出】下雨了吗？", "下雨了。", "下雨了吗？"],
    ["［輸入］\na\n［輸出］：\nb", "a", "b"],
    ["**输入**\na\n**输出**\nb\n\nc", "a", "b\n\nc"],
    [
      "[输入]: a\n[输出]: b\n【输出】c\n## 输出\nd",
      "a",
      "b\n【输出】c\n## 输出\nd",
    ],
    [
      "【输出】b\n答案：3\n示例1\n输入是什么",
      "",
      "b\n答案：3\n示例1\n输入是什么",
    ],
    ["「输入」a\n「输出」b\n- 输出：c", "a", "b\n- 输出：c"],
  ])("are read where the answer keeps to them: %j", (text, input, output) => {
    expect(read(text, chinese)).toEqual({
      accepted: [{ input, output }],
      rejected: [],
    });
  });

  it.each([
    "[Input] a\n[Output] b",
    "## Input\na\n\n## Output\n\nb",
    "**[Input]** a\n**[Output]** b",
    "Input\n**Input**\na\n**Output**\nb",
    "- Input: a\n- Output: b",
    "* **Input:** a\n* **Output:** b",
  ])("are read in English: %j", (text) => {
    expect(read(text).accepted).toEqual([{ input: "a", output: "b" }]);
  });

  it.each([
    ["示例1", "示例2"],
    ["【示例1】", "【示例2】"],
    ["第1个示例：", "第2个示例："],
    ["第一个示例", "第二個示例"],
    ["## 示例一", "## 示例二"],
  ])("part examples marked %s, %s", (one, two) => {
    const part = (input: string, output: string): string =>
      `\n【输入】${input}\n【输出】${output}\n`;
    const text = `${one}${part("a", "b")}${two}${part("c", "d\n示例3：无")}`;
    expect(read(text, chinese).accepted).toEqual([
      { input: "a", output: "b" },
      { input: "c", output: "d\n示例3：无" },
    ]);
  });

  it.each([
    "【输出】它打印：\n输出：3",
    "【输入】a\n【输出】b\n输入：c\n输出：d",
    "【输入】a\n【输出】b\n【输入】c\n【输出】d",
    "## 输出\n输出：3",
    "- 输入：a\n- 输出：b\n输出：3",
    "- 句子：下雨了\n- 输出：b",
  ])("are refused whole where two readings are left: %j", (text) => {
    expect(read(text, chinese)).toEqual({
      accepted: [],
      rejected: [{ text, reason: "ambiguous" }],
    });
  });

  it.each([
    "【输出】**好**的。",
    "[输出]: **好**的。",
    "**【输出】** **好**的。",
    "**输出** ：**好**的。",
    "输出：**好**的。",
    "## 输出\n**好**的。",
  ])("leave what they stand before its emphasis: %j", (text) => {
    expect(read(text, chinese).accepted).toEqual([
      { input: "", output: "**好**的。" },
    ]);
  });

  it("are text in an answer that keeps to ours", () => {
    const output =
      "b\n[Output] c\n## Input\n**Output**\n[Example 2]\n- Input: d";
    expect(read(`Input: a\nOutput: ${output}`).accepted).toEqual([
      { input: "a", output },
    ]);
    expect(read("[Output](https://example.org)").accepted).toEqual([]);
  });

  it("may label classes", () => {
    expect(
      read(
        "【类别标签】投诉\n【输入】灯坏了。\n【類別標籤】咨询\n【輸入】几点开门？",
        chinese,
        parseOutputFirst,
      ).accepted,
    ).toEqual([
      { input: "灯坏了。", output: "投诉" },
      { input: "几点开门？", output: "咨询" },
    ]);
  });
});
