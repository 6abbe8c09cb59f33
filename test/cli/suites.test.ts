/**
 * @file `evaluate --suite` with the real binary: what goes out, in which order, and what
 * is refused.
 */
import { describe, expect, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { TINY, workFolder, type WorkFolder } from "./stage-files.js";

/** Two tasks in the form of the user-oriented ones. */
function tasks(work: WorkFolder): string {
  return work.write("tasks.jsonl", [
    {
      id: "one",
      instruction: "Name the capital.",
      instances: [{ input: "France", output: "Paris." }],
      note: "kept",
    },
    {
      id: "two",
      instruction: "Say what rain is.",
      instances: [{ input: "", output: "Water that falls from clouds" }],
    },
  ]);
}

const SUITE = ["evaluate", "--suite", "user-oriented", "--data"] as const;

describe("answers in a file", () => {
  test("come out in their order with their grades, whatever else is in a row", async () => {
    const work = workFolder();
    const answers = work.write("answers.jsonl", [
      { prompt: "Say what rain is.", response: "water from clouds", n: 1 },
      { key: "one", response: "PARIS", temperature: 0 },
      {
        prompt: [{ role: "user", content: "Name the capital.\n\nFrance" }],
        response: "",
      },
    ]);
    const { code, stdout } = await work.run(
      ...[...SUITE, tasks(work), "--responses", answers],
      ...["--out", work.at("out.jsonl"), "--json"],
    );
    expect(code).toBe(0);
    // Rain: LCS 3 of 5 and 3 words, F = 2·(3/3)·(3/5)/(8/5).
    expect(work.rows("out.jsonl")).toEqual([
      {
        prompt: "Say what rain is.",
        response: "water from clouds",
        n: 1,
        rougeL: expect.closeTo(0.75, 12) as number,
        exact_match: false,
      },
      {
        key: "one",
        response: "PARIS",
        temperature: 0,
        rougeL: 1,
        exact_match: true,
      },
      {
        prompt: [{ role: "user", content: "Name the capital.\n\nFrance" }],
        response: "",
        rougeL: 0,
        exact_match: false,
      },
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      suite: "user-oriented",
      answers: 3,
      unanswered: 0,
      rougeL: expect.closeTo((100 * 1.75) / 3, 10) as number,
      exact_match: expect.closeTo(100 / 3, 10) as number,
    });
  });

  test("leave out what was not answered, and say so", async () => {
    const work = workFolder();
    const answers = work.write("answers.jsonl", [{ key: "one", response: "" }]);
    const result = await work.run(
      ...[...SUITE, tasks(work), "--responses", answers],
    );
    expect(result.code).toBe(0);
    expect(result.stdout).toBe(
      "user-oriented: 1 answer\nROUGE-L             0.00\nexact match         0.00\n",
    );
    expect(result.stderr).toContain(
      "1 prompt has no answer and is not counted.",
    );
  });

  test.each([
    [{ response: "x" }, "line 2: the row has neither “key” nor “prompt”"],
    [{ key: "three", response: "x" }, "line 2: its key “three” is none of"],
    [{ prompt: "Else?", response: "x" }, "line 2: its prompt is none of"],
    [
      { key: "one", prompt: "Say what rain is.", response: "x" },
      "line 2: its key and its prompt do not belong together",
    ],
    [{ key: "one" }, "line 2: the field “response” is missing"],
    [{ key: "one", response: 7 }, "line 2: the field “response” is the number"],
  ])("refuses %j and writes nothing", async (row, problem) => {
    const work = workFolder();
    const answers = work.write("answers.jsonl", [
      { key: "two", response: "x" },
      row,
    ]);
    const data = tasks(work);
    const before = work.picture();
    const result = await work.run(
      ...[...SUITE, data, "--responses", answers, "--out", "out.jsonl"],
    );
    expect(result.code).toBe(EXIT_CODES.BAD_INPUT);
    expect(result.stderr).toContain(`${answers}, ${problem}`);
    expect(work.picture()).toEqual(before);
  });

  test("are not guessed at where two tasks have one name", async () => {
    const work = workFolder();
    const row = {
      id: 7,
      instruction: "Go.",
      instances: [{ input: "", output: "" }],
    };
    const twice = work.write("twice.jsonl", [row, { ...row, id: "7" }]);
    const answers = work.write("answers.jsonl", [{ key: 7, response: "x" }]);
    const result = await work.run(...SUITE, twice, "--responses", answers);
    expect(result.code).toBe(EXIT_CODES.BAD_INPUT);
    expect(result.stderr).toContain(
      `${twice}, line 2: the key “7” was already used on line 1`,
    );
  });
});

describe("other suites", () => {
  test("read final answers of GSM8K", async () => {
    const work = workFolder();
    const data = work.write("gsm8k.jsonl", [
      { question: "How many?", answer: "9 + 9 = <<9+9=18>>18\n#### 18" },
    ]);
    const answers = work.write("answers.jsonl", [
      { prompt: "How many?", response: "In all $18.00" },
    ]);
    const result = await work.run(
      ...["evaluate", "--suite", "exact", "--data", data],
      ...["--responses", answers, "--out", work.at("out.jsonl"), "--json"],
    );
    expect(JSON.parse(result.stdout)).toMatchObject({ exact_match: 1 });
    expect(work.rows("out.jsonl")).toMatchObject([{ correct: true }]);
  });

  test("read IFEval's rows and a task file of Super-NaturalInstructions, marks of byte order and all", async () => {
    const work = workFolder();
    const constrained = {
      key: 7,
      prompt: "Shout.",
      instruction_id_list: ["punctuation:no_comma", "startend:quotation"],
      kwargs: [{}, null],
    };
    const data = work.write(
      "ifeval.jsonl",
      `\ufeff${JSON.stringify(constrained)}\n`,
    );
    const task = work.write(
      "task.json",
      JSON.stringify(
        {
          Definition: ["Say the opposite"],
          Instances: [{ id: "t-1", input: "hot", output: ["cold", "icy"] }],
        },
        null,
        2,
      ),
    );
    const answers = work.write("answers.jsonl", [
      { key: "7", response: 'Here:\n"hey"' },
    ]);
    const cold = work.write("cold.jsonl", [{ key: "t-1", response: "Icy." }]);
    const graded = await work.run(
      ...["evaluate", "--suite", "ifeval", "--data", data],
      ...["--responses", answers, "--out", work.at("out.jsonl"), "--json"],
    );
    expect(work.rows("out.jsonl")).toEqual([
      {
        key: "7",
        response: 'Here:\n"hey"',
        follow_list_strict: [true, false],
        follow_list_loose: [true, true],
      },
    ]);
    expect(JSON.parse(graded.stdout)).toMatchObject({
      prompt_level_strict_acc: 0,
      inst_level_strict_acc: 0.5,
      prompt_level_loose_acc: 1,
      inst_level_loose_acc: 1,
    });
    const superni = await work.run(
      ...["evaluate", "--suite", "superni", "--data", task],
      ...["--responses", cold, "--json"],
    );
    expect(JSON.parse(superni.stdout)).toMatchObject({
      rougeL: 100,
      exact_match: 100,
    });
  });
});

describe("a model", () => {
  test("is asked first, and its rows can be graded again", async () => {
    const work = workFolder();
    const first = await work.run(
      ...[...SUITE, tasks(work), "--model", TINY, "--max-tokens", "4"],
      ...["--out", work.at("asked.jsonl"), "--json"],
    );
    expect(first.stderr).toBe("");
    const asked = work.rows("asked.jsonl");
    expect(asked).toMatchObject([
      { id: "one", note: "kept", prompt: "Name the capital.\n\nFrance" },
      { id: "two", prompt: "Say what rain is.", rougeL: 0, tokens: 4 },
    ]);
    const again = await work.run(
      ...[...SUITE, tasks(work), "--responses", work.at("asked.jsonl")],
      ...["--out", work.at("graded.jsonl"), "--json"],
    );
    expect(again.code).toBe(0);
    expect(work.rows("graded.jsonl")).toEqual(asked);
    const { rougeL, answers } = JSON.parse(first.stdout) as Record<
      string,
      unknown
    >;
    expect(JSON.parse(again.stdout)).toMatchObject({ rougeL, answers });
  });
});

describe("options", () => {
  test.each([
    [["--suite", "user-oriented"], "--suite needs answers: give --responses"],
    [
      ["--suite", "user-oriented", "--responses", "a", "--model", "m"],
      "--model does not go with --responses. Leave it out; this use of evaluate takes --data, --suite, --responses, --out.",
    ],
    [
      ["--suite", "user-oriented", "--model", "m", "--sampled", "2"],
      "--sampled does not go with --suite. Leave it out;",
    ],
    [["--model", "m", "--out", "x"], "--out goes with --suite only."],
    [[], 'The option "--model" is required and was not given.'],
    [["--suite", "user"], "--suite expects one of"],
  ])("%j are refused by name", async (options, problem) => {
    const work = workFolder();
    const result = await work.run("evaluate", "--data", "d", ...options);
    expect(result.code).toBe(EXIT_CODES.USAGE);
    expect(result.stderr).toContain(problem);
  });
});
