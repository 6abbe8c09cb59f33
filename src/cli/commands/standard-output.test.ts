import { EventEmitter } from "node:events";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCli } from "../run-cli.js";
import { exportCommand } from "./export.js";
import { noveltyCommand } from "./novelty.js";
import { pairsCommand } from "./pairs.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "stdout-"));
  const rows = {
    "tasks.jsonl": [
      { instruction: "Name a river.", input: "", output: "Nile", w: 1 },
      { instruction: "Name a river.", input: "", output: "Po\u001b[2J" },
    ],
    "judged.jsonl": [
      { prompt: "p", response: "good", score: 4 },
      { prompt: "p", response: "bad", score: 1 },
    ],
    "none.jsonl": [],
  };
  for (const [name, values] of Object.entries(rows))
    await writeFile(
      join(folder, name),
      values.map((value) => `${JSON.stringify(value)}\n`).join(""),
    );
});
afterAll(() => rm(folder, { recursive: true }));

async function run(...words: readonly string[]) {
  let [stdout, stderr] = ["", ""];
  const code = await runCli({
    argv: words.map((word) =>
      word.endsWith(".jsonl") ? join(folder, word) : word,
    ),
    commands: [exportCommand, noveltyCommand, pairsCommand],
    groups: {},
    version: "0",
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text: string) => ((stderr += text), true) },
    signals: new EventEmitter(),
    kill: () => undefined,
    now: () => 0,
  });
  return { code, stdout, stderr };
}

const TASKS = ["export", "--data", "tasks.jsonl", "--format"] as const;
const NILE = '{"instruction":"Name a river.","input":"","output":"Nile","w":1}';
const COMMANDS = [
  [
    ["pairs", "--data", "judged.jsonl"],
    '{"prompt":"p","chosen":"good","rejected":"bad","chosen_score":4,"rejected_score":1}\n',
    "1 pair of 1 prompt",
  ],
  [
    ["novelty", "--pool", "none.jsonl", "--candidates", "tasks.jsonl"],
    `${NILE}\n`,
    "1 of 2 kept",
  ],
  [
    [...TASKS, "alpaca"],
    `[\n${NILE},\n{"instruction":"Name a river.","input":"","output":"Po\\u001b[2J"}\n]\n`,
    "2 rows of",
  ],
  [
    [...TASKS, "messages"],
    expect.stringMatching(/^\{"messages":.*\n\{"messages":.*\n$/) as string,
    "2 rows of",
  ],
] as const;

it.each(COMMANDS)(
  "%j --out - gives rows to standard output, and its summary aside",
  async (words, stdout, summary) => {
    const found = await readdir(folder);
    const result = await run(...words, "--out", "-");
    expect(result).toMatchObject({ code: 0, stdout });
    expect(result.stderr).toContain(summary);
    expect(await readdir(folder)).toEqual(found);
  },
);

it.each(COMMANDS)("%j --out - leaves no room for --json", async (words) => {
  const { code, stderr } = await run(...words, "--out", "-", "--json");
  expect(code).toBe(2);
  expect(stderr).toContain("--out - puts rows on standard output");
});

it("Parquet does not go to standard output", async () => {
  const { code, stderr } = await run(...TASKS, "parquet", "--out", "-");
  expect(code).toBe(2);
  expect(stderr).toContain("Parquet is no text");
});
