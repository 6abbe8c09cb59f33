/**
 * @file Every reader of prompts that are graded, of answers, of rankings and of
 * preferences, fed with good rows that were damaged: one error that names file, line and
 * field and says what to do, and nothing read.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readRankings } from "../../src/data/rankings/read-rankings.js";
import { readCalibrationSet } from "../../src/evaluation/calibration-set.js";
import { readGradedAnswers } from "../../src/evaluation/graded-answers.js";
import { readPreferences } from "../../src/evaluation/length-control/preference-rows.js";
import { readAnswers } from "../../src/evaluation/suites/answers.js";
import { suiteNamed } from "../../src/evaluation/suites/suites.js";
import {
  benchmarkNamed,
  readQuestions,
} from "../../src/evaluation/benchmarks/benchmarks.js";
import { readResponseRows } from "../../src/pipelines/stages/prompt-rows.js";

const workspace = mkdtempSync(join(tmpdir(), "autodidact-bad-rows-"));
afterAll(() => {
  rmSync(workspace, { recursive: true, force: true });
});

type Row = Readonly<Record<string, unknown>>;
interface Reader {
  readonly read: (path: string) => Promise<unknown>;
  /** Two rows; the second is damaged. */
  readonly good: readonly [Row, Row];
  /** Fields without which a row is none. */
  readonly needed: readonly string[];
  /** Whether two rows may not be alike. */
  readonly unique: boolean;
}

const file = (name: string, text: string): string => {
  const path = join(workspace, name);
  writeFileSync(path, text);
  return path;
};
const lines = (rows: readonly unknown[]): string =>
  rows.map((row) => `${JSON.stringify(row)}\n`).join("");

const suite = (name: Parameters<typeof suiteNamed>[0]) => ({
  read: (path: string) => suiteNamed(name).open(path),
  unique: true,
});
const questions = (name: Parameters<typeof benchmarkNamed>[0]) => ({
  read: (path: string) => readQuestions(path, benchmarkNamed(name).questions),
  unique: true,
});
const rankings = {
  read: async (path: string) => {
    const read = [];
    for await (const ranking of readRankings(path, "en")) read.push(ranking);
    return read;
  },
};
const both = (row: Row, changes: Row): [Row, Row] => [
  row,
  { ...row, ...changes },
];
const reply = (id: string, rank: number): Row => ({
  ...{ message_id: id, text: id, role: "assistant", lang: "en" },
  ...{ review_result: true, rank },
});
const tree = (id: string): Row => ({
  message_tree_id: id,
  prompt: {
    ...{ message_id: id, text: "Why?", role: "prompter", lang: "en" },
    ...{
      review_result: true,
      replies: [reply(`${id}a`, 0), reply(`${id}b`, 1)],
    },
  },
});

const READERS: Readonly<Record<string, Reader>> = {
  ifeval: {
    ...suite("ifeval"),
    good: both(
      {
        ...{ key: 1, prompt: "Say no.", kwargs: [{}] },
        instruction_id_list: ["punctuation:no_comma"],
      },
      { key: 2 },
    ),
    needed: ["key", "prompt", "instruction_id_list", "kwargs"],
  },
  exact: {
    ...suite("exact"),
    good: both({ key: "a", prompt: "1+1", answer: "2" }, { key: "b" }),
    needed: ["prompt", "answer"],
  },
  "user-oriented": {
    ...suite("user-oriented"),
    good: both(
      { id: "a", instruction: "Go.", instances: [{ input: "", output: "x" }] },
      { id: "b" },
    ),
    needed: ["id", "instruction", "instances"],
  },
  "alpaca-eval": {
    ...questions("alpaca-eval"),
    good: both({ instruction: "Go." }, { instruction: "Stay." }),
    needed: ["instruction"],
  },
  "mt-bench": {
    ...questions("mt-bench"),
    good: both({ question_id: 1, turns: ["a", "b"] }, { question_id: 2 }),
    needed: ["question_id", "turns"],
  },
  "arena-hard": {
    ...questions("arena-hard"),
    good: both({ uid: "a", prompt: "Go." }, { uid: "b" }),
    needed: ["uid", "prompt"],
  },
  "answers to Arena-Hard": {
    read: (path) => readResponseRows(path),
    good: both(
      {
        ...{ uid: "a", model: "m" },
        messages: [
          { role: "user", content: "Go." },
          { role: "assistant", content: { answer: "Gone." } },
        ],
      },
      { uid: "b" },
    ),
    needed: ["uid", "model", "messages"],
    unique: true,
  },
  "answers to AlpacaEval": {
    read: (path) => readResponseRows(path),
    good: both(
      { instruction: "Go.", output: "Gone.", generator: "m" },
      { instruction: "Stay." },
    ),
    needed: ["instruction", "output"],
    unique: true,
  },
  trees: {
    ...rankings,
    good: [tree("one"), tree("two")],
    needed: ["prompt"],
    unique: true,
  },
  pairs: {
    ...rankings,
    good: both({ prompt: "p", chosen: "a", rejected: "b" }, { prompt: "q" }),
    needed: ["prompt", "chosen", "rejected"],
    unique: false,
  },
  scores: {
    ...rankings,
    good: both({ prompt: "p", response: "a", score: 2 }, { score: 1 }),
    needed: ["prompt", "response", "score"],
    unique: false,
  },
  "lists of scores": {
    ...rankings,
    good: both(
      {
        instruction: "p",
        completions: [1, 2].map((overall_score) => ({
          ...{ response: `${overall_score}`, overall_score },
        })),
      },
      { instruction: "q" },
    ),
    needed: [],
    unique: false,
  },
  JudgeBench: {
    read: (path) => readCalibrationSet(path),
    good: both(
      { question: "q", response_A: "a", response_B: "b", label: "A>B" },
      { question: "r" },
    ),
    needed: ["question", "response_A", "response_B"],
    unique: false,
  },
  annotations: {
    read: (path) => readPreferences([path]),
    good: both(
      {
        ...{ instruction: "Go.", output_1: "a", output_2: "b" },
        ...{ generator_1: "r", generator_2: "m", preference: 2 },
      },
      { instruction: "Stay." },
    ),
    needed: ["instruction", "output_1", "output_2", "generator_2"],
    unique: true,
  },
  "graded answers": {
    read: readGradedAnswers,
    good: both({ prompt: "p", score: 1 }, { prompt: "q" }),
    needed: ["prompt"],
    unique: false,
  },
};

describe.each(Object.entries(READERS))("%s", (name, reader) => {
  const { read, good, needed, unique } = reader;
  const [first, second] = good;
  const refusal = async (text: string): Promise<string> => {
    const path = file("bad.jsonl", text);
    const error: unknown = await read(path).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error, name).toMatchObject({ code: "BAD_INPUT" });
    const { message } = error as Error;
    expect(message).toContain(`${path}, line 2`);
    // What happened, and what to do.
    expect(message.split(/[.?] (?=[\p{Lu}{])/u).length).toBeGreaterThan(1);
    return message;
  };

  test("reads its rows behind a mark of byte order, in lines or as one array", async () => {
    const expected = await read(file("good.jsonl", lines(good)));
    const marked = await read(file("marked.jsonl", `\uFEFF${lines(good)}`));
    const names = /good\.jsonl|marked\.jsonl/gu;
    const plain = (value: unknown): string =>
      JSON.stringify(
        value instanceof Map ? [...value.keys()] : value,
      ).replaceAll(names, "file");
    expect(plain(marked)).toBe(plain(expected));
  });

  test("reads objects that are printed over several lines", async () => {
    const all = async (text: string): Promise<string> => {
      const rows = await read(file("rows.json", text));
      return JSON.stringify(
        rows instanceof Map ? [...rows.entries()] : rows,
      ).replace(/"line":\d+/gu, "");
    };
    for (const rows of [good, [first]])
      expect(
        await all(rows.map((row) => JSON.stringify(row, null, 2)).join("\n")),
      ).toBe(await all(lines(rows)));
  });

  test("with a key that stands twice in one object", async () => {
    const [field = "", value] = Object.entries(second)[0] ?? [];
    const again = `${JSON.stringify(second).slice(0, -1)},${JSON.stringify(field)}:${JSON.stringify(value)}}`;
    const words = `has the key “${field}” twice in one object`;
    expect(await refusal(`${lines([first])}${again}\n`)).toContain(words);
    expect(await refusal(`[${JSON.stringify(first)},\n${again}]`)).toContain(
      words,
    );
  });

  test.each(needed)(
    "without %s, or with null or a wrong kind there",
    async (field) => {
      const { [field]: _gone, ...without } = second;
      expect(await refusal(lines([first, without]))).toContain(field);
      if (name !== "graded answers")
        for (const wrong of [null, { a: 1 }])
          expect(
            await refusal(lines([first, { ...second, [field]: wrong }])),
          ).toContain(field);
    },
  );

  test("with a row that is none, or half of one", async () => {
    expect(await refusal(`${lines([first])}[1]\n`)).not.toBe("");
    expect(await refusal(`${lines([first])}{"a": \n`)).toContain("not JSON");
  });

  test.runIf(unique)("with the same row twice", async () => {
    expect(await refusal(lines([first, first]))).toMatch(
      /already|a second time/u,
    );
  });
});

describe("rows that are well formed and say what cannot be", () => {
  const constrained = (ids: readonly string[], kwargs: readonly unknown[]) => ({
    ...{ key: 1, prompt: "Say no.", instruction_id_list: ids, kwargs },
  });
  const nested = (depth: number): Row => ({
    ...reply(`m${depth}`, 0),
    replies: depth === 0 ? [] : [nested(depth - 1)],
  });
  const inTree = (replies: readonly Row[], changes: Row = {}): Row => {
    const { prompt, ...rest } = tree("one");
    return { ...rest, prompt: { ...(prompt as Row), replies, ...changes } };
  };
  test.each<[string, string, object, string]>([
    [
      ...(["an unknown kind", "ifeval"] as const),
      constrained(["punctuation:no_coma"], [{}]),
      "Did you mean “punctuation:no_comma”?",
    ],
    [
      ...(["arguments of another kind", "ifeval"] as const),
      constrained(["punctuation:no_comma"], [{ num_words: 3 }]),
      "“num_words” does not belong to the arguments of punctuation:no_comma",
    ],
    [
      ...(["an argument out of range", "ifeval"] as const),
      constrained(
        ["detectable_format:number_bullet_lists"],
        [{ num_bullets: 0 }],
      ),
      "at least 1",
    ],
    [
      ...(["fewer arguments than kinds", "ifeval"] as const),
      constrained(["punctuation:no_comma"], []),
      "1 constraints in “instruction_id_list” and 0 objects",
    ],
    [
      ...(["an answer without its score", "lists of scores"] as const),
      { instruction: "p", completions: [{ response: "a" }] },
      "“completions[0].overall_score” is missing",
    ],
    [
      ...(["a tree that comes back to itself", "trees"] as const),
      inTree([{ ...reply("a", 0), replies: [reply("one", 0)] }]),
      "“one” is there a second time",
    ],
    [
      ...(["two replies of one rank", "trees"] as const),
      inTree([reply("a", 0), reply("b", 0)]),
      "the same rank",
    ],
    [
      ...(["a tree without end", "trees"] as const),
      inTree([nested(600)]),
      "nested more than 500 deep",
    ],
    [
      ...(["a tree that the assistant begins", "trees"] as const),
      inTree([], { role: "assistant" }),
      "begins with a message of the assistant",
    ],
  ])("%s", async (_, name, row, words) => {
    const path = file("bad.jsonl", lines([row]));
    await expect(READERS[name]?.read(path)).rejects.toMatchObject({
      code: "BAD_INPUT",
      message: expect.stringMatching(/bad\.jsonl, line 1: /u) as unknown,
    });
    await expect(READERS[name]?.read(path)).rejects.toThrow(words);
  });

  test("unranked and foreign replies are counted, and the others rank", async () => {
    const { rank: _rank, ...unranked } = reply("c", 0);
    const foreign = { ...reply("d", 2), lang: "de" };
    const path = file(
      "trees.jsonl",
      lines([inTree([reply("a", 0), reply("b", 1), unranked, foreign])]),
    );
    expect(await rankings.read(path)).toMatchObject([
      {
        leftOut: { "replies: unranked": 1, "replies: in another language": 1 },
        best: { output: "a" },
      },
    ]);
  });

  test("a score beyond what numbers are exact to", async () => {
    const row = '{"prompt":"p","response":"a","score":9007199254740993}\n';
    await expect(rankings.read(file("scores.jsonl", row))).rejects.toThrow(
      "the field “score” is the whole number 9007199254740993, too large to compute with",
    );
  });

  test("answers to no task, or to two", async () => {
    const open = await suiteNamed("exact").open(
      file("tasks.jsonl", lines([{ key: 1, prompt: "1+1", answer: 2 }])),
    );
    const answers = (row: object) =>
      readAnswers(file("answers.jsonl", lines([row])), open);
    await expect(answers({ key: 2, response: "2" })).rejects.toThrow(
      "answers.jsonl, line 1: its key “2” is none of the suite's",
    );
    await expect(answers({ response: "2" })).rejects.toThrow("neither “key”");
    await expect(answers({ key: 1, response: null })).rejects.toThrow(
      "“response” is null",
    );
  });
});
