import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { english } from "../language-packs/en.js";
import type { LanguagePack } from "../language-packs/language-pack.js";
import { chinese } from "../language-packs/zh.js";
import { COLONS } from "./labelled-lines.js";
import type { Instance, Parsed } from "../records.js";
import {
  parseInputFirst,
  parseOutputFirst,
  type InstanceBlockOptions,
} from "./instance-blocks.js";

type Options = Partial<InstanceBlockOptions> & {
  readonly finishReason?: "stop" | "length";
};

function inputFirst(text: string, options: Options = {}): Parsed<Instance> {
  return parseInputFirst(...request(text, options));
}

function outputFirst(text: string, options: Options = {}): Parsed<Instance> {
  return parseOutputFirst(...request(text, options));
}

function request(
  text: string,
  { finishReason = "stop", ...rest }: Options,
): Parameters<typeof parseInputFirst> {
  return [
    { text, finishReason },
    { pack: english, continues: false, limit: 5, dropTruncated: true, ...rest },
  ];
}

describe("input-first blocks", () => {
  it("are read with their line breaks", () => {
    expect(
      inputFirst(
        "Example 1\nInput: one\ntwo\nOutput: three\n\nfour\nExample 2\nInput: five\nOutput: six\n",
      ),
    ).toEqual({
      accepted: [
        { input: "one\ntwo", output: "three\n\nfour" },
        { input: "five", output: "six" },
      ],
      rejected: [],
    });
  });

  it("need no input", () => {
    expect(inputFirst("Output: carrots\nand beets").accepted).toEqual([
      { input: "", output: "carrots\nand beets" },
    ]);
  });

  it.each([
    "<noinput>",
    "<no input>",
    "None",
    "N/A",
    "Not applicable",
    "-",
    "No input needed.",
    "(none)",
    "<empty>",
    "[blank]",
  ])("with %j for an input have none", (mark) => {
    expect(inputFirst(`Input: ${mark}\nOutput: x`).accepted).toEqual([
      { input: "", output: "x" },
    ]);
  });

  it("may be marked up", () => {
    expect(
      inputFirst(
        "### Example 1:\n**Input:** one\n**Output:** two\n\n**Example 2**\n**Input**: three\n**Output 2**: four",
      ).accepted,
    ).toEqual([
      { input: "one", output: "two" },
      { input: "three", output: "four" },
    ]);
  });

  it.each([
    ["example marks", "Input: a\nOutput: 1\nInput: b\nOutput: 2"],
    ["a second output", "Input: a\nOutput: 1\nInput: b"],
    ["a mark on the first", "Output: 1\nExample 2\nOutput: 2"],
    ["a place for the second label", "Input: a\nOutput: b\nOutput: c"],
    ["our word for the output", "Input: a\nAnswer: b\nOutput: c"],
    ["an end before another task", "Output: 1\n\nTask: Name a lake."],
    ["one output alone", "Output 1: a\nOutput 2: b"],
    ["numbers", "Example:\nOutput: 1\nExample:\nOutput: 2"],
  ])(
    "without %s are refused whole, for one output may hold it all",
    (_, text) => {
      expect(inputFirst(text)).toEqual({
        accepted: [],
        rejected: [{ text, reason: "ambiguous" }],
      });
    },
  );

  it.each([
    "Three questions.\n1. Which sea?\nAnswer: The Gulf of Bothnia\n2. How many?\nAnswer: Four",
    "Run it, like this.\n\nprint(total([1, 2]))\n\nOutput: 3\n\nIt adds up.",
    "Two cases.\nExample 1\nIt rains.\nExample 2: It snows.",
    "Explanation\nResponse: yes\n\nLabel: 4\nInstruction: stir",
  ])("keep an output with labels of its own: %j", (output) => {
    expect(inputFirst(`Output: ${output}`).accepted).toEqual([
      { input: "", output },
    ]);
    const marked = `Example 1\nOutput: ${output}\nExample 2\nOutput: x`;
    expect(inputFirst(marked).accepted).toEqual([
      { input: "", output },
      { input: "", output: "x" },
    ]);
  });

  it("are refused whole where a number stands twice", () => {
    const text =
      "Example 1\nOutput: Like this.\nExample 2\nOutput: x\nExample 2\nOutput: y";
    expect(inputFirst(text)).toEqual({
      accepted: [],
      rejected: [{ text, reason: "ambiguous" }],
    });
  });

  it.each([
    "<nooutput>",
    "N/A",
    "**None**",
    "[Output]",
    "-",
    "---",
    "<No output>.",
    "<noinput>",
    "<s></s>",
    "<s>\n</s>",
    "[Your answer here]",
    "TODO",
    "(same as above)",
  ])("with %j for an output have none", (mark) => {
    expect(inputFirst(`Input: a\nOutput: ${mark}`)).toEqual({
      accepted: [],
      rejected: [{ text: `Input: a\nOutput: ${mark}`, reason: "no-output" }],
    });
  });

  it.each([
    "<bos> <eos>",
    "[INST][/INST]",
    "<s><pad></s>",
    "\u200b<pad>\u200b",
  ])("with nothing but %j for the last output have none", (marks) => {
    const { accepted, rejected } = inputFirst(`Input: a\nOutput: ${marks}`);
    for (const { output } of accepted) expect(output).toBe("");
    for (const { reason } of rejected) expect(reason).toBe("no-output");
  });

  it("lose marks of ends behind an output, and keep what HTML strikes out", () => {
    expect(
      inputFirst(
        "Example 1\nInput: <s></s>\nOutput: one</s>\nExample 2\nInput: a\nOutput: an <s>old</s>\nExample 3\nInput: b\nOutput: three</s><pad>",
      ).accepted,
    ).toEqual([
      { input: "", output: "one" },
      { input: "a", output: "an <s>old</s>" },
      { input: "b", output: "three" },
    ]);
  });

  it("with marks of turns or reasoning inside are refused", () => {
    const text = "Output: Fine.<|im_end|>\n<|im_start|>user\nMore.";
    expect(inputFirst(text)).toEqual({
      accepted: [],
      rejected: [{ text, reason: "marks-inside" }],
    });
  });

  it("take unlabelled text of a completion as the input, as the released code does", () => {
    expect(
      inputFirst("Sentence: It rains.\nOutput: Is it raining?", {
        continues: true,
      }).accepted,
    ).toEqual([{ input: "Sentence: It rains.", output: "Is it raining?" }]);
  });

  it("refuse the same text of a chat answer as talk", () => {
    expect(inputFirst("Sure, here it is.\nOutput: Is it raining?")).toEqual({
      accepted: [{ input: "", output: "Is it raining?" }],
      rejected: [{ text: "Sure, here it is.", reason: "preamble" }],
    });
    expect(
      inputFirst("Here you are.\n\nExample 1\nInput: a\nOutput: b").rejected,
    ).toEqual([{ text: "Here you are.", reason: "preamble" }]);
  });

  it.each([
    "Text: The cat sat.\nOutput: positive",
    "**Sentence:** It rains.\n**Output:** Is it raining?",
    "Context: x\nInput: a\nOutput: b",
    "Sure!\n\nQuestion: 1 + 1?\nOutput: 2",
    "问题：一加一\n输出：二",
    "【句子】下雨了\n【输出】下雨了吗",
  ])("refuse whole what an unknown label may hold: %j", (text) => {
    for (const pack of [english, chinese]) {
      const { accepted, rejected } = inputFirst(text, { pack });
      expect(accepted).toEqual([]);
      expect(rejected.map(({ text: lost }) => lost).join("\n")).toBe(text);
    }
  });

  it.each([
    "Here is an example:",
    "Note this",
    "See https://example.com:80",
    "It is 10:30.",
    "好的，以下是示例：",
  ])("pass over talk before the first label: %j", (talk) => {
    expect(inputFirst(`${talk}\nInput: a\nOutput: b`).accepted).toEqual([
      { input: "a", output: "b" },
    ]);
  });

  it("may follow an echo of our own task", () => {
    expect(inputFirst("Task: Add.\nInput: 1 1\nOutput: 2").accepted).toEqual([
      { input: "1 1", output: "2" },
    ]);
  });

  it("lose the last one when the token limit cut the answer", () => {
    expect(
      inputFirst(
        "Example 1\nInput: a\nOutput: 1\nExample 2\nInput: b\nOutput: tw",
        {
          finishReason: "length",
        },
      ),
    ).toEqual({
      accepted: [{ input: "a", output: "1" }],
      rejected: [
        {
          text: "Example 2\nInput: b\nOutput: tw",
          reason: "truncated-last-item",
        },
      ],
    });
  });

  it("without an output are reported", () => {
    expect(
      inputFirst("Example 1\nInput: a\nOutput: 1\nExample 2\nInput: b"),
    ).toEqual({
      accepted: [{ input: "a", output: "1" }],
      rejected: [{ text: "Example 2\nInput: b", reason: "no-output" }],
    });
  });

  it("beyond the limit are reported", () => {
    expect(
      inputFirst("Example 1\nOutput: 1\nExample 2\nOutput: 2", { limit: 1 })
        .rejected,
    ).toEqual([{ text: "Example 2\nOutput: 2", reason: "too-many-items" }]);
  });

  it("count a second word for output right after the first as the same label", () => {
    expect(inputFirst("Input: a\nOutput:\nAnswer: 5").accepted).toEqual([
      { input: "a", output: "Answer: 5" },
    ]);
  });

  it("leave an empty output to the filters", () => {
    expect(inputFirst("Input: a\nOutput:").accepted).toEqual([
      { input: "a", output: "" },
    ]);
  });

  it("are refused whole when there is no output label", () => {
    expect(inputFirst("Carrots and beets.")).toEqual({
      accepted: [],
      rejected: [{ text: "Carrots and beets.", reason: "no-structure" }],
    });
  });

  it.each(["同上。", "（略）", "【待补充】", "答案略"])(
    "with %j for an output have none",
    (mark) => {
      const { accepted } = inputFirst(`输出：${mark}`, { pack: chinese });
      expect(accepted).toEqual([]);
    },
  );

  it("are read in Chinese", () => {
    expect(
      inputFirst(
        "示例1\n输入：下雨了。\n输出：下雨了吗？\n示例二\n输入：无\n输出：好\n範例３\n輸入︰（空）\n輸出 : 妙",
        { pack: chinese },
      ).accepted,
    ).toEqual([
      { input: "下雨了。", output: "下雨了吗？" },
      { input: "", output: "好" },
      { input: "", output: "妙" },
    ]);
  });
});

describe("output-first blocks", () => {
  it("give the label as the output", () => {
    expect(
      outputFirst(
        "Class label: asking\nInput: Do you ship?\nClass label: praising\nInput: Great\nchair!",
      ),
    ).toEqual({
      accepted: [
        { input: "Do you ship?", output: "asking" },
        { input: "Great\nchair!", output: "praising" },
      ],
      rejected: [],
    });
  });

  it("of a completion begin inside the first label", () => {
    expect(
      outputFirst(" asking\nDo you ship?\nClass label: praising\nFine!", {
        continues: true,
      }).accepted,
    ).toEqual([
      { input: "Do you ship?", output: "asking" },
      { input: "Fine!", output: "praising" },
    ]);
  });

  it("may have a label alone", () => {
    expect(outputFirst("Class label: yes").accepted).toEqual([
      { input: "", output: "yes" },
    ]);
  });

  it("with marks alone for a label have none", () => {
    const text = "Class label: <s></s>\nInput: x";
    expect(outputFirst(text)).toEqual({
      accepted: [],
      rejected: [{ text, reason: "no-output" }],
    });
  });

  it("lose talk and a truncated last one", () => {
    expect(
      outputFirst(
        "Of course.\nClass label: a\nInput: x\nClass label: b\nInput: y",
        { finishReason: "length" },
      ).rejected,
    ).toEqual([
      { text: "Of course.", reason: "preamble" },
      { text: "Class label: b\nInput: y", reason: "truncated-last-item" },
    ]);
  });

  it.each([
    ["a form unlike the first", "Class label: a\nInput: x\nClass label: b"],
    ["another task", "Class label: a\nInput: x\nTask: Other"],
    ["lines before the input", "Class label: a\nb\nInput: x"],
  ])("with %s are refused", (_, text) => {
    expect(outputFirst(text)).toEqual({
      accepted: [],
      rejected: [{ text, reason: "ambiguous" }],
    });
  });

  it("keep an input with labels of its own", () => {
    const input = "LABEL maintainer\nLabel: 3\nOutput: 4";
    expect(outputFirst(`Class label: a\nInput: ${input}`).accepted).toEqual([
      { input, output: "a" },
    ]);
  });

  it("without any label are refused whole", () => {
    expect(outputFirst("Input: a\nOutput: b").rejected).toEqual([
      { text: "Input: a\nOutput: b", reason: "no-structure" },
    ]);
  });

  it("are read in Chinese", () => {
    expect(
      outputFirst(
        "类别标签：投诉\n输入：灯坏了。\n類別標籤：咨询\n輸入:几点开门？",
        {
          pack: chinese,
        },
      ).accepted,
    ).toEqual([
      { input: "灯坏了。", output: "投诉" },
      { input: "几点开门？", output: "咨询" },
    ]);
  });
});

describe("whatever the answer", () => {
  const noise = fc
    .array(
      fc.oneof(
        fc.string({ unit: "grapheme", maxLength: 12 }),
        fc.constantFrom(
          "\n",
          "\n\n",
          "Example 1\n",
          "Input: ",
          "\nInput 2:",
          "\nOutput: ",
          "\nClass label: ",
          "\nTask: ",
          "输入：",
          "\n输出：",
          "\n类别标签：",
          "<think>",
          "</think>",
          "```\n",
          "none",
          "**",
        ),
      ),
      { maxLength: 25 },
    )
    .map((parts) => parts.join(""));

  it("parsing never throws and never invents text", () => {
    fc.assert(
      fc.property(
        noise,
        fc.boolean(),
        fc.constantFrom("stop" as const, "length" as const),
        fc.constantFrom(english, chinese),
        (text, continues, finishReason, pack) => {
          for (const parse of [inputFirst, outputFirst]) {
            const { accepted, rejected } = parse(text, {
              continues,
              finishReason,
              pack,
            });
            expect(accepted.length).toBeLessThanOrEqual(5);
            const source = text.replace(/\r\n/gu, "\n");
            for (const quote of [
              ...accepted.flatMap(({ input, output }) => [input, output]),
              ...rejected.map((fragment) => fragment.text),
            ]) {
              expect(source).toContain(quote.trim());
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("whatever text an output holds", () => {
  /** Text as models write it inside an output: with the words of our own form. */
  function nested(pack: LanguagePack): fc.Arbitrary<string> {
    const { labels } = pack;
    const word = fc.constantFrom(
      ...labels.task,
      ...labels.example,
      ...labels.input,
      ...labels.output,
      ...labels.classLabel,
      "输入",
      "輸出",
      "答案",
      "範例",
      "Input",
      "Output",
      "Answer",
      "Example",
    );
    const said = fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 12 }),
      fc.constantFrom("x", "A sea.", "一片海。", "print(3)", "# note", ""),
    );
    const label = fc
      .tuple(
        fc.constantFrom("", "", "**", "### ", "  ", "【", "[", "第2个"),
        word,
        fc.constantFrom("", "", " 1", " 2", " 3", "３", "二"),
        fc.constantFrom(":", "：", ":**", "", ".", "】", "]", "**"),
        said,
      )
      .map((parts) => parts.join(""));
    const item = fc
      .tuple(fc.constantFrom("1. ", "２．", "- ", "a) ", "三、", "① "), said)
      .map((parts) => parts.join(""));
    const letter = said.map((body) => `Dear Ada,\n\n${body}\n\nYours,\nBo`);
    const code = fc
      .array(label, { maxLength: 3 })
      .map((lines) => ["```python", ...lines, "```"].join("\n"));
    const example = fc
      .tuple(
        fc.constantFrom(
          "",
          `${labels.example[0]} 1\n`,
          `${labels.example[0]} 2\n`,
        ),
        said,
        said,
      )
      .map(
        ([mark, input, output]) =>
          `${mark}${labels.input[0]}: ${input}\n${labels.output[0]}: ${output}`,
      );
    return fc
      .array(fc.oneof(label, label, item, said, letter, code, example), {
        minLength: 1,
        maxLength: 8,
      })
      .map((parts) => parts.join("\n").replaceAll("\r", "").trim())
      .filter((text) => text !== "");
  }

  function expectWhole(
    { accepted }: Parsed<Instance>,
    whole: readonly string[],
  ): void {
    for (const { output } of accepted) expect(whole).toContain(output);
    expect(accepted.length).toBeLessThanOrEqual(whole.length);
  }

  /** Behind a label in brackets nobody can tell whose colon it is. */
  const startsWithColon = (text: string): boolean =>
    new RegExp(`^[${COLONS}]`, "u").test(text);

  it.each([english, chinese])(
    "it comes out as it was put in, or is refused whole: $id",
    (pack) => {
      const [example = "", input = "", output = ""] = [
        pack.labels.example[0],
        pack.labels.input[0],
        pack.labels.output[0],
      ];
      fc.assert(
        fc.property(
          nested(pack),
          nested(pack),
          fc.boolean(),
          (asked, answered, continues) => {
            fc.pre(!startsWithColon(answered));
            for (const text of [
              `${output}: ${answered}`,
              `${input}: ${asked}\n${output}: ${answered}`,
              `**${input}:** ${asked}\n\n**${output}:**\n${answered}`,
              `【${input}】${asked}\n【${output}】${answered}`,
              `[${output}] ${answered}`,
              `## ${input}\n${asked}\n## ${output}\n${answered}`,
              `**${output}**\n${answered}`,
            ]) {
              const parsed = inputFirst(text, { pack, continues });
              expectWhole(parsed, [answered]);
            }
          },
        ),
        { numRuns: 400 },
      );
      fc.assert(
        fc.property(nested(pack), (answered) => {
          fc.pre(!startsWithColon(answered));
          // Behind the last example nothing tells a nested one from a further one.
          for (const text of [
            `${example} 1\n${output}: ${answered}\n${example} 2\n${output}: x`,
            `【${example}1】\n【${output}】${answered}\n【${example}2】\n【${output}】x`,
            `${example} 1\n**${output}**\n${answered}\n${example} 2\n**${output}**\nx`,
          ])
            expectWhole(inputFirst(text, { pack }), [answered, "x"]);
        }),
        { numRuns: 400 },
      );
    },
  );

  it("is mostly kept, not refused, where no form of ours is in it", () => {
    const plain = fc.sample(
      fc.array(
        fc.constantFrom(
          "Answer: 4",
          "1. A river",
          "Output: 3",
          "Label: x",
          "Hi.",
        ),
        { minLength: 1, maxLength: 6 },
      ),
      { numRuns: 50, seed: 7 },
    );
    for (const lines of plain) {
      const output = lines.join("\n");
      expect(inputFirst(`Output: ${output}`).accepted).toEqual([
        { input: "", output },
      ]);
    }
  });
});
