/**
 * @file The ledger against the rest of the machine: other processes, folders that
 * cannot be written, full disks, and more rows than fit in memory.
 */
import {
  chmodSync,
  copyFileSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { LedgerDatabase } from "../../src/ledger/database.js";
import { openLedger } from "../../src/ledger/ledger.js";
import { runChild, startChild } from "./child-process.js";
import { writePair } from "./reviewed-ledger.js";
import {
  ENVIRONMENT,
  failureOf,
  temporaryFolder,
  temporaryLedgerPath,
} from "./support.js";

type Outcome =
  | { readonly stages: number; readonly seedTasks: number }
  | { readonly code: string; readonly message: string };

function openInChild(...parameters: readonly string[]): Outcome {
  const child = runChild({ program: "opener.ts", arguments: parameters });
  expect(child.errors).toBe("");
  return JSON.parse(child.output) as Outcome;
}

function recordedLedger(): string {
  const path = temporaryLedgerPath();
  const ledger = openLedger({ path, mode: "write" });
  ledger
    .stage("seeds", "h")
    .insert("seed_tasks", [
      { key: "a", kind: "ift", origin: "f", instruction: "Do a." },
    ]);
  ledger.close();
  return path;
}

test("a second writer is refused by name of the first; readers are welcome; SIGKILL frees the ledger", async () => {
  const path = temporaryLedgerPath();
  const holder = await startChild({ program: "holder.ts", arguments: [path] });

  const refused = failureOf(() => openLedger({ path, mode: "write" }));
  expect(refused.code).toBe("LEDGER");
  expect(refused.message).toContain(`process ${holder.pid} `);
  expect(refused.message).toContain(path);

  const reader = openLedger({ path, mode: "read" });
  expect(reader.counts()).toMatchObject([
    { name: "seeds", status: "complete", rows: 1 },
  ]);
  reader.close();

  await holder.kill();
  const writer = openLedger({ path, mode: "write" });
  expect(writer.stage("seeds", "h").done).toBe(true);
  expect(writer.count("seed_tasks")).toBe(1);
  writer.close();
});

test("a second writer in the same process is refused as well, until the first closes", () => {
  const path = temporaryLedgerPath();
  const first = openLedger({ path, mode: "write" });
  expect(failureOf(() => openLedger({ path, mode: "write" })).code).toBe(
    "LEDGER",
  );
  first.close();
  openLedger({ path, mode: "write" }).close();
});

test("a reader in another process sees what is committed and not what is under way", () => {
  const path = temporaryLedgerPath();
  const ledger = openLedger({ path, mode: "write" });
  const stage = ledger.stage("seeds", "h");
  const row = { kind: "ift", origin: "f", instruction: "Do." } as const;
  stage.insert("seed_tasks", [{ ...row, key: "a" }]);
  ledger.transaction(() => {
    stage.insert("seed_tasks", [{ ...row, key: "b" }]);
    expect(openInChild("read", path)).toEqual({ stages: 1, seedTasks: 1 });
  });
  expect(openInChild("read", path)).toEqual({ stages: 1, seedTasks: 2 });
  ledger.close();
});

test("a closed ledger is one whole file: copied alone it holds everything", () => {
  const path = recordedLedger();
  const copy = join(temporaryFolder(), "copy.db");
  copyFileSync(path, copy);
  const reader = openLedger({ path: copy, mode: "read" });
  expect(reader.count("seed_tasks")).toBe(1);
  reader.close();
});

// Windows has no modes that would make a folder read-only.
test.skipIf(process.platform === "win32")(
  "in a read-only folder a ledger can be read, and writing is a storage error that harms nothing",
  () => {
    const path = recordedLedger();
    const folder = dirname(path);
    const before = readFileSync(path);
    for (const name of readdirSync(folder))
      chmodSync(join(folder, name), 0o444);
    chmodSync(folder, 0o555);
    try {
      const whole = { stages: 1, seedTasks: 1 };
      expect(openInChild("read", path, "unprivileged")).toEqual(whole);
      // Copied alone, without the empty log and its index.
      chmodSync(folder, 0o755);
      rmSync(`${path}-wal`);
      rmSync(`${path}-shm`);
      chmodSync(folder, 0o555);
      expect(openInChild("read", path, "unprivileged")).toEqual(whole);
      const unmade = join(folder, "new");
      for (const [target, named] of [
        [path, path],
        [join(unmade, "ledger.db"), unmade],
        [join(folder, "other.db"), join(folder, "other.db")],
      ] as const) {
        const outcome = openInChild("write", target, "unprivileged");
        expect(outcome).toMatchObject({ code: "STORAGE" });
        expect((outcome as { message: string }).message).toContain(
          `Cannot write ${named}`,
        );
        expect((outcome as { message: string }).message).toMatch(
          /EACCES|ermission/,
        );
      }
    } finally {
      chmodSync(folder, 0o755);
    }
    expect(readFileSync(path).equals(before)).toBe(true);
  },
);

test.skipIf(process.platform === "win32")(
  "rows not yet merged are never left out by a reader in a read-only folder: where it cannot see them, it says so",
  async () => {
    const path = temporaryLedgerPath();
    const holder = await startChild({
      program: "holder.ts",
      arguments: [path],
    });
    await holder.kill();
    const folder = dirname(path);
    const readLocked = (): Outcome => {
      for (const name of readdirSync(folder)) {
        chmodSync(join(folder, name), 0o444);
      }
      chmodSync(folder, 0o555);
      try {
        return openInChild("read", path, "unprivileged");
      } finally {
        chmodSync(folder, 0o755);
      }
    };
    // The killed writer left the log's index, so the log can be read.
    expect(readLocked()).toEqual({ stages: 1, seedTasks: 1 });
    rmSync(`${path}-shm`);
    const outcome = readLocked();
    expect(outcome).toMatchObject({ code: "STORAGE" });
    expect((outcome as { message: string }).message).toContain(`${path}-wal`);
  },
);

test.skipIf(process.platform === "win32")(
  "a full disk is a storage error; what was recorded before is intact and the run goes on with room",
  () => {
    const path = temporaryLedgerPath();
    // 4000 blocks of 512 bytes stand for a disk with 2 MB left.
    const full = runChild({
      program: "filler.ts",
      arguments: [path],
      shellPrefix: "ulimit -f 4000",
    });
    expect(full.errors).toBe("");
    const outcome = JSON.parse(full.output) as {
      code: string;
      message: string;
      chunks: number;
    };
    expect(outcome.code).toBe("STORAGE");
    expect(outcome.message).toContain(path);
    expect(outcome.chunks).toBeGreaterThan(0);

    const ledger = openLedger({ path, mode: "write" });
    const stage = ledger.stage("seeds", "h");
    // 100 rows a chunk; the chunk that met the end of the disk left none.
    expect(stage.count("seed_tasks")).toBe(outcome.chunks * 100);
    expect(ledger.counts()[0]?.rows).toBe(outcome.chunks * 100);
    stage.insert("seed_tasks", [
      { key: "more", kind: "ift", origin: "f", instruction: "Do." },
    ]);
    ledger.close();
  },
);

test("200 000 rows are written and read in a fixed amount of memory", () => {
  const path = temporaryLedgerPath();
  // A heap of 64 MB; the rows' text alone is 200 000 × 600 bytes = 120 MB.
  const child = runChild({
    program: "bulk.ts",
    arguments: [path],
    nodeOptions: ["--max-old-space-size=64"],
  });
  expect(child.errors).toBe("");
  const { rows, characters, residentBytes } = JSON.parse(child.output) as {
    rows: number;
    characters: number;
    residentBytes: number;
  };
  expect(rows).toBe(200_000);
  expect(characters).toBe(200_000 * 600);
  expect(residentBytes).toBeLessThan(200 * 1024 * 1024);
});

test("two reviewers in two processes lose no verdict, while a run holds the ledger and goes on writing", async () => {
  const path = temporaryLedgerPath();
  const ledger = openLedger({ path, mode: "write" });
  writePair(ledger);
  const reviewers = await Promise.all(
    ["Ann", "Bob"].map((name) =>
      startChild({ program: "reviewer.ts", arguments: [path, name, "20"] }),
    ),
  );
  let reviewing = true;
  const done = Promise.all(reviewers.map(({ ended }) => ended)).then(() => {
    reviewing = false;
  });
  let notes = 0;
  while (reviewing) {
    ledger.note("progress", ++notes);
    await setTimeout(5);
  }
  await done;
  const verdicts = ledger.verdicts();
  for (const name of ["Ann", "Bob"])
    expect(
      verdicts
        .filter(({ reviewer }) => reviewer === name)
        .map(({ verdict }) => verdict),
    ).toEqual(Array.from({ length: 20 }, (_, i) => ({ number: i + 1 })));
  expect(ledger.noted("progress")).toBe(notes);
  ledger.close();
});

test.each([
  { crashAt: "ledger-transaction:3", kept: 2 },
  { crashAt: "ledger-commit:3", kept: 3 },
])(
  "a kill at $crashAt of the third verdict leaves the first $kept",
  ({ crashAt, kept }) => {
    const path = temporaryLedgerPath();
    const ledger = openLedger({ path, mode: "write" });
    writePair(ledger);
    ledger.close();
    const killed = runChild({
      program: "reviewer.ts",
      arguments: [path, "Ann", "5"],
      crashAt,
    });
    expect(killed.end).toBe("SIGKILL");
    expect(killed.output).toBe("1\n2\n");
    const reader = openLedger({ path, mode: "read" });
    expect(reader.verdicts()).toHaveLength(kept);
    reader.close();
    const again = runChild({
      program: "reviewer.ts",
      arguments: [path, "Ann", "1"],
    });
    expect([again.end, again.output]).toEqual([0, "1\n"]);
  },
);

test("a ledger made anew while somebody watches the old one is whole, and its verdicts too", async () => {
  const path = temporaryLedgerPath();
  const ledger = openLedger({ path, mode: "write" });
  ledger.recordRun({ recipe: {}, seed: 1, environment: ENVIRONMENT });
  writePair(ledger);
  for (let note = 0; note < 50; note++) ledger.note("old", "x".repeat(5000));
  const watcher = await startChild({
    program: "watcher.ts",
    arguments: [path],
  });
  const fresh = ledger.renew({});
  writePair(fresh);
  for (let note = 0; note < 200; note++) fresh.note("new", "y".repeat(5000));
  const reviewer = runChild({
    program: "reviewer.ts",
    arguments: [path, "Ann", "3"],
  });
  expect(reviewer.errors).toBe("");
  fresh.close();
  await watcher.kill();
  const database = new LedgerDatabase(path, "read-write");
  expect(database.first("PRAGMA integrity_check")).toMatchObject({
    integrity_check: "ok",
  });
  expect(
    database.first("SELECT count(*) AS n FROM events WHERE type = 'new'"),
  ).toMatchObject({ n: 200 });
  expect(database.first("SELECT count(*) AS n FROM verdicts")).toMatchObject({
    n: 3,
  });
  database.close();
});
