import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { randomStream } from "../../foundation/random.js";
import { writeJsonLines } from "../../foundation/json-lines.js";
import { english } from "../language-packs/en.js";
import { nurseryLanguage } from "../language-packs/nursery.js";
import { chinese } from "../language-packs/zh.js";
import { chineseVerb } from "./chinese-verbs.js";
import { countNames, entropy } from "./counts.js";
import { dataReport } from "./data-report.js";
import { findContamination } from "./decontamination.js";
import { instructionStructure } from "./instruction-structure.js";
import { labelBalance } from "./label-balance.js";
import { lengthStatistics } from "./length-statistics.js";
import type { ReportTask } from "./report-task.js";
import { readReview, reviewSample, summarizeReview } from "./review.js";
import {
  nearDuplicateClusters,
  poolTrend,
  seedSimilarity,
} from "./similarity.js";

function task(instruction: string, more: Partial<ReportTask> = {}): ReportTask {
  return {
    id: instruction,
    instruction,
    isClassification: false,
    instances: [{ input: "", output: "out" }],
    ...more,
  };
}

describe("the structure of an English instruction", () => {
  it.each([
    ["Write a short poem about rain.", { verb: "write", object: "poem" }],
    ["Please list five rivers.", { verb: "list", object: "river" }],
    ["Give me a recipe for soup.", { verb: "give", object: "recipe" }],
    ["Design a product warning label.", { verb: "design", object: "label" }],
    [
      "You are given a text. Summarize the article.",
      { verb: "summarize", object: "article" },
    ],
    ["Translate into French.", { verb: "translate" }],
    ["Why is the sky blue?", undefined],
    ["", undefined],
  ])("of %j is %j", (instruction, expected) => {
    expect(instructionStructure(instruction)).toEqual(expected);
  });
});

describe("the verb of a Chinese instruction", () => {
  it.each([
    ["请列出三条河流。", "列出"],
    ["把这句话翻译成英文。", "翻译"],
    ["把句子改写成反问句。", "改写成"],
    ["为什么天是蓝的？", undefined],
  ])("of %j is %j", (instruction, expected) => {
    expect(chineseVerb(instruction)).toBe(expected);
  });
});

describe("counting", () => {
  it("orders by number, then by name", () => {
    expect(countNames(["b", "a", "c", "c"])).toEqual([
      { name: "c", count: 2 },
      { name: "a", count: 1 },
      { name: "b", count: 1 },
    ]);
  });

  it("measures entropy in bits", () => {
    // ½·1 + ¼·2 + ¼·2
    expect(entropy(countNames(["a", "a", "b", "c"]))).toBeCloseTo(1.5, 12);
    expect(entropy([])).toBe(0);
  });

  it("sums up lengths in any order, and none as 0", () => {
    expect(lengthStatistics([4, 1, 3, 2])).toMatchObject({
      mean: 2.5,
      median: 2.5,
    });
    expect(lengthStatistics([10]).high).toBe(10);
    expect(lengthStatistics([])).toMatchObject({ mean: 0, median: 0 });
  });

  it("leaves empty bins out at the ends only", () => {
    expect(lengthStatistics([6, 7, 22]).histogram).toEqual([
      { from: 5, to: 10, count: 2 },
      { from: 10, to: 15, count: 0 },
      { from: 15, to: 20, count: 0 },
      { from: 20, to: 30, count: 1 },
    ]);
    expect(lengthStatistics([]).histogram).toEqual([]);
  });
});

describe("label balance", () => {
  it("compares the labels of each task with the most even use of them", () => {
    const labels = (...outputs: string[]): ReportTask =>
      task(outputs.join(), {
        isClassification: true,
        instances: outputs.map((output, i) => ({ input: String(i), output })),
      });
    const balance = labelBalance([
      labels("yes", "Yes"),
      labels("a", "b"),
      labels("x"),
      task("other"),
    ]);
    expect(balance).toEqual({
      tasks: 3,
      instances: 5,
      comparableTasks: 2,
      oneLabelTasks: 1,
      // One task even (1), one with a single label (0).
      evenness: 0.5,
      commonest: [
        { name: "yes", count: 2 },
        { name: "a", count: 1 },
        { name: "b", count: 1 },
        { name: "x", count: 1 },
      ],
    });
  });
});

describe("similarity", () => {
  const alike = [
    "name a river in france",
    "write a poem",
    "name a river in spain",
    "name a lake in spain",
  ];

  it("groups near-duplicates with the earlier one they resemble most", () => {
    // 4 of 5 tokens in common: F = 0.8; the fourth shares 4 of 5 with the third.
    expect(
      nearDuplicateClusters(alike, { tokenizer: "rouge", threshold: 0.7 }),
    ).toEqual([{ instructions: [alike[0], alike[2], alike[3]] }]);
    expect(
      nearDuplicateClusters(alike, { tokenizer: "rouge", threshold: 0.85 }),
    ).toEqual([]);
  });

  it("measures the largest similarity to a seed", () => {
    const similarity = seedSimilarity(
      ["name a river in spain", "quite another thing"],
      ["name a river in france", "write a poem"],
      "rouge",
    );
    expect(similarity.mean).toBeCloseTo(0.4, 12);
    expect(similarity.histogram.filter(({ count }) => count > 0)).toEqual([
      { from: 0, to: 0.1, count: 1 },
      { from: 0.8, to: 0.9, count: 1 },
    ]);
  });

  it("shows a pool that repeats itself as collapsing", () => {
    const fresh = ["one two three", "four five six"];
    const stale = ["one two four", "one two four"];
    const trend = poolTrend([...fresh, ...stale], [], {
      tokenizer: "rouge",
      size: 2,
    });
    expect(trend).toEqual([
      { from: 0, size: 2, similarity: 0, distinctPairs: 1, newTokens: 1 },
      {
        from: 2,
        size: 2,
        // 2 of 3 tokens with the first, then an exact repetition.
        similarity: expect.closeTo((2 / 3 + 1) / 2, 12) as number,
        distinctPairs: 0.5,
        newTokens: 0,
      },
    ]);
  });

  it("leaves a last short window out, unless it is the only one", () => {
    const options = { tokenizer: "rouge", size: 3 } as const;
    expect(poolTrend(["a", "b"], [], options)).toHaveLength(1);
    expect(poolTrend(["a", "b", "c", "d"], [], options)).toHaveLength(1);
  });
});

describe("overlap with an evaluation set", () => {
  const long = "a b c d e f g h i j k l m";
  const find = (tasks: readonly ReportTask[]) =>
    findContamination(
      tasks,
      ["Name a river!", `start ${long} end`, "one two three four"],
      { tokenizer: "rouge" },
    ).map(({ taskId, kind, amount }) => [taskId, kind, amount]);

  it("finds equal prompts whatever their case and punctuation", () => {
    expect(find([task("name, a RIVER")])).toEqual([
      ["name, a RIVER", "equal", 3],
    ]);
  });

  it("looks at the instruction together with each input", () => {
    const split = task("Name a", {
      instances: [
        { input: "river", output: "x" },
        { input: "town", output: "x" },
      ],
    });
    expect(find([split])).toEqual([["Name a", "equal", 3]]);
    expect(find([task("one two three", { instances: [] })])).toEqual([
      ["one two three", "similar", expect.closeTo(6 / 7, 12)],
    ]);
  });

  it("finds a run of 13 shared tokens in an otherwise different text", () => {
    const other = `${long} ${"z ".repeat(60)}`;
    expect(find([task(other)])).toEqual([[other, "shared-run", 13]]);
    const shorter = `a b c d e f g h i j k l ${"z ".repeat(60)}`;
    expect(find([task(shorter)])).toEqual([]);
  });
});

describe("review", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "review-"));
  });
  afterAll(() => rm(folder, { recursive: true }));

  const tasks = Array.from({ length: 20 }, (_, i) =>
    task(`task ${i}`, {
      instances: i === 3 ? [] : [{ input: `in ${i}`, output: `out ${i}` }],
    }),
  );

  it("samples distinct tasks that have an instance, in their order, repeatably", () => {
    const rows = reviewSample(tasks, 8, randomStream(1, "review"));
    expect(rows).toHaveLength(8);
    const places = rows.map(({ id }) => tasks.findIndex((t) => t.id === id));
    expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
    expect(places).not.toContain(3);
    expect(reviewSample(tasks, 8, randomStream(1, "review"))).toEqual(rows);
    expect(reviewSample(tasks, 99, randomStream(1))).toHaveLength(19);
  });

  it("comes back from its file with what a person wrote", async () => {
    const rows = reviewSample(tasks, 4, randomStream(1));
    const path = join(folder, "review.jsonl");
    await writeJsonLines(
      path,
      rows.map((row, index) => ({
        ...row,
        valid_instruction: index < 3 ? true : null,
        appropriate_input: index < 3 ? index !== 1 : null,
        correct_output: index < 2 ? true : null,
      })),
    );
    expect(summarizeReview(await readReview(path))).toEqual({
      rows: 4,
      reviewed: 2,
      validInstruction: { good: 3, reviewed: 3 },
      appropriateInput: { good: 2, reviewed: 3 },
      correctOutput: { good: 2, reviewed: 2 },
      allValid: { good: 1, reviewed: 2 },
    });
  });

  it("with an answer that is not true, false or null is refused with its line", async () => {
    const path = join(folder, "bad.jsonl");
    const [row] = reviewSample(tasks, 1, randomStream(1));
    await writeFile(
      path,
      `${JSON.stringify(row)}\n${JSON.stringify({ ...row, correct_output: "ok" })}\n`,
    );
    await expect(readReview(path)).rejects.toThrow(
      /bad\.jsonl, line 2: the field “correct_output” does not fit/u,
    );
  });
});

describe("the report as a whole", () => {
  it("counts tasks, instances and lengths", () => {
    const report = dataReport({
      tasks: [
        task("Write a short poem."),
        task("Is it a pet?", {
          isClassification: true,
          instances: [
            { input: "a cat", output: "yes" },
            { input: "a large old tree", output: "no" },
          ],
        }),
        task("List two rivers.", { instances: [] }),
      ],
      seeds: ["Write a long poem."],
      pack: english,
    });
    expect(report.counts).toEqual({
      instructions: 3,
      classification: 1,
      other: 2,
      instances: 3,
      instancesWithoutInput: 1,
      instructionsWithoutInstances: 1,
    });
    expect(report.lengths.unit).toBe("words");
    expect(report.lengths.instruction.mean).toBeCloseTo(11 / 3, 12);
    expect(report.lengths.input.count).toBe(2);
    expect(report.lengths.input.mean).toBe(3);
    expect(report.verbs.found).toBe(2);
    expect(report.verbs.pairs?.commonest).toEqual([
      { name: "list river", count: 1 },
      { name: "write poem", count: 1 },
    ]);
    expect(report.verbs.pairs?.topShare).toBeCloseTo(2 / 3, 12);
    expect(report.verbs.byVerb).toEqual([
      { verb: "list", count: 1, objects: [{ name: "river", count: 1 }] },
      { verb: "write", count: 1, objects: [{ name: "poem", count: 1 }] },
    ]);
    expect(report).not.toHaveProperty("contamination");
  });

  it("of Chinese instructions counts characters and tells no objects", () => {
    const report = dataReport({
      tasks: [task("写一首短诗。"), task("为什么天是蓝的？")],
      seeds: ["写一封信。"],
      pack: chinese,
      evaluation: ["写一首短诗"],
    });
    expect(report.lengths.unit).toBe("characters");
    expect(report.lengths.instruction.mean).toBe(6);
    expect(report.verbs).toMatchObject({ found: 1, distinctVerbs: 1 });
    expect(report.verbs.pairs).toBeUndefined();
    expect(report.verbs.byVerb).toEqual([
      { verb: "写", count: 1, objects: [] },
    ]);
    expect(report.contamination?.findings).toHaveLength(1);
  });

  it("of the nursery finds verbs and objects before what they are applied to", () => {
    const report = dataReport({
      tasks: [
        task("double each letter : p q"),
        task("double each digit : 4 1"),
        task("double each letter : s"),
        task("double it : cat"),
        task("which letter ends the word cat"),
      ],
      seeds: [],
      pack: nurseryLanguage,
    });
    expect(report.verbs.byVerb).toEqual([
      {
        verb: "double",
        count: 4,
        objects: [
          { name: "letter", count: 2 },
          { name: "digit", count: 1 },
        ],
      },
    ]);
    expect(report.verbs.pairs?.found).toBe(3);
  });

  it("of nothing is a report of nothing", () => {
    const report = dataReport({ tasks: [], seeds: [], pack: english });
    expect(report.counts.instructions).toBe(0);
    expect(report.trend).toEqual([]);
    expect(report.lengths.output.mean).toBe(0);
  });
});
