/**
 * @file The stages that a model works on, stopped and killed in the middle: what was
 * done is in FILE.partial and beside it, the same command goes on with it, and in the
 * end the file has the rows of one that was made in one go.
 */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { setTimeout as after } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { alikeNumbers } from "../resume/alike-numbers.js";
import { ROOT, type ProgramResult } from "./program.js";
import { M0, TINY, workFolder, type WorkFolder } from "./stage-files.js";

const PROMPTS = Array.from({ length: 120 }, (_, id) => ({
  id,
  prompt: `write ${"a b c d e f g h".slice(0, 1 + 2 * (id % 8))} ${"x ".repeat(id % 5)}in capitals`,
  note: `“${id}”`,
}));

const GENERATE = [
  ...["generate", "--model", M0, "--prompts", "prompts.jsonl", "--n", "2"],
  ...["--temperature", "1.5", "--top-p", "1", "--max-tokens", "40"],
];

/** Runs the binary until rows are kept, then sends it `signal`. */
async function stopped(
  work: WorkFolder,
  args: readonly string[],
  signal: NodeJS.Signals,
): Promise<ProgramResult> {
  const partial = work.at(`${args.at(-1)}.partial`);
  const earlier = existsSync(partial) ? statSync(partial).size : 0;
  const child = spawn(process.execPath, [`${ROOT}/dist/cli/main.js`, ...args], {
    cwd: work.path,
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (piece: Buffer) => (stdout += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
  const end = new Promise<number | null>((resolve) => {
    child.on("close", resolve);
  });
  while (
    child.exitCode === null &&
    !(existsSync(partial) && statSync(partial).size > earlier)
  )
    await after(2);
  // The whole group, as a terminal and as a machine that goes down do.
  process.kill(-(child.pid ?? 0), signal);
  return { code: await end, stdout, stderr };
}

describe.each([
  ["generate", 1, GENERATE],
  [
    "judge by samples",
    1,
    [
      ...["judge", "--model", M0, "--data", "answers.jsonl", "--reward"],
      ...[
        "samples",
        "--judge-template",
        "rate.txt",
        "--judge-max-tokens",
        "20",
      ],
    ],
  ],
  [
    "judge by probabilities",
    8,
    [
      ...["judge", "--model", M0, "--data", "answers.jsonl"],
      ...["--judge-template", "rate.txt", "--judge-answer", "score : {score}"],
    ],
  ],
  ["score", 12, ["score", "--model", M0, "--data", "completions.jsonl"]],
] as const)("%s", (_, times, command) => {
  test("goes on after Ctrl-C and after a kill, to the same rows", async () => {
    const work = workFolder();
    const many = Array.from({ length: times }, () => PROMPTS).flat();
    work.write("prompts.jsonl", PROMPTS);
    work.write(
      "answers.jsonl",
      many.map((row, i) => ({ ...row, response: `A ${i}` })),
    );
    work.write(
      "completions.jsonl",
      many.map((row, i) => ({ ...row, completion: ` A ${i}` })),
    );
    work.write("rate.txt", "rate : {prompt} answer : {response}");
    const whole = await work.run(...command, "--out", "whole.jsonl");
    expect(whole.code).toBe(0);

    const args = [...command, "--out", "out.jsonl"];
    const first = await stopped(work, args, "SIGINT");
    expect(first.code).toBe(EXIT_CODES.INTERRUPTED);
    expect(first.stderr).toMatch(
      /Stopped\. [\d,]+ of [\d,]+ \w+ are done and kept in out\.jsonl\.partial(?:, and [\d,]+ answers? for the next ones beside it)?; run the same command again to go on\.\n$/,
    );
    const second = await stopped(work, args, "SIGKILL");
    expect(second.stderr).toMatch(
      /^Going on: [\d,]+ of [\d,]+ \w+ were there(?:, and [\d,]+ answers? more)?\.$/m,
    );
    const last = await work.run(...args);
    expect(last.stderr).toMatch(/^Going on: /m);
    expect(last.stdout).toBe(whole.stdout.replace("whole.jsonl", "out.jsonl"));
    expect(work.rows("out.jsonl")).toEqual(
      alikeNumbers(work.rows("whole.jsonl")),
    );
    for (const left of ["partial", "partial-answers"])
      expect(existsSync(work.at(`out.jsonl.${left}`))).toBe(false);
  });
});

test("another seed does not go on with what another command left", async () => {
  const work = workFolder();
  work.write("prompts.jsonl", PROMPTS);
  const args = [...GENERATE, "--out", "out.jsonl"];
  await stopped(work, args, "SIGKILL");
  const before = work.picture();
  const result = await work.run(...args, "--seed", "2");
  expect(result).toMatchObject({
    code: EXIT_CODES.STORAGE,
    stderr: expect.stringMatching(
      /^out\.jsonl\.partial is not the beginning of these rows: .* Delete it to start anew, or give the rows another file\.$/m,
    ) as string,
  });
  expect(work.picture()).toEqual(before);
});

describe("a dash", () => {
  test("takes rows from standard input and gives rows to standard output, in a pipe", async () => {
    const work = workFolder();
    work.write("prompts.jsonl", PROMPTS.slice(0, 20));
    work.write("rate.txt", "rate : {prompt} answer : {response}");
    const program = `"${process.execPath}" "${ROOT}/dist/cli/main.js"`;
    const generate = `${program} generate --model "${M0}" --max-tokens 8`;
    const judge = `${program} judge --model "${M0}" --judge-template rate.txt --judge-answer "score : {score}"`;
    const shell = async (line: string): Promise<string> =>
      new Promise((resolve) => {
        const child = spawn("sh", ["-c", line], { cwd: work.path });
        let stdout = "";
        child.stdout.on(
          "data",
          (piece: Buffer) => (stdout += piece.toString()),
        );
        child.on("close", () => {
          resolve(stdout);
        });
      });
    await shell(
      `${generate} --prompts prompts.jsonl --out a.jsonl && ${judge} --data a.jsonl --out b.jsonl`,
    );
    const piped = await shell(
      `${generate} --prompts - --out - < prompts.jsonl | ${judge} --data - --out -`,
    );
    expect(piped).toBe(readFileSync(work.at("b.jsonl"), "utf8"));
    expect(piped.split("\n")).toHaveLength(21);
    const template = await shell(
      `${judge.replace("rate.txt", "-")} --data a.jsonl --out - < rate.txt`,
    );
    expect(template).toBe(piped);
    expect(existsSync(work.at("-"))).toBe(false);
  });

  test.each([
    [
      ["generate", "--model", TINY, "--prompt", "x", "--out", "-", "--json"],
      /^--out - puts rows on standard output, where --json/,
    ],
    [
      [
        ...["judge", "--model", TINY, "--data", "-", "--judge-template", "-"],
        ...["--out", "-"],
      ],
      /^- is standard input, which can be read only once/,
    ],
    [
      [
        ...["export", "--data", "sft.jsonl", "--format", "parquet"],
        ...["--out", "-"],
      ],
      /^Parquet is no text and does not go to/,
    ],
    [
      ["train", "sft", "--model", TINY, "--data", "sft.jsonl", "--out", "-"],
      /^This result cannot go to standard output \(-\)/,
    ],
    [
      ["export", "--model", TINY, "--format", "safetensors", "--out", "-"],
      /^This result cannot go to standard output \(-\)/,
    ],
  ])("is refused by name: %j", async (args, says) => {
    const work = workFolder();
    work.write("rows.jsonl", [
      { prompt: "a", response: "b", score: 1 },
      { prompt: "a", response: "c", score: 2 },
    ]);
    work.write("sft.jsonl", [{ prompt: "a", completion: "b" }]);
    const program = [process.execPath, `${ROOT}/dist/cli/main.js`, ...args];
    const before = work.picture();
    const { code, stderr } = await new Promise<{
      code: number | null;
      stderr: string;
    }>((resolve) => {
      const input = `printf '{"prompt":"x","response":"y"}\\n' | "$@"`;
      const child = spawn("sh", ["-c", input, "sh", ...program], {
        cwd: work.path,
      });
      let text = "";
      child.stderr.on("data", (piece: Buffer) => (text += piece.toString()));
      child.on("close", (status) => {
        resolve({ code: status, stderr: text });
      });
    });
    expect(stderr).toMatch(says);
    expect(code).toBeGreaterThan(0);
    expect(work.picture()).toEqual(before);
  });
});
