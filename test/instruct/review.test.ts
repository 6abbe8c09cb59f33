/**
 * @file A person's review of a run: kept by whatever the run does next, and shown.
 */
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { reportCommand } from "../../src/cli/commands/report.js";
import type { ReviewRow } from "../../src/instruct/data-report/review.js";
import {
  datasetRows,
  opener,
  runInstruct,
  runOptions,
  temporaryFolder,
} from "./run-folder.js";
import { scriptedAuthor } from "./scripted-author.js";

const folders: string[] = [];
afterAll(async () => {
  for (const each of folders) await rm(each, { recursive: true });
});

async function run(folder: string, accept: number) {
  return runInstruct(
    runOptions(folder, opener(scriptedAuthor()), {
      accept,
      inFlight: 6,
      seed: 11,
    }),
  );
}

it("is not overwritten by a longer run, and stands in the report", async () => {
  const folder = await temporaryFolder();
  folders.push(folder);
  expect(await run(folder, 8)).not.toHaveProperty("review");
  const path = join(folder, "dataset", "review.jsonl");
  const rows = await datasetRows<ReviewRow>(folder, "review.jsonl");
  // The first is good in everything, of the second only the instruction is judged.
  const marked = rows.map((row, place) =>
    place === 0
      ? {
          ...row,
          valid_instruction: true,
          appropriate_input: true,
          correct_output: true,
        }
      : place === 1
        ? { ...row, valid_instruction: false }
        : row,
  );
  const text = marked.map((row) => `${JSON.stringify(row)}\n`).join("");
  await writeFile(path, text);

  const report = await run(folder, 12);
  expect(report.accepted).toBe(12);
  expect(await readFile(path, "utf8")).toBe(text);
  expect(report.review).toMatchObject({ rows: rows.length, reviewed: 1 });
  expect(
    report.review?.lines.map(({ good, reviewed }) => [good, reviewed]),
  ).toEqual([
    [1, 2],
    [1, 1],
    [1, 1],
    [1, 1],
  ]);

  // Marked since: `report` takes it in without the run.
  await writeFile(
    path,
    text.replace('"valid_instruction":false', '"valid_instruction":true'),
  );
  const io = {
    json: false,
    signal: new AbortController().signal,
    onEvent: () => undefined,
    print: () => undefined,
    printJson: () => undefined,
    remark: () => undefined,
  };
  await reportCommand.run({ run: folder }, io);
  const page = await readFile(join(folder, "report.html"), "utf8");
  expect(page).toContain("What a reader found");
  expect(page).toContain("2 of 2, [34 %, 100 %]");
});

it("that cannot be read is named with its line, and left as it is", async () => {
  const folder = await temporaryFolder();
  folders.push(folder);
  await run(folder, 4);
  const path = join(folder, "dataset", "review.jsonl");
  await writeFile(path, '{"id":"x","valid_instruction":"ja"}\n');
  await expect(run(folder, 4)).rejects.toThrow(/review\.jsonl, line 1/u);
  expect(await readFile(path, "utf8")).toContain("ja");
});

it("a replay into the folder of its own run is refused", async () => {
  const folder = await temporaryFolder();
  folders.push(folder);
  await run(folder, 4);
  await expect(
    runInstruct({
      ...runOptions(folder, opener(scriptedAuthor()), { accept: 4 }),
      replay: folder,
    }),
  ).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("needs a folder of its own") as string,
  });
});
