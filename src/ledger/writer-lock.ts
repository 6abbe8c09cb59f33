/**
 * @file One writer per ledger, and per folder that a result is made for.
 *
 * The lock is the operating system's own lock on a small SQLite file beside what is
 * written, taken as an exclusive transaction that is never ended. It therefore
 * vanishes with its process, however that dies, cannot be confused by reused
 * process ids, and leaves readers of the ledger alone. The empty file stays
 * behind on purpose: to delete a lock file is a race.
 */
import Libsql from "libsql";
import { existsSync, mkdirSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { defined } from "../foundation/defined.js";
import { AutodidactError } from "../foundation/error.js";
import { storageError } from "../foundation/storage.js";
import { isInUse, translateFailure } from "./database-failure.js";

/** Ms that a writer waits for those who only look whether there is one. */
const LOOK_MS = 250;

/** Most ms that a verdict waits for a renewal, and the other way round. */
const PLACE_TIMEOUT = 5000;

export interface WriterLock {
  /** Releasing again does nothing. */
  release(): void;
}

/**
 * @param ledgerPath the ledger that is going to be written
 * @param describeHolder tells who holds the lock, for the message, where known
 * @throws LEDGER when another process, or this one, already writes this ledger
 */
export function acquireWriterLock(
  ledgerPath: string,
  describeHolder: () => string | undefined,
): WriterLock {
  return acquireLock(`${ledgerPath}.lock`, (cause) => {
    const holder = describeHolder();
    return new AutodidactError(
      "LEDGER",
      `The run of ${ledgerPath} is being worked on by another process${holder === undefined ? "" : ` (${holder})`}. Wait for it or stop it, then run the same command again; or choose another folder with --run-dir.`,
      { path: ledgerPath, ...defined({ holder }) },
      { cause },
    );
  });
}

/**
 * Whether a living process writes the ledger. To look takes no lock that a writer would
 * not wait for.
 */
export function isBeingWritten(ledgerPath: string): boolean {
  const path = `${ledgerPath}.lock`;
  if (!existsSync(path)) return false;
  let connection: Libsql.Database | undefined;
  try {
    connection = new Libsql(`${pathToFileURL(path).href}?mode=ro`);
    connection.prepare("SELECT count(*) FROM sqlite_master").get();
    return false;
  } catch (cause) {
    return isInUse(cause);
  } finally {
    connection?.close();
  }
}

/**
 * Works on the result at `path` while no other process does. The lock's file goes with
 * the lock.
 * @throws STORAGE when another process works on it
 */
export async function withOutputLock<T>(
  path: string,
  work: () => Promise<T>,
): Promise<T> {
  const target = resolve(path);
  const file = join(dirname(target), `.${basename(target)}.lock`);
  try {
    mkdirSync(dirname(target), { recursive: true });
  } catch (cause) {
    throw storageError(path, cause);
  }
  const take = (): WriterLock =>
    acquireLock(
      file,
      (cause) =>
        new AutodidactError(
          "STORAGE",
          `${path} is being made by another process. Wait for it or stop it, then run the same command again; or choose another place.`,
          { path },
          { cause },
        ),
    );
  let lock = take();
  // The holder before may have taken its file away between opening and locking.
  while (!existsSync(file)) {
    lock.release();
    lock = take();
  }
  try {
    return await work();
  } finally {
    // Where an open file cannot be removed, it is removed right after.
    removeFile(file);
    lock.release();
    if (process.platform === "win32") removeFile(file);
  }
}

function removeFile(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // An empty file that stays behind does no harm.
  }
}

/**
 * Works while no ledger is put in the place of the one at `ledgerPath`, or puts one there
 * while nobody else does either. Waits for whoever is at it.
 * @throws LEDGER when that takes longer than some seconds
 */
export function whileInPlace<T>(ledgerPath: string, work: () => T): T {
  const lock = acquireLock(
    `${ledgerPath}.place.lock`,
    (cause) =>
      new AutodidactError(
        "LEDGER",
        `The ledger ${ledgerPath} is being made anew, or verdicts are being recorded in it. Try again in a moment; nothing was changed.`,
        { path: ledgerPath },
        { cause },
      ),
    PLACE_TIMEOUT,
  );
  try {
    return work();
  } finally {
    lock.release();
  }
}

/**
 * @param wait ms to wait for whoever holds it
 * @throws what `inUse` makes of a lock that is held
 */
export function acquireLock(
  path: string,
  inUse: (cause: unknown) => AutodidactError,
  wait = LOOK_MS,
): WriterLock {
  try {
    const connection = new Libsql(pathToFileURL(path).href);
    connection.exec(`PRAGMA busy_timeout = ${wait}`);
    // Without this a journal file would lie beside the lock for ever.
    connection.exec("PRAGMA journal_mode = MEMORY");
    connection.exec("BEGIN EXCLUSIVE");
    return {
      release: () => {
        if (!connection.open) return;
        connection.exec("ROLLBACK");
        connection.close();
      },
    };
  } catch (cause) {
    throw isInUse(cause) ? inUse(cause) : translateFailure(path, cause);
  }
}
