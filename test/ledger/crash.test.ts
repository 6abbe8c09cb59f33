/**
 * @file Kills and damage: whatever ends a process or hits its file, the ledger
 * afterwards is that of an uninterrupted run, or is refused and left alone.
 */
import fc from "fast-check";
import {
  copyFileSync,
  readFileSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openLedger } from "../../src/ledger/ledger.js";
import { runChild } from "./child-process.js";
import { performRun, type RunPlan } from "./scripted-run.js";
import { dump, temporaryFolder, temporaryLedgerPath } from "./support.js";

const PLAN: RunPlan = [
  { chunks: [3, 1], resume: "repeat" },
  { chunks: [2, 2, 2], resume: "skip" },
];

function uninterrupted(plan: RunPlan): Record<string, unknown[]> {
  const path = temporaryLedgerPath();
  performRun(path, plan);
  return dump(path);
}

function runUntil(
  path: string,
  plan: RunPlan,
  crashAt: string,
): number | string {
  return runChild({
    program: "scripted-run.ts",
    arguments: [path, JSON.stringify(plan)],
    crashAt,
  }).end;
}

describe("killed once and started again, a run ends as if nothing had happened:", () => {
  const expected = new Map<string, unknown[]>();
  // The first transaction makes the tables, the second describes the run.
  test.each([
    "ledger-open",
    "ledger-transaction:1",
    "ledger-commit:1",
    "ledger-transaction:2",
    "stage-begin:1",
    "stage-begin:2",
    "ledger-transaction:3",
    "ledger-commit:3",
    "ledger-transaction:4",
    "ledger-commit:5",
    "ledger-transaction:7",
    "stage-complete:1",
    "stage-complete:2",
  ])("%s", (crashAt) => {
    const path = temporaryLedgerPath();
    expect(runUntil(path, PLAN, crashAt)).toBe("SIGKILL");
    performRun(path, PLAN);
    if (expected.size === 0) {
      for (const [table, rows] of Object.entries(uninterrupted(PLAN)))
        expected.set(table, rows);
    }
    expect(dump(path)).toEqual(Object.fromEntries(expected));
    // 4 + 6 rows, and the whole plan done.
    expect(dump(path)["prompts"]).toHaveLength(10);
  });
});

test("any plan, killed any number of times anywhere, ends as the uninterrupted run does", () => {
  const stagePlan = fc.record({
    chunks: fc.array(fc.integer({ min: 1, max: 4 }), {
      minLength: 1,
      maxLength: 4,
    }),
    resume: fc.constantFrom("repeat" as const, "skip" as const),
  });
  const point = fc.constantFrom(
    "ledger-open",
    "stage-begin",
    "ledger-transaction",
    "ledger-commit",
    "stage-complete",
  );
  const kill = fc
    .tuple(point, fc.integer({ min: 1, max: 3 }))
    .map(([name, k]) => `${name}:${k}`);
  let killed = 0;
  fc.assert(
    fc.property(
      fc.array(stagePlan, { minLength: 2, maxLength: 3 }),
      fc.array(kill, { minLength: 1, maxLength: 4 }),
      (plan, kills) => {
        const path = temporaryLedgerPath();
        for (const crashAt of kills) {
          const end = runUntil(path, plan, crashAt);
          // A point that is reached less than k times lets the run end well.
          expect([0, "SIGKILL"]).toContain(end);
          if (end === "SIGKILL") killed++;
        }
        performRun(path, plan);
        expect(dump(path)).toEqual(uninterrupted(plan));
      },
    ),
    { numRuns: 12, seed: 20, endOnFailure: true },
  );
  // The property is about kills; without them it would hold for nothing.
  expect(killed).toBeGreaterThan(12);
});

test("a transaction too large for memory, killed before its commit, leaves nothing behind", () => {
  const path = temporaryLedgerPath();
  // 60 000 rows are several times SQLite's page cache, so much of them is on the disk already.
  const plan: RunPlan = [{ chunks: [60_000], resume: "skip" }];
  expect(runUntil(path, plan, "ledger-transaction:3")).toBe("SIGKILL");
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(1_000_000);
  const ledger = openLedger({ path, mode: "read" });
  expect(ledger.count("prompts")).toBe(0);
  expect(ledger.counts()).toMatchObject([
    { name: "stage-0", status: "open", rows: 0 },
  ]);
  ledger.close();
});

test("a write-ahead log cut anywhere, as by a power cut, loses whole transactions from the end and no more", () => {
  const path = temporaryLedgerPath();
  const ledger = openLedger({ path, mode: "write" });
  const stage = ledger.stage("seeds", "h");
  for (let chunk = 0; chunk < 6; chunk++) {
    stage.insert(
      "seed_tasks",
      [0, 1, 2].map((row) => ({
        key: `${chunk}/${row}`,
        kind: "ift" as const,
        origin: "f",
        instruction: "x".repeat(900),
      })),
    );
  }
  // Copied while open: after closing, the log is empty.
  const folder = temporaryFolder();
  const logSize = statSync(`${path}-wal`).size;
  copyFileSync(path, join(folder, "base"));
  copyFileSync(`${path}-wal`, join(folder, "log"));
  ledger.close();

  const survivors = new Set<number>();
  const openCut = (bytes: number): number => {
    // A folder for each cut: a file must not be replaced under an open database.
    const copy = temporaryLedgerPath();
    copyFileSync(join(folder, "base"), copy);
    copyFileSync(join(folder, "log"), `${copy}-wal`);
    truncateSync(`${copy}-wal`, bytes);
    const reopened = openLedger({ path: copy, mode: "write" });
    const count = reopened.count("seed_tasks");
    expect(reopened.counts()[0]?.rows ?? 0).toBe(count);
    reopened.close();
    return count;
  };
  let previous = 0;
  for (let part = 0; part <= 24; part++) {
    const count = openCut(Math.floor((logSize * part) / 24));
    expect(count % 3).toBe(0);
    expect(count).toBeGreaterThanOrEqual(previous);
    previous = count;
    survivors.add(count);
  }
  expect(previous).toBe(18);
  // The cuts really fell between and inside transactions.
  expect(survivors.size).toBeGreaterThan(3);
});

describe("a damaged ledger is refused with its name and left as it is:", () => {
  const damages: readonly (readonly [string, (bytes: Buffer) => Buffer])[] = [
    [
      "not a database at all",
      () => Buffer.from("this is no database\n".repeat(500)),
    ],
    [
      "a broken header",
      (bytes) => Buffer.concat([Buffer.alloc(100, 0x58), bytes.subarray(100)]),
    ],
    [
      "cut in half",
      (bytes) => bytes.subarray(0, Math.floor(bytes.length / 8192) * 4096),
    ],
    [
      "a page of noise",
      (bytes) =>
        Buffer.concat([
          bytes.subarray(0, 8192),
          Buffer.alloc(8192, 0xa5),
          bytes.subarray(16_384),
        ]),
    ],
  ];
  test.each(damages)("%s", (_what, damage) => {
    const path = temporaryLedgerPath();
    performRun(path, PLAN);
    const damaged = damage(readFileSync(path));
    writeFileSync(path, damaged);
    for (const attempt of [1, 2]) {
      let message = `attempt ${attempt} succeeded`;
      try {
        openLedger({ path, mode: "write" }).close();
      } catch (error) {
        expect(error).toMatchObject({
          name: "AutodidactError",
          code: "LEDGER",
        });
        message = (error as Error).message;
      }
      expect(message).toContain(path);
      expect(message).toContain("backup");
      expect(readFileSync(path).equals(damaged)).toBe(true);
    }
  });
});

test("noise anywhere in the file is either refused as damage or harmless, never a crash", () => {
  const path = temporaryLedgerPath();
  performRun(path, PLAN);
  const sound = readFileSync(path);
  let refused = 0;
  fc.assert(
    fc.property(
      fc.nat({ max: sound.length - 64 }),
      fc.uint8Array({ minLength: 16, maxLength: 64 }),
      (offset, noise) => {
        const bytes = Buffer.from(sound);
        bytes.set(noise, offset);
        writeFileSync(path, bytes);
        try {
          const ledger = openLedger({ path, mode: "read" });
          try {
            for (const row of ledger.read("prompts"))
              ledger.get("prompts", row.id);
            ledger.counts();
            ledger.run();
          } finally {
            ledger.close();
          }
        } catch (error) {
          refused++;
          expect(error).toMatchObject({ name: "AutodidactError" });
          expect(["LEDGER", "STORAGE"]).toContain(
            (error as { code: string }).code,
          );
        }
        expect(readFileSync(path).equals(bytes)).toBe(true);
      },
    ),
    { numRuns: 150, seed: 3 },
  );
  expect(refused).toBeGreaterThan(0);
});
