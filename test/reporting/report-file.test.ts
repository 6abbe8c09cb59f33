/**
 * @file report.json of every kind of run: written, read back, and refused where it is
 * not what it says.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readRunSummary } from "../../src/pipelines/run-status/run-summary.js";
import { readReport, writeReport } from "../../src/reporting/report-file.js";
import {
  lineOf,
  pageOf,
  summaryOf,
  type Report,
} from "../../src/reporting/report-kinds.js";
import { chineseReport, englishReport } from "./sample-instruct-reports.js";
import { goodReport } from "./sample-reports.js";
import { trainingSample } from "./sample-training-report.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "autodidact-report-"));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const SAMPLES: readonly (readonly [string, () => Report | Promise<Report>])[] =
  [
    ["the loop", goodReport],
    ["Self-Instruct", englishReport],
    ["Self-Instruct in Chinese", chineseReport],
    ["Self-Instruct with training", trainingSample],
  ];

describe.each(SAMPLES)("the report of %s", (_, sample) => {
  test("is read as it was written, and drawn from the file alike", async () => {
    const report = await sample();
    const { json, html } = await writeReport(folder, report);
    const read = await readReport(json);
    expect(read).toEqual(report);
    expect(pageOf(read)).toBe(pageOf(report));
    expect(html).toBe(join(folder, "report.html"));
  });

  test("sums itself up in a line that its summary or its list of runs holds", async () => {
    const report = await sample();
    await writeReport(folder, report);
    const line = lineOf(report);
    expect(line).toMatch(/\d/u);
    expect(summaryOf(report)).toContain(line);
    expect(await readRunSummary(folder)).toBe(line);
  });

  test("is refused under another kind's name, and under none of them", async () => {
    const report = await sample();
    const { json } = await writeReport(folder, report);
    const other = report.kind === "instruct" ? "self-instruct" : "instruct";
    await expect(readReport(json, other)).rejects.toThrow(
      `is the report of a run of kind ${report.kind}. Give one of kind ${other}.`,
    );
    for (const kind of [other, "diary", 7, null]) {
      await writeFile(json, JSON.stringify({ ...report, kind }));
      await expect(readReport(json)).rejects.toMatchObject({
        code: "BAD_INPUT",
      });
      expect(await readRunSummary(folder)).toBeNull();
    }
  });
});

test("a report of the loop that names no kind is read as what it is", async () => {
  const { kind, ...unnamed } = goodReport();
  const path = join(folder, "report.json");
  await writeFile(path, JSON.stringify(unnamed));
  expect(await readReport(path)).toEqual({ ...unnamed, kind });
});

test.each([
  ["7", "the whole file"],
  ["null", "the whole file"],
  ["[]", "the whole file"],
  ["{}", 'field "kind"'],
  ['{"kind": "instruct"}', 'field "name"'],
])("%s is no report: %s is named", async (content, place) => {
  const path = join(folder, "report.json");
  await writeFile(path, content);
  await expect(readReport(path)).rejects.toThrow(
    `${path} is not a report of this version: ${place}`,
  );
});

test("a word that no version of the report has is named with its field", async () => {
  const { json } = await writeReport(folder, await englishReport());
  const report = await readReport(json, "instruct");
  await writeFile(json, JSON.stringify({ ...report, stop: "bored" }));
  await expect(readReport(json)).rejects.toThrow(/field "stop": .*"barren"/u);
});
