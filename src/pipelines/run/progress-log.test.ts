import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readProgressFile } from "../../events/progress-file.js";
import type { TrainingStep } from "../../events/run-event.js";
import { manualClock } from "../../foundation/clock.js";
import { progressLog, type ProgressLog } from "./progress-log.js";

const clock = manualClock();
let folder: string;
let log: ProgressLog;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "autodidact-progress-"));
  log = progressLog(folder, clock);
});
afterEach(() => {
  log.end();
  rmSync(folder, { recursive: true, force: true });
});

/** Tells that so many are done, after some seconds. */
function tell(done: number, seconds = 10): void {
  clock.advance(seconds * 1000);
  log.onEvent({
    ...{ type: "stage-progress", stage: "a", done, total: 100, unit: "rows" },
  });
}

function step(step: number, recorded = false): TrainingStep {
  return {
    ...{ type: "training-step", stage: "a", totalSteps: 500, recorded },
    metrics: {
      ...{ step, loss: Number.NaN, grad_norm: 1 },
      ...{ learning_rate: 0.5, num_tokens: 7 },
    },
  };
}

const reading = () => readProgressFile(folder)?.reading;

test("rate and time left come of the last minute", () => {
  log.onEvent({ type: "stage-start", stage: "a", title: "A" });
  expect(reading()).toMatchObject({ stage: "a", rate: null, left: null });
  tell(10);
  expect(reading()).toMatchObject({ done: 10, rate: null });
  tell(30);
  expect(reading()).toMatchObject({
    done: 30,
    unit: "rows",
    rate: 2,
    left: 35,
  });
  tell(40, 90);
  expect(reading()).toMatchObject({ done: 40, rate: 10 / 90 });
});

test("tokens are counted over the calls of a stage", () => {
  log.onEvent({ type: "stage-start", stage: "a", title: "A" });
  for (const done of [0, 100, 40]) {
    clock.advance(5000);
    log.onEvent({ type: "token-progress", done, expected: 100 });
  }
  expect(reading()?.tokensPerSecond).toBe(14);
  clock.advance(5000);
  log.onEvent({ type: "token-progress", done: 0, expected: 0 });
  expect(reading()?.waiting).toBe("loading the model");
});

test("the newest steps are kept, numbers only, and those of an earlier process do not count for the rate", () => {
  log.onEvent({ type: "stage-start", stage: "a", title: "A" });
  for (let i = 1; i <= 150; i++) log.onEvent(step(i, true));
  clock.advance(10_000);
  log.onEvent(step(151));
  const { points = [] } = readProgressFile(folder) ?? {};
  expect(points).toHaveLength(100);
  expect(points.at(-1)).toEqual({
    ...{ stage: "a", step: 151 },
    metrics: { grad_norm: 1, learning_rate: 0.5, num_tokens: 7 },
  });
  expect(reading()).toMatchObject({ done: 151, unit: "steps", rate: 0.1 });
});

test("it is written once a second at most, and what waits says so", () => {
  log.onEvent({ type: "stage-start", stage: "a", title: "A" });
  tell(1, 0.5);
  expect(reading()?.done).toBe(0);
  clock.advance(2000);
  log.onEvent({ type: "wait-progress", message: "a server starts" });
  expect(reading()).toMatchObject({ done: 1, waiting: "a server starts" });
});

test("nothing is left when the run ends, and a folder that is gone is no failure", () => {
  log.onEvent({ type: "stage-start", stage: "a", title: "A" });
  expect(readdirSync(folder)).toEqual(["progress.json"]);
  log.end();
  expect(readdirSync(folder)).toEqual([]);
  rmSync(folder, { recursive: true });
  tell(5);
  expect(existsSync(folder)).toBe(false);
});
