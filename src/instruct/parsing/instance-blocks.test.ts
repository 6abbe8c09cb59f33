import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { english } from "../language-packs/en.js";
import { chinese } from "../language-packs/zh.js";
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

  it.each(["<noinput>", "None", "N/A", "No input needed.", "(none)"])(
    "with %j for an input have none",
    (mark) => {
      expect(inputFirst(`Input: ${mark}\nOutput: x`).accepted).toEqual([
        { input: "", output: "x" },
      ]);
    },
  );

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

  it("may follow each other without example marks", () => {
    expect(
      inputFirst("Input: a\nOutput: 1\nInput: b\nOutput: 2").accepted,
    ).toEqual([
      { input: "a", output: "1" },
      { input: "b", output: "2" },
    ]);
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

  it("end where the model goes on to another task", () => {
    expect(inputFirst("Output: 1\n\nTask: Name a lake.\nOutput: 2")).toEqual({
      accepted: [{ input: "", output: "1" }],
      rejected: [
        { text: "Task: Name a lake.\nOutput: 2", reason: "next-task" },
      ],
    });
  });

  it("do not end at an echo of our own task", () => {
    expect(inputFirst("Task: Add.\nInput: 1 1\nOutput: 2").accepted).toEqual([
      { input: "1 1", output: "2" },
    ]);
  });

  it("lose the last one when the token limit cut the answer", () => {
    expect(
      inputFirst("Input: a\nOutput: 1\nInput: b\nOutput: tw", {
        finishReason: "length",
      }),
    ).toEqual({
      accepted: [{ input: "a", output: "1" }],
      rejected: [
        { text: "Input: b\nOutput: tw", reason: "truncated-last-item" },
      ],
    });
  });

  it("without an output are reported", () => {
    expect(inputFirst("Input: a\nOutput: 1\nInput: b")).toEqual({
      accepted: [{ input: "a", output: "1" }],
      rejected: [{ text: "Input: b", reason: "no-output" }],
    });
  });

  it("beyond the limit are reported", () => {
    expect(
      inputFirst("Input: a\nOutput: 1\nInput: b\nOutput: 2", { limit: 1 })
        .rejected,
    ).toEqual([{ text: "Input: b\nOutput: 2", reason: "too-many-items" }]);
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

  it("are read in Chinese", () => {
    expect(
      inputFirst(
        "示例1\n输入：下雨了。\n输出：下雨了吗？\n示例二\n输入：无\n输出：好",
        { pack: chinese },
      ).accepted,
    ).toEqual([
      { input: "下雨了。", output: "下雨了吗？" },
      { input: "", output: "好" },
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
      outputFirst(
        " asking\nInput: Do you ship?\nClass label: praising\nFine!",
        {
          continues: true,
        },
      ).accepted,
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

  it("lose talk, the next task and a truncated last one", () => {
    expect(
      outputFirst(
        "Of course.\nClass label: a\nInput: x\nTask: Other\nClass label: b",
      ).rejected,
    ).toEqual([
      { text: "Of course.", reason: "preamble" },
      { text: "Task: Other\nClass label: b", reason: "next-task" },
    ]);
    expect(
      outputFirst("Class label: a\nInput: x\nClass label: b\nInp", {
        finishReason: "length",
      }).rejected,
    ).toEqual([{ text: "Class label: b\nInp", reason: "truncated-last-item" }]);
  });

  it("without any label are refused whole", () => {
    expect(outputFirst("Input: a\nOutput: b").rejected).toEqual([
      { text: "Input: a\nOutput: b", reason: "no-structure" },
    ]);
  });

  it("are read in Chinese", () => {
    expect(
      outputFirst("类别标签：投诉\n输入：灯坏了。\n标签：咨询\n几点开门？", {
        pack: chinese,
      }).accepted,
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
