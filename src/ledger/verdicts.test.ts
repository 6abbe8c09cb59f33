import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { writePair } from "../../test/ledger/reviewed-ledger.js";
import {
  ENVIRONMENT,
  failureOf,
  temporaryLedgerPath,
} from "../../test/ledger/support.js";
import { manualClock } from "../foundation/clock.js";
import { LedgerDatabase } from "./database.js";
import { openLedger, type Ledger } from "./ledger.js";
import { MIGRATIONS } from "./migrations.js";
import { migrate } from "./schema.js";
import { recordVerdict } from "./verdict-writer.js";
import type { GivenVerdict } from "./verdicts.js";
import { acquireWriterLock } from "./writer-lock.js";

const CLOCK = manualClock(0);

function given(more: Partial<GivenVerdict> = {}): GivenVerdict {
  return {
    reviewer: "Ann",
    subject: "pairs",
    rowId: 1,
    content: "hash",
    verdict: { better: "chosen" },
    ...more,
  };
}

function record(path: string, more: Partial<GivenVerdict> = {}): void {
  recordVerdict(path, () => given(more), CLOCK);
}

/** A run that is going on in this process, with a pair. */
function runGoingOn(): Ledger {
  const ledger = openLedger({ path: temporaryLedgerPath(), mode: "write" });
  ledger.recordRun({
    recipe: { accept: 1 },
    seed: 7,
    environment: ENVIRONMENT,
  });
  writePair(ledger);
  return ledger;
}

test("a verdict is recorded beside the run's own writer and read back as given", () => {
  const ledger = runGoingOn();
  record(ledger.path, { reviewer: "a\0b 👩 \ud800" });
  record(ledger.path, { subject: "candidates", rowId: 2 });
  ledger.note("still", "writing");
  expect(ledger.verdicts()).toEqual([
    {
      ...{ id: 1, at: "1970-01-01T00:00:00.000Z", rowId: 1, subject: "pairs" },
      ...{ reviewer: "a\0b 👩 \ud800", stage: "round-1/pairs", key: "p" },
      ...{ content: "hash", verdict: { better: "chosen" } },
    },
    {
      ...{ id: 2, at: "1970-01-01T00:00:00.000Z", rowId: 2 },
      ...{ subject: "candidates", reviewer: "Ann", stage: "round-1/pairs" },
      ...{ key: "1", content: "hash", verdict: { better: "chosen" } },
    },
  ]);
  ledger.close();
});

test("a verdict on a row that is not there, or that is thrown out of, leaves nothing", () => {
  const ledger = runGoingOn();
  const { path } = ledger;
  expect(
    failureOf(() => {
      record(path, { rowId: 99 });
    }).message,
  ).toContain("no row 99 in pairs");
  expect(() => {
    recordVerdict(path, () => {
      throw new Error("changed my mind");
    });
  }).toThrow("changed my mind");
  expect(ledger.verdicts()).toEqual([]);
  record(path);
  expect(ledger.verdicts()).toHaveLength(1);
  ledger.close();
});

test("a verdict makes no ledger where there is none", () => {
  const path = temporaryLedgerPath();
  expect(
    failureOf(() => {
      record(path);
    }).message,
  ).toContain("There is no ledger");
  expect(existsSync(path)).toBe(false);
});

test("verdicts are never changed", () => {
  const ledger = runGoingOn();
  record(ledger.path);
  ledger.close();
  const database = new LedgerDatabase(ledger.path, "read-write");
  for (const change of [
    "DELETE FROM verdicts",
    "UPDATE verdicts SET reviewer = 'Bob'",
  ])
    expect(() => {
      database.execute(change);
    }).toThrow("only grows");
  database.close();
});

test("a ledger made anew keeps the verdicts, and each finds its row once that is there again, whatever its id", () => {
  const ledger = runGoingOn();
  record(ledger.path, { subject: "candidates", rowId: 1 });
  const fresh = ledger.renew({ accept: 2 });
  expect(fresh.verdicts()).toMatchObject([{ key: "0", rowId: null }]);
  // Another candidate comes first now, in a stage of its own.
  const earlier = fresh.stage("earlier", "h");
  earlier.insert("prompts", [{ key: "e", text: "Well?", origin: "seed" }]);
  earlier.insert("candidates", [
    {
      ...{ key: "0", promptId: 1, sampleIndex: 0, text: "Yes", tokens: 1 },
      ...{ finishReason: "stop", mergedCount: 1 },
    },
  ]);
  earlier.complete({ requested: 0, accepted: 0, rejected: 0, failed: 0 });
  writePair(fresh);
  expect(fresh.verdicts()).toMatchObject([
    { id: 1, reviewer: "Ann", stage: "round-1/pairs", key: "0", rowId: 2 },
  ]);
  fresh.close();
});

/** A ledger as it was before there were verdicts, with a pair. */
function olderLedger(): string {
  const path = temporaryLedgerPath();
  const database = new LedgerDatabase(path, "read-write");
  const step = MIGRATIONS.findIndex(({ name }) => name === "verdicts");
  migrate(database, MIGRATIONS.slice(0, step));
  database.execute(`
    INSERT INTO stages (name, input_hash, begun) VALUES ('round-1/pairs', 'h', '2026-01-01');
    INSERT INTO prompts (id, stage_id, key, text, origin) VALUES (1, 1, 'p', 'Hi', 'seed');
    INSERT INTO candidates VALUES (1, 1, 'a', 1, NULL, 0, 'Hello', 2, 'stop', 1, NULL);
    INSERT INTO candidates VALUES (2, 1, 'b', 1, NULL, 1, 'No', 2, 'stop', 1, NULL);
    INSERT INTO pairs VALUES (1, 1, 'p', 1, 1, 2, 4, 1, 3, NULL);`);
  database.close();
  return path;
}

test("a ledger of an older version that nobody holds is brought up to date by its first verdict", () => {
  const path = olderLedger();
  const reader = openLedger({ path, mode: "read" });
  expect(reader.verdicts()).toEqual([]);
  reader.close();
  record(path);
  const ledger = openLedger({ path, mode: "write" });
  expect(ledger.verdicts()).toMatchObject([{ key: "p", rowId: 1 }]);
  ledger.close();
});

test("a ledger of an older version is left as it is while a process works on its run", () => {
  const path = olderLedger();
  const lock = acquireWriterLock(path, () => undefined);
  expect(
    failureOf(() => {
      record(path);
    }).message,
  ).toContain("is of an older version, and the process that works on its run");
  const database = new LedgerDatabase(path, "read");
  expect(
    database.first("SELECT 1 FROM sqlite_master WHERE name = 'verdicts'"),
  ).toBeUndefined();
  database.abandon();
  lock.release();
  record(path);
});
