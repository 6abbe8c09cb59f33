/**
 * @file `autodidact judge --against` with the real binary: two models' answers, a judge
 * behind a real server, AlpacaEval's annotations out, and win rates from them.
 */
import { readFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { startLocalServer } from "../endpoints/local-server.js";
import { workFolder, type WorkFolder } from "./stage-files.js";

/** Prefers the longer answer, the first of equal ones, and says nothing of “mute”. */
async function judgeOfLengths() {
  const asked: string[] = [];
  const budget = { requests: Infinity };
  const server = await startLocalServer((body, _request, response) => {
    if (body === undefined) return { data: [{ id: "judge" }] };
    const { messages } = body as { messages: { content: string }[] };
    const text = messages[0]?.content ?? "";
    if (asked.length >= budget.requests) {
      response.statusCode = 401;
      return { error: { code: "invalid_api_key", message: "no more" } };
    }
    asked.push(text);
    const [, first = "", second = ""] = text.split("\n--\n");
    const content = text.includes("mute")
      ? "I do not know."
      : `So.\nBetter: ${second.length > first.length ? "B" : "A"}`;
    return {
      choices: [
        { message: { role: "assistant", content }, finish_reason: "stop" },
      ],
      usage: { prompt_tokens: 9, completion_tokens: 3 },
    };
  });
  onTestFinished(() => server.close());
  return { ...server, asked, budget };
}

function compare(
  work: WorkFolder,
  { url }: { readonly url: string },
  ...options: readonly string[]
) {
  const template = work.write(
    "which.txt",
    "{prompt}\n--\n{first}\n--\n{second}",
  );
  return work.run(
    ...["judge", "--endpoint", `${url}/v1`, "--model", "judge"],
    ...["--reward", "samples", "--samples", "1"],
    ...["--judge-template", template, ...options],
  );
}

const outputs = (generator: string, texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([instruction, output]) => ({
    ...{ instruction, output, generator },
  }));
const REFERENCE = outputs("ref", { p1: "aaaa", p2: "bb", p3: "cc", p5: "e" });
const MODEL = outputs("new", {
  p1: "a",
  p2: "bbbb",
  p3: "dd",
  p4: "f",
  mute: "g",
});

test("both orders, AlpacaEval's file, and the same rates from that", async () => {
  const work = workFolder();
  const server = await judgeOfLengths();
  const files = [
    ...["--data", work.write("new.json", JSON.stringify(MODEL))],
    ...["--against", work.write("ref.json", JSON.stringify(REFERENCE))],
    ...["--out", work.at("annotations.json")],
  ];
  const { code, stdout, stderr } = await compare(work, server, ...files);
  expect(code, stderr).toBe(0);
  expect(stdout).toContain("3 pairs: preferred in 50.0 %");
  expect(stdout).toContain("better 1, equal 1, worse 1, without verdict 0");
  // The longer one twice whatever its place, and the first place twice.
  expect(stdout).toContain(
    "the answer shown first got 66.7 %, both orders agree on 66.7 %",
  );
  expect(stderr).toContain("3 answers are in one of the two files only");
  expect(server.asked).toHaveLength(6);
  const rows = JSON.parse(
    readFileSync(work.at("annotations.json"), "utf8"),
  ) as Record<string, unknown>[];
  expect(rows).toMatchObject(
    [
      ["p1", "aaaa", "a", 1],
      ["p2", "bb", "bbbb", 2],
      ["p3", "cc", "dd", 1.5],
    ].map(([instruction, output_1, output_2, preference]) => ({
      ...{ instruction, output_1, output_2, preference },
      ...{ generator_1: "ref", generator_2: "new", annotator: "judge" },
    })),
  );
  const rates = await work.run(
    ...["evaluate", "--suite", "alpaca-eval", "--json"],
    ...["--preferences", work.at("annotations.json")],
  );
  expect(JSON.parse(rates.stdout)).toMatchObject({
    models: [{ model: "new", winRate: 50, prompts: 3 }],
  });
});

test("a pair without a verdict has no preference, and is told", async () => {
  const work = workFolder();
  const server = await judgeOfLengths();
  const both = [{ prompt: "mute", response: "x" }];
  const { code, stderr } = await compare(
    ...[work, server, "--data", work.write("b.jsonl", both)],
    ...[
      "--against",
      work.write("a.jsonl", both),
      "--out",
      work.at("out.jsonl"),
    ],
  );
  expect(code).toBe(0);
  expect(stderr).toContain("No verdict could be read");
  expect(work.rows("out.jsonl")).toMatchObject([
    {
      ...{ instruction: "mute", generator_1: "a", generator_2: "b" },
      preference: null,
      orders: [{ first: 1, kind: "malformed" }, { first: 2 }],
    },
  ]);
});

test("a later turn is judged with what each side said before", async () => {
  const work = workFolder();
  const server = await judgeOfLengths();
  const answers = (model: string, turns: readonly string[]) => [
    { question_id: 81, model_id: model, choices: [{ index: 0, turns }] },
  ];
  const { code, stderr } = await compare(
    ...[
      work,
      server,
      "--data",
      work.write("b.jsonl", answers("b", ["1", "2"])),
    ],
    ...["--against", work.write("a.jsonl", answers("a", ["3", "44"]))],
    ...["--questions"],
    work.write("q.jsonl", [
      { question_id: 81, category: "math", turns: ["One?", "Two?"] },
    ]),
    ...["--out", work.at("out.jsonl")],
  );
  expect(code, stderr).toBe(0);
  expect(server.asked).toContain("One?\n--\n3\n--\n1");
  const whole = (one: string, two: string) =>
    `user: One?\n\nassistant: ${one}\n\nuser: Two?\n\nassistant: ${two}`;
  expect(server.asked).toContain(
    `user: One?\n\nuser: Two?\n--\n${whole("3", "44")}\n--\n${whole("1", "2")}`,
  );
  expect(work.rows("out.jsonl")).toMatchObject([
    { turn: 1, category: "math", preference: 1.5 },
    { turn: 2, generator_2: "b", preference: 1 },
  ]);
});

test("what was bought before a stop is not bought again", async () => {
  const work = workFolder();
  const rows = (text: string) =>
    Array.from({ length: 40 }, (_, i) => ({
      ...{ prompt: `q${i}`, response: text.repeat(1 + (i % 3)) },
    }));
  const files = [
    ...["--data", work.write("b.jsonl", rows("xx"))],
    ...["--against", work.write("a.jsonl", rows("y"))],
    ...["--out", work.at("out.json")],
  ];
  const server = await judgeOfLengths();
  server.budget.requests = 30;
  expect((await compare(work, server, ...files)).code).not.toBe(0);
  server.budget.requests = Infinity;
  const { code, stderr } = await compare(work, server, ...files);
  expect(code, stderr).toBe(0);
  expect(server.asked).toHaveLength(80);
  const whole = JSON.parse(
    readFileSync(work.at("out.json"), "utf8"),
  ) as object[];
  expect(whole).toHaveLength(40);
});

test.each([
  [
    "files about other prompts",
    [{ prompt: "p", response: "r" }],
    [{ prompt: "q", response: "r" }],
    "answers what this file answers",
  ],
  [
    "two answers of one side",
    [{ prompt: "p", response: "r" }],
    [
      { prompt: "p", response: "r" },
      { prompt: "p", response: "s" },
    ],
    "a.jsonl, line 2",
  ],
])("%s", async (_what, data, against, told) => {
  const work = workFolder();
  const { code, stderr } = await compare(
    ...[work, { url: "http://127.0.0.1:9" }],
    ...["--data", work.write("b.jsonl", data)],
    ...["--against", work.write("a.jsonl", against)],
    ...["--out", work.at("out.jsonl")],
  );
  expect(code).toBe(EXIT_CODES.BAD_INPUT);
  expect(stderr).toContain(told);
});

test.each([
  [["--judge-answer", "Score: {score}"], "{choice}"],
  [["--calibrate", "x"], "does not go with --calibrate"],
  [["--limit", "3"], "goes with --calibrate only"],
])("%j does not go with it", async (options, told) => {
  const work = workFolder();
  const rows = work.write("a.jsonl", [{ prompt: "p", response: "r" }]);
  const { code, stderr } = await work.run(
    ...["judge", "--model", "m", "--data", rows, "--against", rows],
    ...["--out", work.at("out.jsonl"), ...options],
  );
  expect(code).toBe(EXIT_CODES.USAGE);
  expect(stderr).toContain(told);
});
