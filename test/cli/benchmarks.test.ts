/**
 * @file The files of open-ended benchmarks with the real binary: questions in, answers in
 * the benchmark's own form out, judged and compared as they stand.
 */
import { expect, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { TINY, workFolder, type WorkFolder } from "./stage-files.js";

/** The second as number, as FastChat has it; the first turn is enough for the first. */
const MT_QUESTIONS = [
  { question_id: "v1", category: "generic", turns: ["Name a bird."] },
  {
    question_id: 81,
    category: "writing",
    turns: ["Say hello.", "Now say it to a bird."],
  },
];
const MT_ANSWER = {
  question_id: 81,
  answer_id: "a",
  model_id: "m",
  choices: [{ index: 0, turns: ["Hello!", "Hello, bird!"] }],
  tstamp: 1.5,
};
const ARENA_ANSWER = {
  uid: "u1",
  ans_id: "a",
  model: "m",
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Name a bird." },
    { role: "assistant", content: { answer: "Wren" } },
  ],
};

interface Message {
  readonly role: string;
  readonly content: string;
}

async function answered(
  work: WorkFolder,
  ...options: readonly string[]
): Promise<string> {
  const { rows } = JSON.parse(
    (
      await work.run(
        ...["generate", "--model", TINY, "--chat", "--json"],
        ...["--temperature", "0", "--max-tokens", "4", ...options],
      )
    ).stdout,
  ) as { rows: { response: string }[] };
  return rows[0]?.response ?? "";
}

test("MT-Bench: a second turn is asked after the answer to the first", async () => {
  const work = workFolder();
  const data = work.write("question.jsonl", MT_QUESTIONS);
  const { code, stderr } = await work.run(
    ...["evaluate", "--suite", "mt-bench", "--data", data],
    ...["--model", TINY, "--max-tokens", "4", "--out", work.at("llama.jsonl")],
  );
  expect(code, stderr).toBe(0);
  const bird = await answered(work, "--prompt", "Name a bird.");
  const hello = await answered(work, "--prompt", "Say hello.");
  const said = [
    { role: "user", content: "Say hello." },
    { role: "assistant", content: hello },
    { role: "user", content: "Now say it to a bird." },
  ];
  const again = await answered(
    ...[work, "--prompts", work.write("said.jsonl", [{ prompt: said }])],
  );
  expect(work.rows("llama.jsonl")).toEqual(
    [[bird], [hello, again]].map((turns, i) => ({
      question_id: MT_QUESTIONS[i]?.question_id,
      answer_id: expect.stringMatching(/^[0-9a-f]{22}$/u) as string,
      model_id: "llama",
      choices: [{ index: 0, turns }],
      tstamp: expect.any(Number) as number,
    })),
  );
});

test("generate asks every turn of every sample", async () => {
  const work = workFolder();
  const { code, stderr } = await work.run(
    ...["generate", "--model", TINY, "--n", "2", "--max-tokens", "4"],
    ...["--prompts", work.write("question.jsonl", MT_QUESTIONS)],
    ...["--out", work.at("out.jsonl")],
  );
  expect(code, stderr).toBe(0);
  const rows = work.rows<{
    question_id: unknown;
    sample: number;
    prompt: string | readonly Message[];
  }>("out.jsonl");
  expect(rows.map((row) => [row.question_id, row.sample])).toEqual([
    ...[
      ["v1", 0],
      ["v1", 1],
    ],
    ...[
      [81, 0],
      [81, 1],
    ],
  ]);
  expect(rows[0]?.prompt).toBe("Name a bird.");
  for (const { prompt } of rows.slice(2))
    expect(prompt).toMatchObject([
      { role: "user", content: "Say hello." },
      { role: "assistant" },
      { role: "user", content: "Now say it to a bird." },
    ]);
});

test("Arena-Hard: questions of both versions become its file of answers", async () => {
  const work = workFolder();
  const questions = [
    { uid: "u1", category: "hard_prompt", prompt: "Name a bird." },
    {
      ...{ question_id: "q2", category: "arena-hard-v0.1" },
      turns: [{ content: "Say hello." }],
    },
  ];
  const { code, stderr } = await work.run(
    ...["evaluate", "--suite", "arena-hard", "--model", TINY],
    ...["--data", work.write("question.jsonl", questions)],
    ...["--max-tokens", "4", "--out", work.at("llama.jsonl")],
  );
  expect(code, stderr).toBe(0);
  const asked = ["Name a bird.", "Say hello."];
  const answers = await Promise.all(
    asked.map((prompt) => answered(work, "--prompt", prompt)),
  );
  expect(work.rows("llama.jsonl")).toEqual(
    asked.map((content, i) => ({
      uid: ["u1", "q2"][i],
      ans_id: expect.stringMatching(/^[0-9a-f]{22}$/u) as string,
      model: "llama",
      messages: [
        { role: "user", content },
        { role: "assistant", content: { answer: answers[i] } },
      ],
      tstamp: expect.any(Number) as number,
    })),
  );
});

test("each turn of an answer is judged with what was said before it", async () => {
  const work = workFolder();
  const judge = [
    ...["judge", "--model", TINY, "--judge-answer", "score : {score}"],
    ...["--judge-template", work.write("rate.txt", "{prompt} {response}")],
  ];
  const mt = await work.run(
    ...[...judge, "--data", work.write("m.jsonl", [MT_ANSWER])],
    ...["--questions", work.write("question.jsonl", MT_QUESTIONS)],
    ...["--out", work.at("mt.jsonl")],
  );
  expect(mt.code, mt.stderr).toBe(0);
  const names = { question_id: 81, model: "m", category: "writing" };
  expect(work.rows("mt.jsonl")).toMatchObject([
    { ...names, turn: 1, prompt: "Say hello.", response: "Hello!" },
    {
      ...names,
      turn: 2,
      prompt: [
        { role: "user", content: "Say hello." },
        { role: "assistant", content: "Hello!" },
        { role: "user", content: "Now say it to a bird." },
      ],
      response: "Hello, bird!",
    },
  ]);
  const outputs = [{ instruction: "Say no.", output: "No.", generator: "m" }];
  for (const [rows, expected] of [
    [
      [ARENA_ANSWER],
      { uid: "u1", prompt: "Name a bird.", response: "Wren", model: "m" },
    ],
    [outputs, { prompt: "Say no.", response: "No.", generator: "m" }],
  ] as const) {
    const alone = await work.run(
      ...[...judge, "--data", work.write("a.json", JSON.stringify(rows))],
      ...["--out", work.at("out.jsonl")],
    );
    expect(alone.code, alone.stderr).toBe(0);
    expect(work.rows("out.jsonl")).toMatchObject([{ ...expected, turn: 1 }]);
  }
});

test("answers and judgements of two models are compared question by question", async () => {
  const work = workFolder();
  const longer = { ...MT_ANSWER, choices: [{ turns: ["Hello!!!", "👋"] }] };
  const left = work.write("left.jsonl", [MT_ANSWER]);
  const right = work.write("right.jsonl", [longer]);
  const lengths = await work.run("compare", left, right, "--json");
  expect(JSON.parse(lengths.stdout)).toMatchObject({
    prompts: 1,
    // 6 and 12 characters against 8 and 1.
    figures: [{ name: "length", left: 9, right: 4.5 }],
  });
  const judged = (said: string, scores: readonly number[]) =>
    scores.map((score, i) => ({
      ...{ question_id: 81, turn: i + 1, prompt: said, response: "x", score },
    }));
  const scores = await work.run(
    ...["compare", work.write("a.jsonl", judged("a", [1, 2]))],
    ...[work.write("b.jsonl", judged("b", [2, 2])), "--json"],
  );
  const { figures } = JSON.parse(scores.stdout) as {
    readonly figures: readonly { readonly name: string }[];
  };
  expect(figures.find(({ name }) => name === "score")).toMatchObject({
    rightAgainstLeft: { win: 1, tie: 1, lose: 0 },
  });
});

const evaluate = (suite: string) => ["evaluate", "--suite", suite, "--data"];
const JUDGE = ["judge", "--data"];
test.each<[string, string[], object[], string[]]>([
  [
    "no turns",
    evaluate("mt-bench"),
    [{ question_id: 1, turns: [] }],
    ["line 1", "“turns”", "at least one turn"],
  ],
  [
    "an empty turn",
    evaluate("mt-bench"),
    [MT_QUESTIONS[0] ?? {}, { question_id: 2, turns: ["a", ""] }],
    ["line 2", "“turns[1]” is empty"],
  ],
  [
    "two questions of one name",
    evaluate("mt-bench"),
    [MT_QUESTIONS[1] ?? {}, { question_id: "81", turns: ["a"] }],
    ["line 2", "“81” was already used on line 1"],
  ],
  [
    "questions of another benchmark",
    evaluate("arena-hard"),
    [{ instruction: "Say no." }],
    ["line 1", "“uid” is missing", "Arena-Hard's questions"],
  ],
  [
    "two turns where there is one",
    evaluate("arena-hard"),
    [{ question_id: "q", turns: ["a", "b"] }],
    ["line 1", "“turns”", "one turn"],
  ],
  [
    "answers that do not say what was asked",
    JUDGE,
    [MT_ANSWER],
    ["line 1", "--questions FILE"],
  ],
  [
    "a choice that is no list of texts",
    JUDGE,
    [{ ...MT_ANSWER, choices: [{ turns: [3] }] }],
    ["line 1", "“choices[0].turns[0]”", "must be text"],
  ],
  [
    "a message of the user without an answer",
    JUDGE,
    [{ ...ARENA_ANSWER, messages: [{ role: "user", content: "a" }] }],
    ["line 1", "“messages”", "needs an answer"],
  ],
])(
  "%s: one error with file, line and remedy",
  async (_, command, rows, words) => {
    const work = workFolder();
    const file = work.write("bad.jsonl", rows);
    const { code, stdout, stderr } = await work.run(
      ...[...command, file, "--model", TINY, "--out", work.at("out.jsonl")],
    );
    expect(code).toBe(EXIT_CODES.BAD_INPUT);
    expect(stdout).toBe("");
    expect(stderr).toContain(file);
    for (const word of words) expect(stderr).toContain(word);
  },
);

test("answers to other questions, or to more turns, are refused", async () => {
  const work = workFolder();
  const judge = [
    ...["judge", "--model", TINY, "--out", work.at("out.jsonl"), "--data"],
    ...[work.write("m.jsonl", [MT_ANSWER]), "--questions"],
  ];
  for (const [rows, words] of [
    [
      [{ question_id: 82, turns: ["a"] }],
      "none of the questions is named “81”",
    ],
    [[{ question_id: 81, turns: ["a"] }], "2 answers, and the question 1 turn"],
  ] as const) {
    const { code, stderr } = await work.run(
      ...[...judge, work.write("question.jsonl", rows)],
    );
    expect(code).toBe(EXIT_CODES.BAD_INPUT);
    expect(stderr).toContain("m.jsonl, line 1");
    expect(stderr).toContain(words);
  }
});
