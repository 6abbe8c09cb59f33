/**
 * @file A Chinese run on recorded answers, every expectation worked out by hand:
 * what the `zh` pack's filters and the character-wise novelty do.
 */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { SeedTask } from "../../src/data/formats/instruction-records.js";
import { writeJsonLines } from "../../src/foundation/json-lines.js";
import type { LanguageModel } from "../../src/generation/language-model.js";
import { rememberingAuthor } from "../../src/pipelines/instruct-stages/author.js";
import type { InstructReport } from "../../src/reporting/instruct/schema.js";
import {
  datasetRows,
  runInstruct,
  runOptions,
  temporaryFolder,
} from "./run-folder.js";

const SEEDS = [
  "把句子改成疑问句。",
  "列出四种水果。",
  "解释“守株待兔”的意思。",
];

/** Answers to the first and the second request for instructions. */
const LISTS = [
  `好的，以下是新任务：
4. 写一首关于秋天的四行小诗。
5. 请描述这张图片里的人物。
6. 写诗
7. 写一首关于秋天的四行短诗。
8. 编写一个程序，计算平均数。
9. Translate this sentence into English.
10. 判断下面的句子是否有语病。`,
  `4、用三句话介绍都江堰。
5、比较高铁和飞机的优缺点。
6、比较飞机和高铁的优缺点。
7、给爷爷写一封信。`,
];

const KINDS: Readonly<Record<string, string>> = {
  "写一首关于秋天的四行小诗。": "否",
  "判断下面的句子是否有语病。": "是",
  "用三句话介绍都江堰。": "否。",
  "比较高铁和飞机的优缺点。": "这不是分类任务",
};

const INSTANCES: Readonly<Record<string, string>> = {
  "写一首关于秋天的四行小诗。":
    "输出：\n秋风起，\n雁南飞，\n一片叶，\n两人归。",
  "判断下面的句子是否有语病。": `类别标签：有语病
输入：通过学习，使我进步了。
类别标签：没有语病
输入：我们按时到了。
类别标签：有语病
输入：我们按时到了。`,
  "用三句话介绍都江堰。":
    "输入：无\n输出：都江堰在四川。它由李冰父子主持修建。它至今仍在灌溉农田。",
  "比较高铁和飞机的优缺点。": `示例1
输入：从北京到上海
输出：高铁准点，飞机快。
示例2
输入：从北京到广州
输出：两者的优缺点如下：`,
};

function recordedAnswers(): LanguageModel {
  let lists = 0;
  const answer = (content: string): string => {
    if (content.includes("项新任务")) return LISTS[lists++] ?? "";
    const asked =
      Object.keys(KINDS).find((instruction) =>
        content.includes(`任务：${instruction}\n是否分类：`),
      ) ??
      Object.keys(INSTANCES).find((instruction) =>
        content.endsWith(`任务：${instruction}`),
      ) ??
      "";
    return content.endsWith("是否分类：")
      ? (KINDS[asked] ?? "?")
      : (INSTANCES[asked] ?? "?");
  };
  return {
    identity: "recorded",
    generate: (requests) =>
      Promise.resolve(
        requests.map(({ prompt }) => {
          const text = answer(
            typeof prompt === "string" ? prompt : (prompt[0]?.content ?? ""),
          );
          return [{ text, tokens: text.length, finishReason: "stop" as const }];
        }),
      ),
    score: () => Promise.resolve([]),
  };
}

let folder: string;
let report: InstructReport;
beforeAll(async () => {
  folder = await temporaryFolder();
  const seeds = join(folder, "seeds.jsonl");
  await writeJsonLines(
    seeds,
    SEEDS.map((instruction, index) => ({
      id: `种子${index}`,
      name: `种子${index}`,
      instruction,
      instances: [{ input: "", output: "略" }],
      is_classification: false,
    })),
  );
  report = await runInstruct(
    runOptions(
      join(folder, "run"),
      ({ store }, use) =>
        use(
          rememberingAuthor(recordedAnswers(), {
            store,
            style: "chat",
            signal: new AbortController().signal,
          }),
        ),
      { language: "zh", accept: 4, inFlight: 1, seeds },
    ),
  );
});
afterAll(() => rm(folder, { recursive: true }));

describe("a Chinese run", () => {
  it("accepts what is good Chinese and new, in order", async () => {
    expect(report.stop).toBe("accepted");
    const rows = await datasetRows<SeedTask>(
      join(folder, "run"),
      "self-instruct.jsonl",
    );
    expect(
      rows.map(({ instruction, is_classification }) => [
        instruction,
        is_classification,
      ]),
    ).toEqual([
      ["写一首关于秋天的四行小诗。", false],
      ["判断下面的句子是否有语病。", true],
      ["用三句话介绍都江堰。", false],
      ["比较高铁和飞机的优缺点。", false],
    ]);
  });

  it("rejects the rest, each by the rule that it breaks and with its nearest neighbour", async () => {
    const rejected = await datasetRows<{
      readonly subject: string;
      readonly rule: string;
      readonly text: string;
      readonly nearest?: {
        readonly instruction: string;
        readonly score: number;
      };
    }>(join(folder, "run"), "rejected.jsonl");
    expect(
      rejected
        .filter(({ subject }) => subject === "instruction")
        .map(({ rule, text }) => [text, rule]),
    ).toEqual([
      ["请描述这张图片里的人物。", "forbidden-word"],
      ["写诗", "too-short"],
      ["写一首关于秋天的四行短诗。", "not-novel"],
      ["编写一个程序，计算平均数。", "program-request"],
      ["Translate this sentence into English.", "wrong-language"],
      ["好的，以下是新任务：", "preamble"],
      ["比较飞机和高铁的优缺点。", "not-novel"],
      ["给爷爷写一封信。", "surplus"],
    ]);
    const similar = rejected.filter(({ rule }) => rule === "not-novel");
    // One of 12 characters differs: LCS 11, F = 11/12. Two words change places:
    // 比较 + one of the two words + 的优缺点, LCS 8 of 11, F = 8/11.
    expect(similar[0]?.nearest?.score).toBeCloseTo(11 / 12, 12);
    expect(similar[0]?.nearest?.instruction).toBe("写一首关于秋天的四行小诗。");
    expect(similar[1]?.nearest?.score).toBeCloseTo(8 / 11, 12);
    expect(similar[1]?.nearest?.instruction).toBe("比较高铁和飞机的优缺点。");
  });

  it("filters instances: conflicting labels, an unfinished output, a mark for no input", async () => {
    const rows = await datasetRows<SeedTask>(
      join(folder, "run"),
      "self-instruct.jsonl",
    );
    expect(rows.map(({ instances }) => instances)).toEqual([
      [{ input: "", output: "秋风起，\n雁南飞，\n一片叶，\n两人归。" }],
      [{ input: "通过学习，使我进步了。", output: "有语病" }],
      [
        {
          input: "",
          output: "都江堰在四川。它由李冰父子主持修建。它至今仍在灌溉农田。",
        },
      ],
      [{ input: "从北京到上海", output: "高铁准点，飞机快。" }],
    ]);
    const instances = report.waterfall.find(
      ({ stage }) => stage === "instances",
    );
    expect(instances?.rejected).toEqual([
      { name: "conflicting-outputs", count: 2 },
      { name: "trailing-colon", count: 1 },
    ]);
  });

  it("reports lengths in characters and writes Chinese layouts", async () => {
    expect(report.data.lengths.unit).toBe("characters");
    // 12 + 12 + 9 + 11 characters.
    expect(report.data.lengths.instruction.mean).toBe(11);
    const training = await datasetRows<{ readonly prompt: string }>(
      join(folder, "run"),
      "training.jsonl",
    );
    expect(training).toHaveLength(4);
    for (const { prompt } of training)
      expect(prompt).toMatch(/\p{Script=Han}/u);
  });
});
