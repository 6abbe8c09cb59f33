import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ENVIRONMENT } from "../../../test/ledger/support.js";
import { LedgerDatabase } from "../../ledger/database.js";
import { openLedger, type Ledger } from "../../ledger/ledger.js";
import { recordPlan, stagesAhead } from "./plan.js";
import { countsOfKept, runStage } from "./run-stage.js";

let folder: string;
let ledger: Ledger;
const open = (): Ledger =>
  openLedger({ path: join(folder, "ledger.db"), mode: "write" });
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "autodidact-plan-"));
  ledger = open();
  ledger.recordRun({ recipe: {}, seed: 1, environment: ENVIRONMENT });
});
afterEach(() => {
  ledger.close();
  rmSync(folder, { recursive: true, force: true });
});

const notesIn = (path: string): unknown[] => {
  const database = new LedgerDatabase(path, "read");
  const rows = database.all("SELECT type FROM events");
  database.abandon();
  return rows.map(({ type }) => type);
};

const run = (name: string): Promise<unknown> =>
  runStage(
    {
      ledger,
      emit: () => undefined,
      signal: new AbortController().signal,
      now: () => 0,
    },
    {
      name,
      title: name,
      inputs: null,
      work: () => ({ counts: countsOfKept(1), output: null }),
    },
  );

test("what comes next is what the plan has after the stage begun last", async () => {
  expect(stagesAhead(ledger)).toBeNull();
  recordPlan(ledger, ["a", "b", "c"]);
  expect(stagesAhead(ledger)).toEqual(["a", "b", "c"]);
  await run("a");
  expect(stagesAhead(ledger)).toEqual(["b", "c"]);
  // One may be left out; one under way is still to come.
  ledger.stage("c", "h");
  expect(stagesAhead(ledger)).toEqual(["c"]);
});

test("a stage that is not planned, or not there, does not run and leaves no trace", async () => {
  recordPlan(ledger, ["a", "b", "c"]);
  await run("a");
  await run("c");
  await expect(run("other")).rejects.toThrow(/the stage "other"/);
  await expect(run("b")).rejects.toThrow(/still planned is nothing/);
  expect(ledger.counts().map(({ name }) => name)).toEqual(["a", "c"]);
});

test("a run that goes on walks the same stages, with its plan recorded once", async () => {
  recordPlan(ledger, ["a", "b"]);
  await run("a");
  ledger.close();
  ledger = open();
  recordPlan(ledger, ["a", "b"]);
  expect(notesIn(ledger.path)).toEqual(["plan"]);
  await run("a");
  await run("b");
  expect(stagesAhead(ledger)).toEqual([]);
  // Another version may plan more; the last plan counts.
  recordPlan(ledger, ["a", "b", "c"]);
  expect(stagesAhead(ledger)).toEqual(["c"]);
});
