import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openRecordingFile } from "./recording-file.js";
import type { StoredAnswer } from "./answer-store.js";

const key = (digit: string) => digit.repeat(64);
const call = (response: string): StoredAnswer => ({
  request: { endpoint: "http://h/v1", path: "/completions", body: { n: 1 } },
  response,
  usage: {
    promptTokens: 3,
    cachedPromptTokens: 0,
    completionTokens: 2,
    costMicros: 5,
  },
});

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "calls-"));
  path = join(folder, "deeper", "calls.jsonl");
});
afterEach(() => rm(folder, { recursive: true }));

describe("openRecordingFile", () => {
  it("gives back what was put, now and after reopening", async () => {
    const file = await openRecordingFile(path, "record");
    await Promise.all([
      file.put(key("a"), call("Größe 你好\n")),
      file.put(key("b"), call("b")),
    ]);
    expect(await file.get(key("a"))).toEqual(call("Größe 你好\n"));
    await file.close();
    const again = await openRecordingFile(path, "replay");
    expect(again.size).toBe(2);
    expect(again.spent).toEqual({ requests: 2, tokens: 10, costMicros: 10 });
    expect(await again.get(key("b"))).toEqual(call("b"));
    expect(await again.get(key("a"))).toEqual(call("Größe 你好\n"));
    expect(await again.get(key("c"))).toBeUndefined();
    await again.close();
  });

  it("keeps the first answer of a key", async () => {
    const file = await openRecordingFile(path, "record");
    await file.put(key("a"), call("first"));
    await file.put(key("a"), call("second"));
    expect(await file.get(key("a"))).toEqual(call("first"));
    await file.close();
    expect((await readFile(path, "utf8")).split("\n")).toHaveLength(2);
  });

  it("has written a line when put returns", async () => {
    const file = await openRecordingFile(path, "record");
    await file.put(key("a"), call("kept"));
    expect(await readFile(path, "utf8")).toContain('"kept"');
    await file.close();
  });

  it("removes an unfinished last line and goes on after it", async () => {
    const file = await openRecordingFile(path, "record");
    await file.put(key("a"), call("a"));
    await file.close();
    await appendFile(path, '{"key":"bbb');
    const again = await openRecordingFile(path, "record");
    expect(again.size).toBe(1);
    await again.put(key("c"), call("c"));
    await again.close();
    const third = await openRecordingFile(path, "replay");
    expect(await third.get(key("c"))).toEqual(call("c"));
    await third.close();
  });

  it.each(["record", "replay"] as const)(
    "takes a last line that only lacks its end for an answer (%s)",
    async (mode) => {
      const file = await openRecordingFile(path, "record");
      await file.put(key("a"), call("a"));
      await file.put(key("b"), call("b"));
      await file.close();
      const whole = await readFile(path, "utf8");
      await writeFile(path, whole.trimEnd());
      const again = await openRecordingFile(path, mode);
      expect(await again.get(key("b"))).toEqual(call("b"));
      if (mode === "record") await again.put(key("c"), call("c"));
      await again.close();
      const text = await readFile(path, "utf8");
      if (mode === "replay") expect(text).toBe(whole.trimEnd());
      else expect(text.startsWith(`${whole}{"key":"${key("c")}`)).toBe(true);
    },
  );

  it("removes a first line that was being written when the process died", async () => {
    const line = `{"key":"${key("a")}","request":{"endpoint":"http://h/v1","pa`;
    await writeFile(join(folder, "torn.jsonl"), line);
    const file = await openRecordingFile(join(folder, "torn.jsonl"), "record");
    await file.put(key("b"), call("b"));
    await file.close();
    expect(await readFile(file.path, "utf8")).toMatch(
      /^\{"key":"b+"[^\n]*\n$/u,
    );
  });

  it.each([
    ["one line of JSON", '{"thesis":"three years of work","chapters":[1,2]}'],
    ["notes without a last newline", "first line of my notes"],
    ["bytes without a newline", Buffer.alloc(4000, 0x81)],
    ["the beginning of a key", '{"key":"'],
    ["JSON with a key of its own", `{"key":"${"a".repeat(64)}","value":1}`],
    ["an empty object", "{}"],
    ["a blank", " "],
    ["rows of something else", '{"prompt":"x"}\n{"prompt":"y"}\n'],
    ["a recording that goes on as something else", undefined],
  ])("refuses %s by name and leaves it as it is", async (_, content) => {
    let bytes: string | Buffer | undefined = content;
    if (bytes === undefined) {
      const file = await openRecordingFile(path, "record");
      await file.put(key("a"), call("a"));
      await file.close();
      bytes = `${await readFile(path, "utf8")}my notes`;
    }
    const foreign = join(folder, "foreign");
    await writeFile(foreign, bytes);
    for (const mode of ["record", "replay"] as const)
      await expect(openRecordingFile(foreign, mode)).rejects.toMatchObject({
        code: "BAD_INPUT",
        message: expect.stringContaining(
          `${foreign} is not a recording`,
        ) as string,
      });
    expect(await readFile(foreign)).toEqual(Buffer.from(bytes));
  });

  it("refuses a folder", async () => {
    await expect(openRecordingFile(folder, "record")).rejects.toMatchObject({
      code: "BAD_INPUT",
    });
  });

  it("does not change a file that is replayed", async () => {
    const file = await openRecordingFile(path, "record");
    await file.put(key("a"), call("a"));
    await file.close();
    await appendFile(path, '{"key":"bbb');
    const before = await readFile(path, "utf8");
    await (await openRecordingFile(path, "replay")).close();
    expect(await readFile(path, "utf8")).toBe(before);
  });

  it("names the line that is not a recorded call", async () => {
    const file = await openRecordingFile(path, "record");
    await file.put(key("a"), call("a"));
    await file.close();
    await appendFile(path, '{"key":"short"}\n');
    await expect(openRecordingFile(path, "record")).rejects.toMatchObject({
      code: "BAD_INPUT",
      details: { line: 2 },
    });
  });

  it("reads a file that spans many blocks", async () => {
    const lines = Array.from({ length: 3000 }, (_, index) =>
      JSON.stringify({
        key: String(index).padStart(64, "0"),
        ...call("x".repeat(1000) + String(index)),
      }),
    );
    await writeFile(join(folder, "big.jsonl"), `${lines.join("\n")}\n`);
    const file = await openRecordingFile(join(folder, "big.jsonl"), "replay");
    expect(file.size).toBe(3000);
    const found = await file.get("2999".padStart(64, "0"));
    expect(found?.response.endsWith("x2999")).toBe(true);
    await file.close();
  });

  it("says that a recording to replay is not there", async () => {
    await expect(openRecordingFile(path, "replay")).rejects.toThrow(
      /Cannot read the recording .*calls\.jsonl/,
    );
  });
});
