/**
 * @file Self-Instruct with training, killed at named points and started again, ends as
 * if nothing had happened: the same report, timings aside, the same data set and the
 * same weights, to the last bit.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hashFile } from "../../src/foundation/hash.js";
import type { TrainingReport } from "../../src/reporting/self-instruct/schema.js";
import { BINARY, runRecipe } from "./run-recipe.js";
import { writeTinySelfInstruct } from "./tiny-self-instruct.js";

/** Authors, tasks and instances, data set, training, models, measuring, report. */
const KILLS = [
  "training-step:9",
  "ledger-commit:40",
  "ledger-transaction:70",
  "dataset-written:3",
  "evaluation-written:2",
  "report-written",
] as const;

let workspace = "";
let recipe = "";
let expected: Awaited<ReturnType<typeof outcomeOf>>;

function reportOf(folder: string): TrainingReport {
  return JSON.parse(
    readFileSync(join(folder, "report.json"), "utf8"),
  ) as TrainingReport;
}

async function outcomeOf(folder: string) {
  return {
    report: { ...reportOf(folder), timings: null },
    dataset: await hashFile(join(folder, "instruct", "dataset", "chat.jsonl")),
    weights: await Promise.all(
      ["author-of-tasks", "M1", "seeds-only", "unfiltered"].map((id) =>
        hashFile(join(folder, "models", id, "model.safetensors")),
      ),
    ),
  };
}

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "autodidact-self-instruct-"));
  recipe = writeTinySelfInstruct(workspace);
  const folder = join(workspace, "uninterrupted");
  const { status, stderr } = runRecipe(recipe, folder);
  expect(status, stderr).toBe(0);
  expected = await outcomeOf(folder);
}, 300_000);

afterAll(() => {
  rmSync(workspace, { recursive: true, force: true });
});

test("the uninterrupted run measures M0, M1 and the controls and trains on rows of its own", () => {
  const { models, gains, data, headToHead } = expected.report;
  expect(models.map(({ id, steps }) => [id, steps])).toEqual([
    ["M0", 0],
    ["M1", 4],
    ["seeds-only", 4],
    ["unfiltered", 4],
  ]);
  expect(gains.map(({ from, to }) => [from, to])).toEqual([
    ["M0", "M1"],
    ["seeds-only", "M1"],
    ["unfiltered", "M1"],
  ]);
  const [, m1, seedsOnly, unfiltered] = models;
  expect(seedsOnly?.rows).toBe(40);
  expect(m1?.rows).toBe(2 * 40 + data.instances - data.heldBack);
  expect(m1?.rows).toBeGreaterThan(2 * 40);
  expect(unfiltered?.rows).toBeGreaterThan(m1?.rows ?? 0);
  expect(headToHead.map(({ win, tie, lose }) => win + tie + lose)).toEqual([
    24,
  ]);
  const own = data.own;
  expect(own?.rows).toBe(data.instances);
  expect((own?.right ?? 0) + (own?.wrong ?? 0) + (own?.unreadable ?? 0)).toBe(
    own?.rows,
  );
});

test("`report` draws the same page again", () => {
  const folder = join(workspace, "uninterrupted");
  const page = join(folder, "report.html");
  const before = readFileSync(page, "utf8");
  rmSync(page);
  const { status, stdout } = spawnSync(
    process.execPath,
    [BINARY, "report", folder],
    { encoding: "utf8" },
  );
  expect(status).toBe(0);
  expect(readFileSync(page, "utf8")).toBe(before);
  expect(stdout).toContain("M1, fine-tuned on its own data");
});

test("a run asked for again tells the seconds worked on it, not those of the last process", () => {
  const folder = join(workspace, "uninterrupted");
  const before = reportOf(folder).timings;
  const { status, stderr } = runRecipe(recipe, folder);
  expect(status, stderr).toBe(0);
  expect(before?.seconds).toBeGreaterThan(0);
  expect(reportOf(folder).timings).toEqual(before);
});

test("an option of the other kind of run is refused by name", () => {
  const { status, stderr } = runRecipe(recipe, join(workspace, "refused"), {
    options: ["--rounds", "1"],
  });
  expect(status).toBe(2);
  expect(stderr).toContain("--rounds belongs to the self-rewarding loop");
});

test.each(KILLS)(
  "a run killed at %s continues to the same end",
  { timeout: 300_000 },
  async (point) => {
    const folder = join(workspace, `killed-${point.replace(":", "-")}`);
    expect(runRecipe(recipe, folder, { crashAt: point }).signal).toBe(
      "SIGKILL",
    );
    const { status, stderr } = runRecipe(recipe, folder);
    expect(status, stderr).toBe(0);
    expect(await outcomeOf(folder)).toEqual(expected);
    rmSync(folder, { recursive: true, force: true });
  },
);
