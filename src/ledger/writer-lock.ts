/**
 * @file One writer per ledger.
 *
 * The lock is the operating system's own lock on a small SQLite file beside the
 * ledger, taken as an exclusive transaction that is never ended. It therefore
 * vanishes with its process, however that dies, cannot be confused by reused
 * process ids, and leaves readers of the ledger alone. The empty file stays
 * behind on purpose: to delete a lock file is a race.
 */
import Libsql from "libsql";
import { pathToFileURL } from "node:url";
import { AutodidactError } from "../foundation/error.js";
import { isInUse, translateFailure } from "./database-failure.js";

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
  const path = `${ledgerPath}.lock`;
  try {
    const connection = new Libsql(pathToFileURL(path).href);
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
    if (!isInUse(cause)) throw translateFailure(path, cause);
    const holder = describeHolder();
    throw new AutodidactError(
      "LEDGER",
      `The run of ${ledgerPath} is being worked on by another process${holder === undefined ? "" : ` (${holder})`}. Wait for it or stop it, then run the same command again; or choose another folder with --run-dir.`,
      { path: ledgerPath, ...(holder === undefined ? {} : { holder }) },
      { cause },
    );
  }
}
