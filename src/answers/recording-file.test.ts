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
