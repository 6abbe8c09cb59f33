/**
 * @file A run killed at named points and started again ends as if nothing had happened:
 * the same report, timings aside, and the same weights, to the last bit; killed within a
 * batch but for the last bits of a report's numbers.
 */
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { hashFile } from "../../src/foundation/hash.js";
import { readReport } from "../../src/reporting/report-file.js";
import { withoutTimings } from "../reporting/without-timings.js";
import { alikeNumbers } from "./alike-numbers.js";
import { runRecipe } from "./run-recipe.js";
import { writeTinyRecipe } from "./tiny-run.js";

const WITHIN_BATCHES = "within its batches";

/**
 * Points of one run, each in the pass that goes on where the one before it was killed: what
 * is counted is counted by that pass.
 */
const KILLS = {
  "in every kind of stage": [
    "ledger-open",
    "stage-begin:3",
    "ledger-commit:5",
    "dataset-written",
    "training-step:70",
    "stage-complete",
    "evaluation-written",
    "prompts-written",
    "candidates-chunk",
    "judgements-chunk",
    "pairs-written",
    "model-saved",
    "candidates-written",
    "judgements-written",
    "training-step:2",
    "evaluation-written",
    "report-written",
  ],
  [WITHIN_BATCHES]: [
    "answer-kept:3",
    "answer-kept:70",
    "answer-kept:200",
    "candidates-chunk",
    "answer-kept:5",
    "judgements-chunk",
    "answer-kept",
    "answer-kept:90",
    "answer-kept:40",
  ],
  "in its training and far apart": [
    "training-step:9",
    "ledger-transaction:8",
    "dataset-written",
    "candidates-written",
    "stage-complete:3",
  ],
} as const;

let workspace = "";
let recipe = "";
let expected: Awaited<ReturnType<typeof outcomeOf>>;

async function outcomeOf(folder: string) {
  return {
    report: withoutTimings(
      await readReport(join(folder, "report.json"), "self-rewarding"),
    ),
    weights: await hashFile(join(folder, "models", "M3", "model.safetensors")),
  };
}

beforeAll(async () => {
  workspace = mkdtempSync(join(tmpdir(), "autodidact-resume-"));
  recipe = writeTinyRecipe(workspace);
  const folder = join(workspace, "uninterrupted");
  const { status, stderr } = runRecipe(recipe, folder);
  expect(status, stderr).toBe(0);
  expected = await outcomeOf(folder);
}, 300_000);

afterAll(() => {
  rmSync(workspace, { recursive: true, force: true });
});

test("the uninterrupted run reaches M3 with pairs in both rounds", () => {
  expect(expected.report.models.map(({ id }) => id)).toEqual([
    "M0",
    "M1",
    "M2",
    "M3",
  ]);
  expect(expected.report.rounds.every(({ pairs }) => pairs > 0)).toBe(true);
});

test(
  "the same recipe and seed give the same report and weights",
  { timeout: 300_000 },
  async () => {
    const folder = join(workspace, "again");
    expect(runRecipe(recipe, folder).status).toBe(0);
    expect(await outcomeOf(folder)).toEqual(expected);
  },
);

test.each(Object.entries(KILLS))(
  "a run killed again and again %s continues to the same end",
  { timeout: 600_000 },
  async (where, points) => {
    const folder = join(workspace, "killed");
    for (const point of points)
      expect([
        point,
        runRecipe(recipe, folder, { crashAt: point }).signal,
      ]).toEqual([point, "SIGKILL"]);
    const { status, stderr } = runRecipe(recipe, folder);
    expect(status, stderr).toBe(0);
    expect(await outcomeOf(folder)).toEqual(
      where === WITHIN_BATCHES ? alikeNumbers(expected) : expected,
    );
    rmSync(folder, { recursive: true, force: true });
  },
);

test(
  "a run whose folder and files were moved goes on to the same end, and names no place of the machine",
  { timeout: 300_000 },
  async () => {
    const folder = join(workspace, "sent");
    expect(
      runRecipe(recipe, folder, { crashAt: "candidates-written:2" }).signal,
    ).toBe("SIGKILL");
    const elsewhere = mkdtempSync(join(tmpdir(), "autodidact-moved-"));
    try {
      mkdirSync(join(elsewhere, "deep", "down"), { recursive: true });
      const there = join(elsewhere, "deep", "down", "run");
      renameSync(folder, there);
      const files = join(elsewhere, "files");
      mkdirSync(files);
      const copy = writeTinyRecipe(files);
      const { status, stderr } = runRecipe(copy, there);
      expect(status, stderr).toBe(0);
      expect(await outcomeOf(there)).toEqual(expected);
      for (const name of ["report.json", "recipe.yaml"]) {
        const text = readFileSync(join(there, name), "utf8");
        expect(text).not.toContain(workspace);
        expect(text).not.toContain(elsewhere);
      }
    } finally {
      rmSync(elsewhere, { recursive: true, force: true });
    }
  },
);
