/**
 * @file Which runs the dashboard finds, and what it says of each.
 */
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunDetail, RunSummary } from "../../src/dashboard/api/api.js";
import { writeReport } from "../../src/reporting/report-file.js";
import { temporaryFolder } from "../ledger/support.js";
import { goodReport } from "../reporting/sample-reports.js";
import { dashboardOn } from "./open-dashboard.js";
import { finish, openRun, stageOf, writeRun } from "./written-run.js";

test("a run, a folder of runs and a comparison are found, each run under a name of its own", async () => {
  const folder = temporaryFolder();
  const at = (path: string) => join(folder, path);
  writeRun(at("alone/a"));
  writeRun(at("several/a"));
  writeRun(at("several/b"), { name: "b", kind: "self-instruct" });
  writeRun(at("several/cut/self-seed-7"), { name: "nursery-self" });
  writeRun(at("arms/seed-7"), { name: "nursery" });
  const { json } = await dashboardOn(
    ...["alone/a", "several", "arms", "not-there"].map(at),
  );
  const runs = await json<RunSummary[]>("/api/runs");
  expect(
    runs.map(({ id, kind, comparison, arm }) => [id, kind, comparison, arm]),
  ).toEqual([
    ["a", "self-rewarding", null, null],
    ["a~2", "self-rewarding", null, null],
    ["b", "self-instruct", null, null],
    ["cut/self-seed-7", "self-rewarding", "cut", "self"],
    ["arms/seed-7", "self-rewarding", "arms", "nursery"],
  ]);
  for (const { id } of runs)
    expect(
      await json<RunDetail>(`/api/runs/${encodeURIComponent(id)}`),
    ).toMatchObject({ id, state: "complete", trouble: null });
});

test("a folder that becomes a run is found without a new start, and keeps its name", async () => {
  const folder = temporaryFolder();
  const { json } = await dashboardOn(folder);
  expect(await json("/api/runs")).toEqual([]);
  writeRun(join(folder, "later"));
  const ids = async () =>
    (await json<RunSummary[]>("/api/runs")).map(({ id }) => id);
  expect(await ids()).toEqual(["later"]);
  writeRun(join(folder, "earlier"));
  writeFileSync(join(folder, "report.json"), "{}");
  expect(await ids()).toEqual([`earlier`, "later"].map(named(folder)));
});

/** The folder became a comparison after `later` had its name. */
function named(folder: string) {
  const own = folder.slice(folder.lastIndexOf("/") + 1);
  return (name: string) => (name === "later" ? name : `${own}/${name}`);
}

test("a run that is going on says how far it is, from its ledger and its log", async () => {
  const folder = temporaryFolder();
  const ledger = openRun(folder, { name: "tiny", rounds: 2 });
  finish(stageOf(ledger, "seeds"), 3);
  const prompts = stageOf(ledger, "round-1/prompts");
  ledger.spend({ requests: 4, tokensIn: 40, tokensOut: 8, cost: 2_500_000 });
  prompts.progress({ requested: 9, accepted: 1, rejected: 2, failed: 0 });
  writeFileSync(
    join(folder, "run.log"),
    [
      { type: "stage-start", stage: "seeds", title: "3 seeds are read" },
      { type: "warning", code: "odd", message: "Odd." },
      { type: "warning", code: "odd", message: "Odd." },
    ]
      .map((event) => `2026-01-01T00:00:00.000Z ${JSON.stringify(event)}\n`)
      .join(""),
  );
  const { json } = await dashboardOn(folder);
  const [{ id = "" } = {}] = await json<RunSummary[]>("/api/runs");
  const running = await json<RunDetail>(`/api/runs/${id}`);
  expect(running).toMatchObject({
    name: "tiny",
    seed: 7,
    state: "running",
    stage: "round-1/prompts",
    stagesDone: 1,
    stagesPlanned: 3,
    recipe: "name: tiny\nrounds: 2\n",
    warnings: [{ code: "odd", message: "Odd." }],
    stages: [
      { name: "seeds", title: "3 seeds are read", state: "done", accepted: 3 },
      {
        name: "round-1/prompts",
        title: null,
        state: "open",
        ...{ requested: 9, accepted: 1, rejected: 2, failed: 0 },
        ...{ requests: 4, tokensIn: 40, tokensOut: 8, cost: 2.5 },
      },
      { name: "round-1/candidates", state: "ahead", requested: 0 },
    ],
  });
  ledger.close();
  expect(await json(`/api/runs/${id}`)).toMatchObject({ state: "stopped" });
});

test("models have the figures of the report, and before it those of ledger and log", async () => {
  const folder = temporaryFolder();
  const ledger = openRun(folder);
  const stage = stageOf(ledger, "seeds");
  const [base] = stage.insert("models", [
    { key: "M0", name: "M0", path: "base", weightHash: "w" },
  ]);
  stage.insert("models", [
    { key: "M1", name: "M1", path: "m", weightHash: "w", parentId: base },
  ]);
  const answer = { text: "a", tokens: 4, finished: true };
  const result = {
    greedy: [answer, { ...answer, tokens: 2 }],
    sampled: [],
    selfScores: [5, null],
    fixedScores: [
      [4, 1],
      [2, 3],
      [null, 1],
    ],
    testScores: [],
  };
  stage.insert("evaluations", [
    { key: "m", modelId: base, name: "measurement", result },
  ]);
  ledger.close();
  const told = {
    ...{ type: "evaluation-end", model: "M0", score: 2 },
    accuracy: { mean: 0.5, low: 0.25, high: 0.75 },
  };
  writeFileSync(join(folder, "run.log"), `T ${JSON.stringify(told)}\n`);
  const { json } = await dashboardOn(folder);
  const [{ id = "" } = {}] = await json<RunSummary[]>("/api/runs");
  const exactly = (mean: number) => ({ mean, low: null, high: null });
  const models = async () => (await json<RunDetail>(`/api/runs/${id}`)).models;
  expect(await models()).toEqual([
    {
      name: "M0",
      parent: null,
      figures: {
        selfReward: exactly(5),
        responseLength: exactly(3),
        "judgeFixed.pairwiseAccuracy": exactly(0.5),
        accuracy: told.accuracy,
        score: exactly(2),
      },
    },
    { name: "M1", parent: "M0", figures: {} },
  ]);
  const report = goodReport();
  await writeReport(folder, report);
  const reported = report.models.find((model) => model.id === "M1");
  expect((await models())[1]?.figures).toMatchObject({
    accuracy: reported?.accuracy,
    score: reported?.score,
  });
});

test("a ledger that is damaged, newer or gone is a run with its trouble, beside the others", async () => {
  const folder = temporaryFolder();
  const at = (path: string) => join(folder, path);
  writeRun(at("good"));
  cpSync(at("good"), at("gone"), { recursive: true });
  mkdirSync(at("damaged"));
  writeFileSync(at("damaged/ledger.db"), "no database ".repeat(500));
  mkdirSync(at("empty"));
  writeFileSync(at("empty/ledger.db"), "");
  const { ask, json } = await dashboardOn(folder);
  const troubles = async () =>
    (await json<RunSummary[]>("/api/runs")).map(({ id, trouble }) => [
      id,
      trouble,
    ]);
  expect(await troubles()).toEqual([
    ["damaged", expect.stringMatching(/damaged or is not a ledger/)],
    ["empty", expect.stringMatching(/is empty/)],
    ["gone", null],
    ["good", null],
  ]);
  rmSync(at("gone/ledger.db"));
  expect((await troubles()).map(([id]) => id)).not.toContain("gone");
  expect(await json("/api/runs/gone")).toMatchObject({
    trouble: expect.stringMatching(/There is no ledger/) as string,
  });
  expect((await ask("/api/runs/good")).status).toBe(200);
});
