import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { english } from "../language-packs/en.js";
import { chinese } from "../language-packs/zh.js";
import type { Parsed } from "../records.js";
import {
  parseInstructionList,
  type InstructionListOptions,
} from "./instruction-list.js";

function parse(
  text: string,
  options: Partial<InstructionListOptions> & {
    readonly finishReason?: "stop" | "length";
  } = {},
): Parsed<string> {
  const { finishReason = "stop", ...rest } = options;
  return parseInstructionList(
    { text, finishReason },
    {
      pack: english,
      continues: false,
      limit: 10,
      dropTruncated: true,
      ...rest,
    },
  );
}

describe("a completion that continues a numbered list", () => {
  it("begins inside the first item", () => {
    expect(
      parse(" Name a river.\n10. Name\n a lake.\n11. Name a sea.", {
        continues: true,
      }),
    ).toEqual({
      accepted: ["Name a river.", "Name a lake.", "Name a sea."],
      rejected: [],
    });
  });

  it("may repeat the number it continues", () => {
    expect(
      parse("9. Name a river.\n10. Name a lake.", { continues: true }).accepted,
    ).toEqual(["Name a river.", "Name a lake."]);
  });

  it("loses its last item when the token limit cut it, and says so", () => {
    expect(
      parse(" Name a river.\n10. Name a la", {
        continues: true,
        finishReason: "length",
      }),
    ).toEqual({
      accepted: ["Name a river."],
      rejected: [{ text: "10. Name a la", reason: "truncated-last-item" }],
    });
  });

  it("keeps its last item when that rule is off", () => {
    expect(
      parse(" Name a river.\n10. Name a la", {
        continues: true,
        finishReason: "length",
        dropTruncated: false,
      }).accepted,
    ).toEqual(["Name a river.", "Name a la"]);
  });
});

describe("a chat answer", () => {
  it("loses the talk before and after the list, not the list", () => {
    expect(
      parse(
        "Sure! Here are two tasks:\n\n9. Name a river.\n\n10. Name a lake.\n\nLet me know if you want more.",
      ),
    ).toEqual({
      accepted: ["Name a river.", "Name a lake."],
      rejected: [
        { text: "Sure! Here are two tasks:", reason: "preamble" },
        { text: "Let me know if you want more.", reason: "outside-list" },
      ],
    });
  });

  it("may number with brackets, bold marks or the word Task", () => {
    expect(
      parse(
        "1) Name a river.\n**2.** Name a lake.\n**3. Name a sea.**\nTask 4: Name a bay.\n(5) Name a cape.\n### 6. Name a strait.",
      ).accepted,
    ).toEqual([
      "Name a river.",
      "Name a lake.",
      "Name a sea.",
      "Name a bay.",
      "Name a cape.",
      "Name a strait.",
    ]);
  });

  it("may be a list of bullets when there are no numbers", () => {
    expect(parse("- Name a river.\n- Name a lake.").accepted).toEqual([
      "Name a river.",
      "Name a lake.",
    ]);
  });

  it("keeps a list inside an item with the item", () => {
    expect(
      parse("1. Order these:\n   1. a river\n   2. a lake\n2. Name a sea.")
        .accepted,
    ).toEqual(["Order these: 1. a river 2. a lake", "Name a sea."]);
    expect(
      parse("Task 1: Order these:\n1. a river\n2. a lake").accepted,
    ).toEqual(["Order these: 1. a river 2. a lake"]);
    expect(parse("Task 1:\n1. Name a sea.\n2. Name a lake.").accepted).toEqual([
      "Name a sea.",
      "Name a lake.",
    ]);
  });

  it("does not take a number at the start of a sentence for an item", () => {
    expect(
      parse("1. Explain this number:\n3.5 litres of milk\n10:30 is when?")
        .accepted,
    ).toEqual(["Explain this number: 3.5 litres of milk 10:30 is when?"]);
  });

  it("is cut where the model begins to answer its own task", () => {
    expect(
      parse(
        "1. Name a river.\nOutput: The Rhine.\nIt is long.\n2. Name a lake.",
      ),
    ).toEqual({
      accepted: ["Name a river.", "Name a lake."],
      rejected: [
        { text: "Output: The Rhine.\nIt is long.", reason: "self-answer" },
      ],
    });
  });

  it("gives up hidden reasoning before it", () => {
    expect(
      parse("<think>\n1. maybe rivers?\n</think>\n1. Name a river."),
    ).toEqual({
      accepted: ["Name a river."],
      rejected: [
        { text: "<think>\n1. maybe rivers?\n</think>", reason: "reasoning" },
      ],
    });
  });

  it("that never stops reasoning has no instruction", () => {
    expect(
      parse("<think>\n1. maybe rivers?", { finishReason: "length" }),
    ).toEqual({
      accepted: [],
      rejected: [{ text: "<think>\n1. maybe rivers?", reason: "reasoning" }],
    });
  });

  it("may stand in a code fence", () => {
    expect(parse("```\n1. Name a river.\n```").accepted).toEqual([
      "Name a river.",
    ]);
  });

  it("without any list is refused whole", () => {
    expect(parse("I cannot help with that.")).toEqual({
      accepted: [],
      rejected: [{ text: "I cannot help with that.", reason: "no-structure" }],
    });
  });

  it("with more items than asked for loses the rest", () => {
    expect(
      parse("1. Name a river.\n2. Name a lake.\n3. Name a sea.", { limit: 2 }),
    ).toEqual({
      accepted: ["Name a river.", "Name a lake."],
      rejected: [{ text: "3. Name a sea.", reason: "too-many-items" }],
    });
  });

  it("with a number and nothing behind it reports that", () => {
    expect(parse("1. Name a river.\n2.\n").rejected).toEqual([
      { text: "2.", reason: "blank-item" },
    ]);
  });

  it("with an item on the line after its number has that item", () => {
    expect(parse("1.\nName a river.").accepted).toEqual(["Name a river."]);
  });

  it("that is empty has nothing accepted and nothing refused", () => {
    expect(parse(" \n")).toEqual({ accepted: [], rejected: [] });
  });
});

describe("a Chinese answer", () => {
  it("may number in Chinese ways", () => {
    expect(
      parse(
        "好的，以下是新任务：\n9、说出一条河的名字。\n10．说出一个湖的名字。\n十一、说出一片海的名字。\n（12）说出一座岛的名字。\n⑬说出一座山的名字。",
        { pack: chinese },
      ),
    ).toEqual({
      accepted: [
        "说出一条河的名字。",
        "说出一个湖的名字。",
        "说出一片海的名字。",
        "说出一座岛的名字。",
        "说出一座山的名字。",
      ],
      rejected: [{ text: "好的，以下是新任务：", reason: "preamble" }],
    });
  });

  it("does not take a Chinese word that begins with a number for an item", () => {
    expect(
      parse("1. 解释下面的成语：\n三心二意\n一、二、三年级适用吗？", {
        pack: chinese,
      }).accepted[0],
    ).toBe("解释下面的成语： 三心二意");
  });
});

describe("emphasis around an item or its first words", () => {
  it.each([
    [
      "9. **Summarize** the article in two sentences.",
      "Summarize the article in two sentences.",
    ],
    [
      "9. *Rewrite* the sentence in the past tense.",
      "Rewrite the sentence in the past tense.",
    ],
    ["9. __Summarize__ the article.", "Summarize the article."],
    ["9. _Summarize_ the article.", "Summarize the article."],
    ["9. ***Summarize*** the article.", "Summarize the article."],
    ["9. **_Summarize_** the article.", "Summarize the article."],
    ["9. `Summarize` the article.", "Summarize the article."],
    ["9. `Summarize the article.`", "Summarize the article."],
    ["9.**Summarize** the article.", "Summarize the article."],
    ["9.*Summarize* the article.", "Summarize the article."],
    ["**9.** **Summarize** the article.", "Summarize the article."],
    ["**9**. Summarize the article.", "Summarize the article."],
    ["**9. Summarize the article.**", "Summarize the article."],
    ["__9. Summarize the article.__", "Summarize the article."],
    ["**9. Summarize *the* article.**", "Summarize the article."],
    ["- **Summarize** the article.", "Summarize the article."],
    ["* *Summarize* the article.", "Summarize the article."],
    [
      "9. Summarize **the article** in *two* sentences.",
      "Summarize the article in two sentences.",
    ],
    ["9. **Instruction:** Summarize the article.", "Summarize the article."],
    ["**9. Task: Summarize the article.**", "Summarize the article."],
    [
      "9. **“Carpe diem”**: explain the phrase.",
      "“Carpe diem”: explain the phrase.",
    ],
  ])("goes: %s", (line, expected) => {
    expect(parse(line).accepted).toEqual([expected]);
  });

  it.each([
    ["9. **旅行计划：**请为三个人制定行程。", "旅行计划：请为三个人制定行程。"],
    ["9、请**总结**下面的文章。", "请总结下面的文章。"],
    ["**9、总结下面的文章。**", "总结下面的文章。"],
  ])(
    "goes in Chinese, where no space stands around it: %s",
    (line, expected) => {
      expect(parse(line, { pack: chinese }).accepted).toEqual([expected]);
    },
  );

  it.each([
    "What is 2 * 3 * 4?",
    "What is 2*3*4 and 2**3**4?",
    "Compute 5*(3+2)*4 step by step.",
    "Explain *args and **kwargs in Python.",
    "Explain **kwargs in Python.",
    "Explain f(*args, **kwargs) to a beginner.",
    "Which files match (*.txt,*.md)?",
    "Rename my_first_name to snake_case and _private to public.",
    "Explain what __init__ and __new__ do.",
    "Explain what `*args*` and `_x_` mean.",
    "Explain the code ``a `*b*` c``.",
    "Fill the gap: The ___ is the capital of ___.",
    "Explain int *p, *q; in C.",
    "Select * from t where a * b > 2.",
    "Solve x_1 + x_2 = 3 and x_1 * x_2 = 2.",
  ])("is not seen in: %s", (text) => {
    expect(parse(`9. ${text}`).accepted).toEqual([text]);
  });

  it("is no reason to lose a heading, which may be half of the instruction", () => {
    expect(
      parse(
        "9. **Travel planning:** Plan a trip to Rome.\n**10. Translate into French:** Good morning.\n11. **Cooking** – Name a soup.",
      ).accepted,
    ).toEqual([
      "Travel planning: Plan a trip to Rome.",
      "Translate into French: Good morning.",
      "Cooking – Name a soup.",
    ]);
  });

  it("on a line of its own marks a heading, which gets a colon", () => {
    expect(
      parse(
        "**9. Travel planning**\n   Plan a trip.\n10. **Cooking:**\nName a soup.\n11. **Summarize the text.**\nUse two sentences.",
      ).accepted,
    ).toEqual([
      "Travel planning: Plan a trip.",
      "Cooking: Name a soup.",
      "Summarize the text. Use two sentences.",
    ]);
    expect(
      parse("9. **旅行计划**\n请制定行程。", { pack: chinese }).accepted,
    ).toEqual(["旅行计划： 请制定行程。"]);
  });
});

/** White space, emphasis, a heading's colon and nothing else may come or go. */
function bare(text: string): string {
  return text.replace(/[\s*_`:：]/gu, "");
}

const noise = fc
  .array(
    fc.oneof(
      fc.string({ unit: "grapheme", maxLength: 20 }),
      fc.constantFrom(
        "1. ",
        "2) ",
        "\n",
        "\n\n",
        "- ",
        "**",
        "*",
        "__",
        "`",
        "Input: ",
        "Output:",
        "Task 3: ",
        "<think>",
        "</think>",
        "```\n",
        "十、",
        "示例1",
        "输出：",
        " name a river",
        "Class label: yes\n",
      ),
    ),
    { maxLength: 25 },
  )
  .map((parts) => parts.join(""));

describe("whatever the answer", () => {
  it("parsing never throws and never invents text", () => {
    fc.assert(
      fc.property(
        noise,
        fc.boolean(),
        fc.constantFrom("stop" as const, "length" as const),
        fc.constantFrom(english, chinese),
        (text, continues, finishReason, pack) => {
          const { accepted, rejected } = parse(text, {
            continues,
            finishReason,
            pack,
          });
          for (const item of [
            ...accepted,
            ...rejected.map((fragment) => fragment.text),
          ]) {
            expect(item.trim()).toBe(item);
            expect(item).not.toBe("");
            expect(bare(text)).toContain(bare(item));
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("the ways of numbering", () => {
  it.each([
    ["1. ", "2. "],
    ["１．", "２．"],
    ["１、", "２、"],
    ["（１） ", "（２） "],
    ["① ", "②"],
    ["⑴", "⑵"],
    ["⒈", "⒉ "],
    ["㈠", "㈡"],
    ["❶ ", "❷ "],
    ["㊀", "㊁"],
    ["1︰", "2﹕"],
    ["１。", "2｡"],
    ["任務１：", "任務２："],
    ["任务一、", "任务二、"],
    ["第1个任务：", "第2个任务："],
    ["第一項任務 ：", "第二項任務："],
    ["【任务1】", "【任务2】："],
    ["【1】", "［2］"],
    ["## 任务3\n", "## 任务4\n\n"],
    ["**任务三**\n", "**任务四**\n"],
    ["一、", "二、"],
  ])("%s%s", (first, second) => {
    expect(
      parse(`${first}比较老街与渡口\n${second}写一首短诗`, { pack: chinese })
        .accepted,
    ).toEqual(["比较老街与渡口", "写一首短诗"]);
  });

  it.each([
    ["Task #1: ", "Task #2: "],
    ["Task 1 - ", "Task 2 — "],
    ["## Task 3\n", "## Task 4\n\n"],
    ["**Task 3**\n", "**Task 4**\n"],
    ["[Task 1] ", "[Task 2]: "],
    ["[1] ", "[2] "],
  ])("%s%s in English", (first, second) => {
    expect(
      parse(`${first}Name a sea.\n${second}Name a lake.`).accepted,
    ).toEqual(["Name a sea.", "Name a lake."]);
  });

  it("with the word for a task leave numbers alone inside an item", () => {
    expect(
      parse(
        "Task 1: Order these:\n1. a river\n2. a lake\n## Task 2\nName a sea.",
      ).accepted,
    ).toEqual(["Order these: 1. a river 2. a lake", "Name a sea."]);
    expect(
      parse("Task 1: Order these:\n1. a river\n2. a lake").accepted,
    ).toEqual(["Order these: 1. a river 2. a lake"]);
    expect(parse("Task 1:\n1. Name a sea.\n2. Name a lake.").accepted).toEqual([
      "Name a sea.",
      "Name a lake.",
    ]);
    expect(
      parse(
        "**Task 9:** Name a sea.\n**Task 10:** Name a lake.\n11. Name a river.\n12. Name a bay.",
      ).accepted,
    ).toEqual(["Name a sea.", "Name a lake.", "Name a river.", "Name a bay."]);
    expect(parse("Task 1: Name a sea.\n2. Name a lake.").accepted).toEqual([
      "Name a sea.",
      "Name a lake.",
    ]);
  });

  it("leave to an instruction the parts that it lists", () => {
    expect(
      parse("1. Write a function:\n- Input: a number\n- Output: its square")
        .accepted,
    ).toEqual(["Write a function: - Input: a number - Output: its square"]);
  });

  it.each([
    "1. Explain why\nTask 3 is hard",
    "1. Explain why\ntask 3-4 of the list fail",
    "1. Explain\n[Task] lists",
  ])("are no more than that: %j", (text) => {
    expect(parse(text).accepted).toEqual([text.slice(3).replace("\n", " ")]);
  });

  it("refuses an item with marks of turns within it", () => {
    expect(parse("9. Name a sea.\n10. Name <|im_end|> a lake.")).toEqual({
      accepted: ["Name a sea."],
      rejected: [
        { text: "10. Name <|im_end|> a lake.", reason: "marks-inside" },
      ],
    });
  });
});
