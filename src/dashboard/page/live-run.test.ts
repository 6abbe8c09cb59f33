import { expect, test } from "vitest";
import type { CurvePoint, LiveRow } from "../api/api.js";
import { followLive, type LiveRun } from "./live-run.js";

const NOTHING: LiveRun = {
  run: null,
  progress: null,
  curves: new Map(),
  rows: new Map(),
  connected: true,
};

function points(stage: string, from: number, to: number): CurvePoint[] {
  return Array.from({ length: to - from + 1 }, (_, i) => ({
    stage,
    step: from + i,
    metrics: { loss: from },
  }));
}

function row(id: number): LiveRow {
  return { table: "prompts", id, stage: "s", text: `prompt ${id}`, note: null };
}

test("steps that a resumed run tells again take the place of those it told before", () => {
  const first = followLive(NOTHING, {
    type: "curve",
    points: points("train", 1, 5),
  });
  const resumed = followLive(first, {
    type: "curve",
    points: points("train", 4, 6),
  });
  expect(
    resumed.curves
      .get("train")
      ?.map(({ step, metrics }) => [step, metrics["loss"]]),
  ).toEqual([
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 4],
    [5, 4],
    [6, 4],
  ]);
});

test("a long curve stays bounded and keeps its last step", () => {
  let state = NOTHING;
  for (let from = 1; from <= 50_000; from += 500) {
    state = followLive(state, {
      type: "curve",
      points: points("train", from, from + 499),
    });
  }
  const curve = state.curves.get("train") ?? [];
  expect(curve.length).toBeLessThanOrEqual(4_000);
  expect(curve.at(-1)?.step).toBe(50_000);
});

test("of each table the newest rows are kept, each once", () => {
  const first = followLive(NOTHING, {
    type: "rows",
    rows: Array.from({ length: 10 }, (_, i) => row(i + 1)),
  });
  const next = followLive(first, {
    type: "rows",
    rows: Array.from({ length: 10 }, (_, i) => row(i + 6)),
  });
  expect(next.rows.get("prompts")?.map(({ id }) => id)).toEqual([
    15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4,
  ]);
});

test("a ledger made anew makes the page forget what it had of the old one", () => {
  const filled = followLive(
    followLive(NOTHING, { type: "curve", points: points("train", 1, 3) }),
    { type: "rows", rows: [row(1)] },
  );
  expect(followLive(filled, { type: "renewed" })).toEqual(NOTHING);
});
