/**
 * @file `--record` and `--recorded`: a run's answers in a file, and the run out of it.
 */
import { copyFile, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { readReport } from "../../src/reporting/report-file.js";
import { withoutTimings } from "../reporting/without-timings.js";
import { instruct } from "./instruct-command.js";
import { recordedServer } from "./recorded-server.js";
import { datasetHashes, testFolders } from "./run-folder.js";

const SECRET = "sk-very-secret-0123456789abcdef";
const WORDS = ["--style", "completion", "--accept", "20", "--in-flight", "2"];

const folder = testFolders();
afterEach(() => {
  vi.unstubAllEnvs();
});

/** Every byte that a run leaves for its user, but for the time it took. */
async function made(runDir: string): Promise<unknown> {
  const report = await readReport(join(runDir, "report.json"), "instruct");
  return [
    await datasetHashes(runDir),
    JSON.stringify(withoutTimings(report)),
    await readFile(join(runDir, "recipe.yaml"), "utf8"),
  ];
}

/** A run over a server that is gone by now, and its recording. */
let live: {
  readonly endpoint: readonly string[];
  readonly file: string;
  readonly folder: string;
  readonly stdout: string;
};
/** One whose recording was asked for late. */
let late: { readonly file: string; readonly folder: string };
beforeAll(async () => {
  vi.stubEnv("LAB_KEY", SECRET);
  const server = await recordedServer();
  const endpoint = ["--endpoint", server.url, "--model", "m"];
  const key = ["--api-key-variable", "LAB_KEY"];
  const place = await folder();
  const file = join(await folder(), "deeper", "answers.jsonl");
  const run = await instruct(
    place,
    ...[...endpoint, ...key, ...WORDS, "--record", file],
  );
  expect(run.code).toBe(0);
  live = { endpoint, file, folder: place, stdout: run.stdout };

  const second = await folder();
  const started = [...endpoint, ...WORDS, "--seed", "7"];
  const stopped = await instruct(second, ...started, "--max-requests", "25");
  expect(stopped.code).toBe(10);
  late = { file: join(await folder(), "late.jsonl"), folder: second };
  const ended = await instruct(second, ...started, "--record", late.file);
  expect(ended.code).toBe(0);
  // Nothing is bought twice for a recording.
  expect([...server.answered.values()].filter((times) => times > 1)).toEqual(
    [],
  );
  await server.close();
});

describe("a recorded run", () => {
  it("is made again byte for byte, with no server and no key", async () => {
    const place = await folder();
    const before = await readFile(live.file, "utf8");
    const again = await instruct(
      place,
      ...[...live.endpoint, ...WORDS, "--recorded", live.file],
    );
    expect(again.code).toBe(0);
    expect(await made(place)).toEqual(await made(live.folder));
    /** Without places and the times of stages, which end their rows. */
    const comparable = (text: string) =>
      text
        .replace(/^.*: \/.*$/gmu, "")
        .replace(/^( +[a-z]+ +)\d+ s( .*?) +[\d,]+$/gmu, "$1$2");
    expect(comparable(again.stdout)).toBe(comparable(live.stdout));
    expect(await readFile(live.file, "utf8")).toBe(before);
  });

  it("has no key in its file", async () => {
    const text = await readFile(live.file, "utf8");
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain("LAB_KEY");
    expect(text.trimEnd().split("\n").length).toBeGreaterThan(20);
  });

  it("has all answers also where most were given before the recording", async () => {
    const place = await folder();
    const again = await instruct(
      place,
      ...[...live.endpoint, ...WORDS, "--seed", "7", "--recorded", late.file],
    );
    expect(again.code).toBe(0);
    expect(await datasetHashes(place)).toEqual(
      await datasetHashes(late.folder),
    );
  });

  it("ends where an answer is missing, with one error that says which", async () => {
    const { code, stderr } = await instruct(
      await folder(),
      ...[...live.endpoint, ...WORDS, "--seed", "8", "--recorded", live.file],
    );
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /answers\.jsonl has no answer for sample 0 of the request to "m" that begins ".*record again\.$/mu,
    );
  });

  it("is never begun over a file that is something else, be the server there or not", async () => {
    const place = await folder();
    const written: Record<string, string> = {
      "thesis.json": '{"thesis":"three years of work"}',
      "notes.txt": "notes without a newline at their end",
    };
    for (const [name, text] of Object.entries(written)) {
      const path = join(place, name);
      await writeFile(path, text);
      const { code, stderr } = await instruct(
        await folder(),
        ...[...live.endpoint, ...WORDS, "--record", path],
      );
      expect(code).toBe(3);
      expect(stderr).toContain(`${path} is not a recording`);
      expect(await readFile(path, "utf8")).toBe(text);
    }
  });

  it.each(["--seeds", "--evaluation"])(
    "is never written over the file of %s, by whatever name",
    async (option) => {
      const place = await folder();
      const input = join(place, "input.jsonl");
      const link = join(place, "link.jsonl");
      await copyFile("seeds/en.jsonl", input);
      await symlink(input, link);
      const before = await readFile(input, "utf8");
      for (const record of [input, link]) {
        const { code, stderr } = await instruct(
          await folder(),
          ...[...live.endpoint, ...WORDS, option, input, "--record", record],
        );
        expect(code).toBe(2);
        expect(stderr).toContain(`${record} is to be written and is also`);
        expect(await readFile(input, "utf8")).toBe(before);
      }
    },
  );

  it("needs its file, an endpoint, and one of the two options", async () => {
    const place = await folder();
    const missing = await instruct(
      place,
      ...[...live.endpoint, "--recorded", join(place, "none.jsonl")],
    );
    expect(missing.code).toBe(3);
    expect(missing.stderr).toContain("make it with --record");
    const homeless = await instruct(
      place,
      ...["--model", "m", "--record", live.file],
    );
    expect(homeless.code).toBe(2);
    expect(homeless.stderr).toContain(
      "--record is for the answers of an endpoint.",
    );
    const both = await instruct(
      place,
      ...[...live.endpoint, "--record", live.file, "--recorded", live.file],
    );
    expect(both.code).toBe(2);
  });
});
