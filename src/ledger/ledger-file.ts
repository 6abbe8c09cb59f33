/**
 * @file The files of a ledger: the database and what SQLite puts beside it.
 */
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { AutodidactError } from "../foundation/error.js";

/** Its name in a run folder. */
export const LEDGER_FILE = "ledger.db";

/** Bytes; 0 where there is no such file. */
export function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** @throws LEDGER where there is none, or not all of it */
export function requireLedger(path: string): void {
  if (!existsSync(path)) {
    throw new AutodidactError(
      "LEDGER",
      `There is no ledger at ${path}. Give the folder of a run that has been started.`,
      { path },
    );
  }
  requireWholeFile(path);
}

/**
 * A write-ahead log without its database is data that a new database would delete.
 * @throws LEDGER
 */
export function requireWholeFile(path: string): void {
  const log = `${path}-wal`;
  if (sizeOf(path) > 0 || sizeOf(log) === 0) return;
  throw new AutodidactError(
    "LEDGER",
    `${path} is missing or empty, but ${log} still holds recorded rows. Put the database file back beside it, or move the log away to begin anew.`,
    { path, log },
  );
}

/** Takes a closed database away, with what lies beside it. */
export function removeDatabase(path: string): void {
  rmSync(path, { force: true });
  removeLog(path);
}

/**
 * Takes away what lies beside a database whose log is empty. Whoever still has it open
 * keeps these files and reads on in them; a database put in its place gets its own.
 */
export function removeLog(path: string): void {
  for (const end of ["-wal", "-shm"]) rmSync(`${path}${end}`, { force: true });
}

/** Puts a copy of `from` in the place of `to`: there is the old file or the whole new one. */
export function placeCopy(from: string, to: string): void {
  const copy = `${from}.copy`;
  copyFileSync(from, copy);
  const file = openSync(copy, "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(copy, to);
}
