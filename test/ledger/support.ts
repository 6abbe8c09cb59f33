/**
 * @file What the ledger's tests share: folders that vanish, an environment, and a
 * dump of everything that a repeated run must reproduce.
 */
import Libsql from "libsql";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { AutodidactError } from "../../src/foundation/error.js";
import type { RunEnvironment } from "../../src/ledger/run-record.js";

export const ENVIRONMENT: RunEnvironment = {
  packageVersion: "0.1.0",
  nodeVersion: "20.19.0",
  onnxruntimeVersion: "1.30.0",
  machine: "two cores",
  gitCommit: "abc1234-dirty",
};

/** A path for a ledger in a folder of its own that is removed when the test ends. */
export function temporaryLedgerPath(): string {
  return join(temporaryFolder(), "ledger.db");
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "autodidact-ledger-"));
  onTestFinished(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  return folder;
}

/** The error that `action` throws; fails when it throws none, or one of another kind. */
export function failureOf(action: () => unknown): AutodidactError {
  try {
    action();
  } catch (error) {
    if (error instanceof AutodidactError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown; an AutodidactError was expected.");
}

/** Columns that tell when and where, not what. */
const TIMES = new Set(["begun", "completed", "created", "finished", "at"]);

/** Every row of every table but `processes`, times left out, read past the ledger's own code. */
export function dump(path: string): Record<string, unknown[]> {
  const database = new Libsql(path);
  const tables = database
    .prepare(
      "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'processes' ORDER BY name",
    )
    .all() as { name: string }[];
  const content = Object.fromEntries(
    tables.map(({ name }) => [
      name,
      (
        database.prepare(`SELECT * FROM ${name} ORDER BY 1`).all() as object[]
      ).map((row) =>
        Object.fromEntries(
          Object.entries(row).filter(([column]) => !TIMES.has(column)),
        ),
      ),
    ]),
  );
  database.close();
  return content;
}
