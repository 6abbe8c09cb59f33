/**
 * @file `rankings` and `eft` with the real binary: what is taken, what is left out and
 * counted, and what is refused.
 */
import { existsSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { workFolder } from "./stage-files.js";

let ids = 0;
const message = (text: string, more: object = {}) => ({
  message_id: `m${ids++}`,
  text,
  role: "assistant",
  lang: "en",
  deleted: false,
  review_result: true,
  replies: [],
  ...more,
});
const tree = (text: string, replies: readonly object[], more: object = {}) => ({
  message_tree_id: text,
  prompt: message(text, { role: "prompter", replies, ...more }),
});
const ranked = (...texts: readonly string[]) =>
  texts.map((text, rank) => message(text, { rank }));

test("trees become files to learn from and files to measure with, and all is counted", async () => {
  const work = workFolder();
  const trees = [
    tree("one", [...ranked("a", "b", "c"), message("unranked")]),
    tree("two", [
      ...ranked("d", "e"),
      message("weg", { rank: 2, deleted: true }),
      message("nein", { rank: 3, lang: "de" }),
    ]),
    tree("three", ranked("alone")),
    tree("vier", ranked("x", "y"), { lang: "de" }),
    tree("five", ranked("f", "g"), { review_result: null }),
  ];
  const text = `\uFEFF${trees.map((row) => JSON.stringify(row)).join("\n")}\n`;
  const file = work.write("trees.jsonl.gz", gzipSync(text));
  const all = ["rankings", file, "--json", "--out"];
  const { stdout } = await work.run(...all, "out", "--test-share", "0");
  expect(JSON.parse(stdout)).toEqual({
    read: 5,
    rankings: 2,
    heldOut: 0,
    rows: { ift: 3, pairs: 4, answers: 5, "judge-test": 0 },
    leftOut: {
      "replies: unranked": 1,
      "replies: deleted": 1,
      "replies: in another language": 1,
      "trees: fewer than two ranked replies": 1,
      "trees: prompt in another language": 1,
      "trees: prompt not reviewed well": 1,
    },
    out: "out",
  });
  expect(work.rows("out/ift.jsonl")).toEqual([
    { prompt: "one", output: "a" },
    { prompt: "two", output: "d" },
    { prompt: "three", output: "alone" },
  ]);
  expect(work.rows("out/pairs.jsonl")[2]).toEqual({
    prompt: "one",
    chosen: "b",
    rejected: "c",
  });
  await work.run(...all, "held", "--test-share", "1");
  expect(work.rows("held/judge-test.jsonl")[0]).toEqual({
    prompt: "one",
    responses: [
      { response: "a", score: 5 },
      { response: "b", score: 2.5 },
      { response: "c", score: 0 },
    ],
  });
  expect(work.rows("held/ift.jsonl")).toEqual([]);
});

test("scores row by row and in lists rank as well", async () => {
  const work = workFolder();
  const rows = work.write("rows.jsonl", [
    { prompt: "p", response: "a", helpfulness: 1 },
    { prompt: "p", response: "b", helpfulness: 4 },
    { prompt: "q", response: "c", helpfulness: 2 },
    { prompt: "q", response: "d", helpfulness: 2 },
  ]);
  const { stdout } = await work.run(
    ...["rankings", rows, "--out", "a", "--test-share", "0", "--json"],
  );
  expect(JSON.parse(stdout)).toMatchObject({
    rankings: 1,
    leftOut: { "prompts: answers not told apart": 1 },
  });
  expect(work.rows("a/pairs.jsonl")).toEqual([
    { prompt: "p", chosen: "b", rejected: "a" },
  ]);
  const lists = work.write("lists.jsonl", [
    {
      instruction: "p",
      completions: [
        { response: "a", overall_score: 7.5 },
        { response: "b", overall_score: 8 },
      ],
    },
  ]);
  await work.run("rankings", lists, "--out", "b", "--test-share", "0");
  expect(work.rows("b/pairs.jsonl")).toEqual(work.rows("a/pairs.jsonl"));
});

test("a bad file is one error with its line, and leaves nothing", async () => {
  const work = workFolder();
  const twice = ranked("a", "b");
  for (const [rows, words] of [
    [[tree("p", twice), tree("q", twice)], "line 2: the message"],
    [
      [tree("p", [message("a", { rank: 0 }), message("b", { rank: 0 })])],
      "have the same rank",
    ],
    [[tree("p", ranked("a", "b"), { lang: "de" })], "No ranking is left"],
    [[{ prompt: "p", chosen: "a" }], "line 1: the field “rejected” is missing"],
    [
      [
        { prompt: "p", chosen: "a", rejected: "b" },
        { prompt: "p", response: "a", score: 1 },
      ],
      "line 2: the row is one of answers",
    ],
    [[{ prompt: "p", response: "a" }], "the field “score” is missing"],
  ] as const) {
    const file = work.write("bad.jsonl", rows);
    const { code, stderr } = await work.run("rankings", file, "--out", "out");
    expect([code, stderr]).toEqual([
      EXIT_CODES.BAD_INPUT,
      expect.stringContaining(words),
    ]);
    expect(existsSync(work.at("out"))).toBe(false);
  }
});

test("eft keeps the judgements that rank as people did, and thins the commonest score", async () => {
  const work = workFolder();
  const judged = (
    prompt: string,
    rank: number,
    scores: readonly (number | null)[],
  ) => ({
    prompt,
    response: `${prompt}${rank}`,
    rank,
    score: 1,
    variance: 0,
    kind: "score",
    judgements: scores.map((score) => ({
      kind: score === null ? "malformed" : "score",
      score,
      raw: score === null ? "well" : `because\nScore: ${score}`,
      constrained: false,
    })),
  });
  const data = work.write("judged.jsonl", [
    // The second sample agrees.
    judged("p", 0, [1, 4]),
    judged("p", 1, [2, 3]),
    // A tie is no agreement.
    judged("q", 0, [3, 2]),
    judged("q", 1, [3, 3]),
    // Nobody can read both.
    judged("r", 0, [4, null]),
    judged("r", 1, [null, 3]),
    judged("s", 0, [4, 4]),
    judged("s", 1, [1, 1]),
  ]);
  const { stdout } = await work.run(
    ...["eft", "--data", data, "--out", "eft.jsonl", "--json"],
  );
  expect(JSON.parse(stdout)).toMatchObject({
    answers: 8,
    judgements: 16,
    rankings: 4,
    agreeing: 2,
    unread: 1,
    rows: 4,
    kept: 3,
    scores: { 1: 1, 3: 1, 4: 1 },
  });
  expect(work.rows("eft.jsonl")).toContainEqual({
    prompt: "p",
    response: "p1",
    score: 3,
    rationale: "because",
  });
});
