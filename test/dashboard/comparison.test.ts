/**
 * @file Runs side by side.
 */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunComparison } from "../../src/dashboard/api/api.js";
import { temporaryFolder } from "../ledger/support.js";
import { dashboardOn } from "./open-dashboard.js";
import { finish, openRun, stageOf, writeRun } from "./written-run.js";

test("recipes are compared key by key, and curves come thinned with their ends", async () => {
  const folder = temporaryFolder();
  writeRun(join(folder, "a"), {
    name: "a",
    judge: { source: "self", n: 3 },
    rows: [1, 2],
  });
  const ledger = openRun(join(folder, "b"), {
    name: "b",
    judge: { source: "frozen", n: 3 },
    rows: [1],
    extra: null,
  });
  const stage = stageOf(ledger, "seeds");
  stage.insert(
    "training_steps",
    Array.from({ length: 1500 }, (_, i) => ({
      key: String(i + 1),
      step: i + 1,
      metrics: { step: i + 1, loss: 1 / (i + 1) },
    })),
  );
  finish(stage);
  ledger.close();
  const { json } = await dashboardOn(folder);
  const { runs, recipe, curves } = await json<RunComparison>(
    "/api/comparison?run=b&run=a",
  );
  expect(runs.map(({ id }) => id)).toEqual(["b", "a"]);
  expect(recipe).toEqual([
    { key: "extra", values: ["null", null] },
    { key: "judge.source", values: ["frozen", "self"] },
    { key: "name", values: ["b", "a"] },
    { key: "rows", values: ["[1]", "[1,2]"] },
  ]);
  const [long, short] = curves;
  expect(short).toEqual({
    run: "a",
    points: [
      { stage: PLACE, step: 1, metrics: { loss: 0.5, grad_norm: 1 } },
      { stage: PLACE, step: 2, metrics: { loss: 0.25, grad_norm: 1 } },
    ],
  });
  const steps = (long?.points ?? []).map(({ step }) => step);
  expect(steps.length).toBeLessThanOrEqual(400);
  expect(steps.length).toBeGreaterThan(350);
  expect([steps[0], steps.at(-1)]).toEqual([1, 1500]);
  expect(steps).toEqual([...steps].sort((x, y) => x - y));
});

const PLACE = "round-1/candidates";

test("one run, the same run twice and a run that is not there are refused", async () => {
  const folder = temporaryFolder();
  writeRun(join(folder, "a"));
  const { ask } = await dashboardOn(folder);
  const status = async (query: string) =>
    (await ask(`/api/comparison?${query}`)).status;
  expect(await status("run=a")).toBe(400);
  expect(await status("run=a&run=a")).toBe(400);
  expect(await status("run=a&run=b")).toBe(404);
});
