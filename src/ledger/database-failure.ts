/**
 * @file What a failure of SQLite means to the person who runs the program.
 *
 * SQLite result codes: https://www.sqlite.org/rescode.html. The low byte of an
 * extended code is its class. Failures that only a bug can cause pass unchanged.
 */
import { accessSync, constants } from "node:fs";
import { dirname } from "node:path";
import { AutodidactError, messageOf } from "../foundation/error.js";
import { storageError } from "../foundation/storage.js";

const BUSY = 5;
const LOCKED = 6;
const READ_ONLY = 8;
const IO_ERROR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const CONSTRAINT = 19;
const NOT_A_DATABASE = 26;

/** The error to throw for `cause`, a failure on the database at `path`. */
export function translateFailure(path: string, cause: unknown): unknown {
  if (cause instanceof AutodidactError) return cause;
  switch (resultClass(cause)) {
    case CORRUPT:
    case NOT_A_DATABASE:
      return corruptError(path, cause);
    case BUSY:
    case LOCKED:
      return new AutodidactError(
        "LEDGER",
        `The ledger ${path} is in use by another process (SQLite says: ${messageOf(cause)}). Wait until it has finished, then run the same command again.`,
        { path },
        { cause },
      );
    case FULL:
    case IO_ERROR:
      return new AutodidactError(
        "STORAGE",
        `Cannot write ${path}: the disk is full, over quota or failing (SQLite says: ${messageOf(cause)}). Free some space and run the same command again; what was recorded before is intact.`,
        { path, cause: messageOf(cause) },
        { cause },
      );
    case CONSTRAINT:
      return new AutodidactError(
        "LEDGER",
        `The ledger ${path} refused a row (SQLite says: ${messageOf(cause)}). Nothing of its transaction was written; the stage that made the row must be corrected.`,
        { path, cause: messageOf(cause) },
        { cause },
      );
    case READ_ONLY:
    case CANNOT_OPEN:
      return accessError(path, cause);
    default:
      return cause;
  }
}

/** True when another connection holds a lock that this one needs. */
export function isInUse(cause: unknown): boolean {
  const found = resultClass(cause);
  return found === BUSY || found === LOCKED;
}

/** @param cause what SQLite found wrong, a failure or the text of a check */
export function corruptError(path: string, cause: unknown): AutodidactError {
  return new AutodidactError(
    "LEDGER",
    `The ledger ${path} is damaged or is not a ledger (SQLite says: ${messageOf(cause)}). It was left as it is. Restore it from a backup, or start afresh in another folder with --run-dir.`,
    { path, cause: messageOf(cause) },
    { cause },
  );
}

/** Asks the file system itself, which knows the reason better than SQLite tells it. */
function accessError(path: string, cause: unknown): AutodidactError {
  for (const target of [dirname(path), path]) {
    try {
      accessSync(target, constants.R_OK | constants.W_OK);
    } catch (reason) {
      const missing =
        reason instanceof Error && "code" in reason && reason.code === "ENOENT";
      if (!missing) return storageError(path, reason);
    }
  }
  return new AutodidactError(
    "STORAGE",
    `Cannot open ${path} (SQLite says: ${messageOf(cause)}). Check that it is a file, and that its folder can be written. Nothing that was there before has been changed.`,
    { path, cause: messageOf(cause) },
    { cause },
  );
}

/** The driver gives a numeric code, or, when opening fails, only a text that ends in it. */
function resultClass(cause: unknown): number | undefined {
  if (!(cause instanceof Error)) return undefined;
  if ("rawCode" in cause && typeof cause.rawCode === "number") {
    return cause.rawCode & 0xff;
  }
  const opening = /^ConnectionFailed\(".*: (\d+)"\)$/s.exec(cause.message);
  return opening === null ? undefined : Number(opening[1]) & 0xff;
}
