/**
 * @file `evaluate --suite alpaca-eval` with the real binary: what it prints, which files
 * it reads, and what is refused.
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { TINY, workFolder } from "./stage-files.js";

const SUITE = ["evaluate", "--suite", "alpaca-eval", "--preferences"] as const;

const row = {
  model: "m",
  prompt: 0,
  length_1: 100,
  length_2: 60,
  preference: 1.25,
};
const annotation = {
  instruction: "Say hello.",
  output_1: "Hello 👋",
  generator_1: "reference",
  output_2: "Hi",
  generator_2: "m",
  preference: 2,
};

test("the figures of each model are printed as one document", async () => {
  const work = workFolder();
  const rows = work.write("preferences.jsonl", [
    row,
    { ...row, prompt: 1, length_2: 140, preference: 1.75 },
    { ...row, model: "n", preference: 1.5 },
  ]);
  const { code, stdout } = await work.run(...SUITE, rows, "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    models: [
      {
        model: "m",
        winRate: 50,
        standardError: expect.closeTo(25, 9) as number,
        averageLength: 100,
        lengthControlledWinRate: expect.any(Number) as number,
      },
      { model: "n", winRate: 50, standardError: null, averageLength: 60 },
    ],
  });
});

test("AlpacaEval's annotations are read as they are, several files together", async () => {
  const work = workFolder();
  const files = [
    work.write("a.json", [
      annotation,
      { ...annotation, instruction: "Say bye.", preference: null },
      { ...annotation, instruction: "Say no.", preference: 0, output_2: "👋" },
    ]),
    work.write("b.json", [{ ...annotation, generator_2: "n", preference: 1 }]),
  ];
  const { stdout, stderr } = await work.run(
    ...[...SUITE, files[0] ?? "", "--preferences", files[1] ?? ""],
    "--json",
  );
  expect(stderr).toContain("1 row has no preference and is not counted.");
  expect(JSON.parse(stdout)).toMatchObject({
    // A wave of the hand is one character; 0 is a draw.
    models: [
      { model: "m", winRate: 75, averageLength: 1.5 },
      { model: "n", winRate: 0 },
    ],
    unjudged: 1,
  });
});

test.each([
  ["a preference out of range", [{ ...row, preference: 2.5 }], "from 1 to 2"],
  ["no length", [{ ...row, length_2: undefined }], "length_2"],
  ["a length below zero", [{ ...row, length_1: -1 }], "not negative"],
  ["the same row twice", [row, { ...row, preference: 2 }], "already"],
  [
    "a second reference",
    [
      annotation,
      { ...annotation, instruction: "Say no.", generator_1: "another" },
    ],
    "one reference",
  ],
  ["no preference", [{ ...annotation, preference: null }], "no row"],
])("%s is refused with its line", async (_, rows, words) => {
  const work = workFolder();
  const file = work.write("bad.jsonl", rows);
  const { code, stdout, stderr } = await work.run(...SUITE, file);
  expect(code).toBe(EXIT_CODES.BAD_INPUT);
  expect(stdout).toBe("");
  expect(stderr).toContain(`${file}, line ${rows.length}`);
  expect(stderr).toContain(words);
});

test("a number that JSON does not have is refused with its line", async () => {
  const work = workFolder();
  const file = work.write(
    "nan.jsonl",
    `\uFEFF${JSON.stringify(row)}\n{"model":"m","prompt":2,"length_1":1,"length_2":1,"preference":NaN}\n`,
  );
  const { code, stderr } = await work.run(...SUITE, file);
  expect(code).toBe(EXIT_CODES.BAD_INPUT);
  expect(stderr).toContain(`${file}, line 2: is not JSON`);
});

test("an option of another suite is refused", async () => {
  const work = workFolder();
  const file = work.write("preferences.jsonl", [row]);
  const { code, stderr } = await work.run(...SUITE, file, "--data", file);
  expect(code).toBe(EXIT_CODES.USAGE);
  expect(stderr).toContain("--data does not go with --suite alpaca-eval");
});

test("a model's answers become the file that AlpacaEval's judges read", async () => {
  const work = workFolder();
  const instructions = [
    {
      instruction: "Say hello.",
      dataset: "ours",
      output: "Hi",
      generator: "r",
    },
    { instruction: "Name a bird." },
  ];
  const data = work.write("alpaca_eval.json", JSON.stringify(instructions));
  const evaluated = await work.run(
    ...["evaluate", "--suite", "alpaca-eval", "--data", data],
    ...["--model", TINY, "--max-tokens", "4"],
    ...["--out", work.at("model_outputs.json"), "--json"],
  );
  expect(evaluated.code, evaluated.stderr).toBe(0);
  const written = JSON.parse(
    readFileSync(work.at("model_outputs.json"), "utf8"),
  ) as { readonly output: string }[];
  expect(written).toEqual(
    ["ours", ""].map((dataset, i) => ({
      instruction: instructions[i]?.instruction,
      output: written[i]?.output,
      generator: "llama",
      dataset,
    })),
  );
  const { stdout } = await work.run(
    ...["generate", "--model", TINY, "--prompt", "Name a bird.", "--chat"],
    ...["--temperature", "0", "--max-tokens", "4", "--json"],
  );
  const [alone] = (JSON.parse(stdout) as { rows: { response: string }[] }).rows;
  expect(written[1]?.output).toBe(alone?.response);
  expect(readdirSync(work.path).sort()).toEqual([
    "alpaca_eval.json",
    "model_outputs.json",
  ]);
  const refused = await work.run(
    ...["evaluate", "--suite", "alpaca-eval", "--model", TINY, "--out", "x"],
    ...["--data", work.write("bad.json", '[{"prompt": "Say hello."}]')],
  );
  expect(refused.code).toBe(EXIT_CODES.BAD_INPUT);
  expect(refused.stderr).toContain("bad.json, line 1");
  expect(refused.stderr).toContain("instruction");
});
