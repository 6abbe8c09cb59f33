/**
 * @file The stages that a model works on, stopped and killed in the middle: what was
 * done is in FILE.partial and beside it, the same command goes on with it, and in the
 * end the file has the rows of one that was made in one go.
 */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { EXIT_CODES } from "../../src/foundation/error.js";
import { alikeNumbers } from "../resume/alike-numbers.js";
import { autodidact, ROOT, type ProgramResult } from "./program.js";
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

/** Runs the binary until more is kept in what grows, then sends it `signal`. */
async function stopped(
  work: WorkFolder,
  args: readonly string[],
  signal: NodeJS.Signals,
  {
    grows = `${args.at(-1)}.partial`,
    env = {},
  }: {
    /** A file, or a folder of files. */
    readonly grows?: string;
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): Promise<ProgramResult> {
  const kept = (): number => sizeOf(work.at(grows));
  const earlier = kept();
  const child = spawn(process.execPath, [`${ROOT}/dist/cli/main.js`, ...args], {
    cwd: work.path,
    env: { ...process.env, NO_COLOR: "1", ...env },
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
  while (child.exitCode === null && kept() <= earlier) await after(2);
  // The whole group, as a terminal and as a machine that goes down do.
  process.kill(-(child.pid ?? 0), signal);
  return { code: await end, stdout, stderr };
}

/** Bytes of a file, or of the files in a folder; 0 where there is none. */
function sizeOf(path: string): number {
  if (!existsSync(path)) return 0;
  const found = statSync(path);
  return found.isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
    : found.size;
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

test("evaluate on held-out prompts, which has no file of rows, goes on after Ctrl-C and after a kill, to the same figures", async () => {
  const work = workFolder();
  work.write("held.jsonl", PROMPTS);
  work.write("judge.jsonl", [
    ...PROMPTS.slice(0, 20).map(({ prompt }) => ({
      ...{ prompt, right: "A B C", corrupted: "x" },
    })),
  ]);
  work.write("rate.txt", "rate : {prompt} answer : {response}");
  const args = [
    ...["evaluate", "--model", M0, "--data", "held.jsonl", "--sampled", "2"],
    ...["--judge-fixed", "judge.jsonl", "--judge-template", "rate.txt"],
    ...["--judge-answer", "score : {score}", "--max-tokens", "40"],
    ...["--temperature", "1.5", "--resamples", "10"],
  ];
  const env = { AUTODIDACT_CACHE: work.at("cache") };
  const growing = { grows: "cache/unfinished", env };
  const figures = (stdout: string) => {
    const { seconds: _seconds, ...rest } = JSON.parse(stdout) as {
      seconds: number;
    };
    return rest;
  };
  const evaluate = [...args, "--json"];
  const whole = await autodidact(evaluate, {
    ...{ cwd: work.path, env },
  });
  expect(whole.code).toBe(0);
  expect(whole.stderr).not.toContain("Going on");
  const before = work.picture();

  const first = await stopped(work, args, "SIGINT", growing);
  expect(first.code).toBe(EXIT_CODES.INTERRUPTED);
  expect(first.stderr).toMatch(
    /Stopped\. [\d,]+ answers? (is|are) kept in \S+cache\/unfinished\/\w+\.answers; run the same command again to go on\.\n$/,
  );
  const second = await stopped(work, args, "SIGKILL", growing);
  const found = (stderr: string) =>
    Number(/^Going on: (\d+) answers? w/m.exec(stderr)?.[1]);
  expect(found(second.stderr)).toBeGreaterThan(0);
  // Other settings are other work.
  const other = await autodidact([...evaluate, "--seed", "2"], {
    ...{ cwd: work.path, env },
  });
  expect(other.stderr).not.toContain("Going on");
  const last = await autodidact(evaluate, { cwd: work.path, env });
  expect(found(last.stderr)).toBeGreaterThan(found(second.stderr));
  expect(figures(last.stdout)).toEqual(alikeNumbers(figures(whole.stdout)));
  expect(work.picture()).toEqual(before);
  expect(existsSync(work.at("cache/unfinished"))).toBe(false);
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
