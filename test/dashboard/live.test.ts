/**
 * @file A run that is followed while other processes work on it.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import type { LiveMessage } from "../../src/dashboard/api/api.js";
import { PROGRESS_FILE } from "../../src/events/progress-file.js";
import { startChild } from "../ledger/child-process.js";
import { temporaryFolder } from "../ledger/support.js";
import { dashboardOn, listenTo, ofType } from "./open-dashboard.js";
import {
  finish,
  openRun,
  stageOf,
  writePrompts,
  writeRun,
} from "./written-run.js";

const runIn = (state: string) => (message: LiveMessage) =>
  message.type === "run" && message.run.state === state;

const texts = (message: LiveMessage): string[] =>
  message.type === "rows" ? message.rows.map(({ text }) => text) : [];

test("a first connection gets the present state", async () => {
  const folder = temporaryFolder();
  writeRun(folder);
  const listening = await listenTo(await dashboardOn(folder), basename(folder));
  const { run } = await listening.next(ofType("run"));
  expect(run).toMatchObject({ state: "complete", stagesDone: 3 });
  const { points } = await listening.next(ofType("curve"));
  expect(points.map(({ step, metrics }) => [step, metrics["loss"]])).toEqual([
    [1, 0.5],
    [2, 0.25],
  ]);
  const { rows } = await listening.next(ofType("rows"));
  expect(rows).toEqual(
    [1, 2].map((id) => ({
      table: "prompts",
      id,
      stage: "round-1/prompts",
      text: `prompt ${id - 1}`,
      note: "generated",
    })),
  );
  expect(await listening.next(ofType("progress"))).toEqual({
    type: "progress",
    progress: null,
  });
});

test("only what is new travels, also to who comes back with a cursor", async () => {
  const folder = temporaryFolder();
  const ledger = openRun(folder);
  finish(stageOf(ledger, "seeds"));
  const stage = stageOf(ledger, "round-1/prompts");
  writePrompts(stage, 0, 2);
  const dashboard = await dashboardOn(folder);
  const first = await listenTo(dashboard, basename(folder));
  await first.next(ofType("rows"));
  writePrompts(stage, 2, 3);
  expect(texts(await first.next(ofType("rows")))).toEqual(["prompt 2"]);
  const cursor = first.cursor();
  await first.end();
  writePrompts(stage, 3, 5);
  const second = await listenTo(dashboard, basename(folder), cursor);
  expect(texts(await second.next(ofType("rows")))).toEqual([
    "prompt 3",
    "prompt 4",
  ]);
  expect(second.messages.filter(ofType("renewed"))).toEqual([]);
  ledger.close();
});

test("however much was written, some rows travel, and long ones are cut", async () => {
  const folder = temporaryFolder();
  const ledger = openRun(folder);
  finish(stageOf(ledger, "seeds"));
  const stage = stageOf(ledger, "round-1/prompts");
  const long = "x".repeat(10_000_000);
  writePrompts(stage, 0, 3000, (i) => (i === 2999 ? long : `prompt ${i}`));
  ledger.close();
  const listening = await listenTo(await dashboardOn(folder), basename(folder));
  const { rows } = await listening.next(ofType("rows"));
  expect(rows.map(({ id }) => id)).toEqual(
    Array.from({ length: 8 }, (_, i) => 2993 + i),
  );
  expect(rows.at(-1)?.text).toBe("x".repeat(1000));
});

test("judgements, pairs and rejections are told as text with what one wants beside it", async () => {
  const folder = temporaryFolder();
  const ledger = openRun(folder);
  const stage = stageOf(ledger, "seeds");
  const [promptId = 0] = writePrompts(stage, 0, 1);
  const [chosenId = 0, rejectedId = 0] = stage.insert(
    "candidates",
    ["good", "bad"].map((text, sampleIndex) => ({
      ...{ key: text, promptId, sampleIndex, text, tokens: 3 },
      ...{ finishReason: "stop" as const, mergedCount: 1 },
    })),
  );
  const judged = { candidateId: chosenId, judge: "self", constrained: false };
  stage.insert("judgements", [
    {
      ...{ ...judged, key: "0", sampleIndex: 0, raw: "Score: 4" },
      ...{ kind: "score", score: 4 },
    },
    { ...judged, key: "1", sampleIndex: 1, raw: "?", kind: "malformed" },
  ]);
  stage.insert("pairs", [
    {
      ...{ key: "p", promptId, chosenId, rejectedId },
      ...{ chosenScore: 4, rejectedScore: 1, margin: 3 },
    },
  ]);
  stage.insert("rejections", [
    { key: "r", subject: "prompt", text: "again", rule: "duplicate" },
  ]);
  ledger.close();
  const listening = await listenTo(await dashboardOn(folder), basename(folder));
  const { rows } = await listening.next(ofType("rows"));
  expect(rows.map(({ table, text, note }) => [table, text, note])).toEqual([
    ["prompts", "prompt 0", "generated"],
    ["candidates", "good", "3 tokens"],
    ["candidates", "bad", "3 tokens"],
    ["judgements", "Score: 4", "4.00"],
    ["judgements", "?", "malformed"],
    ["pairs", "prompt 0\n+ good\n- bad", "3.00"],
    ["rejections", "again", "duplicate"],
  ]);
});

test("a run of another process is followed through its kill and its return", async () => {
  const folder = temporaryFolder();
  const work = (steps: number) =>
    startChild({
      program: "../dashboard/working-run.ts",
      arguments: [folder, String(steps)],
    });
  const first = await work(2);
  const listening = await listenTo(await dashboardOn(folder), basename(folder));
  await listening.next(runIn("running"));
  expect(await listening.next(inProgress)).toMatchObject({
    progress: { stage: "work", done: 2, unit: "steps", waiting: null },
  });
  await first.kill();
  await listening.next(runIn("stopped"));
  expect(await listening.next(ofType("progress"))).toEqual({
    type: "progress",
    progress: null,
  });
  const second = await work(4);
  const { run } = await listening.next(ofType("run"));
  expect(run.state).toBe("running");
  const rows = await listening.next(ofType("rows"));
  expect(texts(rows)).toEqual(["prompt 3", "prompt 4"]);
  await listening.next(
    (message) =>
      message.type === "curve" && message.points.some(({ step }) => step === 4),
  );
  await second.kill();
  await listening.next(runIn("stopped"));
  const told = listening.messages
    .filter(ofType("curve"))
    .flatMap(({ points }) => points.map(({ step }) => step));
  expect(new Set(told)).toEqual(new Set([1, 2, 3, 4]));
  const { warnings } = listening.messages.filter(ofType("run")).at(-1)?.run ?? {
    warnings: [],
  };
  expect(warnings).toEqual([{ code: "odd", message: "Something is odd." }]);
});

const inProgress = (message: LiveMessage): boolean =>
  message.type === "progress" && message.progress?.total === 10;

test("a ledger that is put in the place of another is told, and begun anew", async () => {
  const folder = temporaryFolder();
  const ledger = openRun(folder);
  writePrompts(stageOf(ledger, "seeds"), 0, 3);
  const dashboard = await dashboardOn(folder);
  const listening = await listenTo(dashboard, basename(folder));
  await listening.next(ofType("rows"));
  const before = listening.cursor();
  const fresh = ledger.renew({ rounds: 5 });
  writePrompts(stageOf(fresh, "seeds"), 0, 1, () => "another");
  await listening.next(ofType("renewed"));
  const { run } = await listening.next(ofType("run"));
  expect(run.recipe).toBe("name: tiny\nrounds: 5\n");
  expect(texts(await listening.next(hasRows))).toEqual(["another"]);
  const returned = await listenTo(dashboard, basename(folder), before);
  expect(await returned.next(() => true)).toEqual({ type: "renewed" });
  fresh.close();
});

const hasRows = (message: LiveMessage): boolean => texts(message).length > 0;

test("a run that ends leaves no progress behind", async () => {
  const folder = temporaryFolder();
  const child = await startChild({
    program: "../dashboard/working-run.ts",
    arguments: [folder, "1"],
  });
  expect(existsSync(join(folder, PROGRESS_FILE))).toBe(true);
  await child.kill();
  const dashboard = await dashboardOn(folder);
  const listening = await listenTo(dashboard, basename(folder));
  expect(await listening.next(ofType("progress"))).toEqual({
    type: "progress",
    progress: null,
  });
});
