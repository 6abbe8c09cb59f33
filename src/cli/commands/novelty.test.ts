import { EventEmitter } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runCli } from "../run-cli.js";
import { noveltyCommand } from "./novelty.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "novelty-"));
  const lines = (...texts: string[]): string =>
    texts.map((text) => `${JSON.stringify({ instruction: text })}\n`).join("");
  writeFileSync(join(folder, "pool"), lines("one two three four"));
  writeFileSync(
    join(folder, "candidates"),
    lines("one two three four five", "six seven"),
  );
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function novelty(
  ...words: readonly string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  let stdout = "";
  let stderr = "";
  const code = await runCli({
    argv: ["novelty", ...words],
    commands: [noveltyCommand],
    groups: {},
    version: "1.2.3",
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text: string) => ((stderr += text), true) },
    signals: new EventEmitter(),
    kill: () => undefined,
    now: () => 0,
  });
  return { code, stdout, stderr };
}

const files = (): string[] =>
  ["pool", "candidates", "out", "rejected"].flatMap((name) => [
    `--${name}`,
    join(folder, name),
  ]);

describe("autodidact novelty", () => {
  test("writes both files and says how many rows went where", async () => {
    expect(await novelty(...files())).toEqual({
      code: 0,
      stdout: "1 of 2 kept, 1 rejected; pool 1 + 1\n",
      stderr: "",
    });
    expect(readFileSync(join(folder, "out"), "utf8")).toBe(
      '{"instruction":"six seven"}\n',
    );
    // 4 of 4 and 4 of 5 words: P = 1, R = 0.8 or the other way, F = 1.6/1.8.
    expect(readFileSync(join(folder, "rejected"), "utf8")).toBe(
      `{"instruction":"one two three four five","nearest":{"instruction":"one two three four","score":${1.6 / 1.8}}}\n`,
    );
  });

  test("with --json prints the counts as one document", async () => {
    const { code, stdout } = await novelty(...files(), "--json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      pool: 1,
      candidates: 2,
      kept: 1,
      rejected: 1,
      seconds: expect.any(Number) as number,
    });
  });

  test("with --nearest gives the kept row its nearest", async () => {
    await novelty(...files(), "--nearest");
    expect(readFileSync(join(folder, "out"), "utf8")).toBe(
      '{"instruction":"six seven","nearest":{"instruction":"one two three four","score":0}}\n',
    );
  });

  test("names a missing field, its line and --field, and ends with 3", async () => {
    const { code, stderr } = await novelty(...files(), "--field", "prompt");
    expect(code).toBe(3);
    expect(stderr).toContain(
      "pool, line 1: there is no field “prompt”; the row has “instruction”.",
    );
  });

  test("refuses a threshold outside 0 … 1 and a tokenizer it does not know", async () => {
    expect(await novelty(...files(), "--threshold", "70")).toMatchObject({
      code: 2,
      stderr: '--threshold expects a number from 0 to 1, got "70".\n',
    });
    expect(await novelty(...files(), "--tokenizer", "unicorn")).toMatchObject({
      code: 2,
    });
  });

  test("warns once, beside the result, when most candidates have no token at all", async () => {
    const chinese = ["写一首短诗。", "写一首短诗！", "Write a poem."]
      .map((instruction) => `${JSON.stringify({ instruction })}\n`)
      .join("");
    writeFileSync(join(folder, "candidates"), chinese);
    const warning =
      "Warning: 2 of 3 candidates have none of the ASCII letters and digits that the rouge tokenizer compares, so they score 0 with everything and are kept. Give --tokenizer unicode for Chinese and other scripts.\n";
    expect(await novelty(...files())).toEqual({
      code: 0,
      stdout: "3 of 3 kept, 0 rejected; pool 1 + 3\n",
      stderr: warning,
    });
    const { stdout, stderr } = await novelty(...files(), "--json");
    expect(stderr).toBe(warning);
    expect(Object.keys(JSON.parse(stdout) as object)).toEqual([
      "pool",
      "candidates",
      "kept",
      "rejected",
      "seconds",
    ]);
    expect(await novelty(...files(), "--tokenizer", "unicode")).toEqual({
      code: 0,
      stdout: "2 of 3 kept, 1 rejected; pool 1 + 2\n",
      stderr: "",
    });
  });

  test("does not warn when half of the candidates have tokens", async () => {
    writeFileSync(
      join(folder, "candidates"),
      '{"instruction":"写诗"}\n{"instruction":"Write a poem."}\n',
    );
    expect((await novelty(...files())).stderr).toBe("");
  });

  test("names --field when not even the unicode tokenizer finds anything", async () => {
    writeFileSync(join(folder, "candidates"), '{"instruction":"…"}\n');
    expect(
      (await novelty(...files(), "--tokenizer", "unicode")).stderr,
    ).toContain("no letter or digit");
  });
});
