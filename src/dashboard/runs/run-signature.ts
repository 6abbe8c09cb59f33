/**
 * @file Whether a run may have changed since it was looked at last, told without opening
 * anything of it.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { reportPaths } from "../../reporting/report-file.js";
import { RUN_LOG } from "../../pipelines/run/run-log.js";
import { LEDGER_FILE } from "../../ledger/ledger-file.js";
import { isBeingWritten } from "../../ledger/writer-lock.js";

export interface RunSignature {
  /** Another one: the ledger is another file than before. Null: there is none. */
  readonly ledger: string | null;
  /** A living process works on the run. */
  readonly isRunning: boolean;
  /** Equal: nothing was written to ledger, log or report, and nobody came or left. */
  readonly all: string;
}

export function signatureOf(folder: string): RunSignature {
  const path = join(folder, LEDGER_FILE);
  const isRunning = isBeingWritten(path);
  const watched = [
    path,
    `${path}-wal`,
    join(folder, RUN_LOG),
    reportPaths(folder).json,
  ];
  return {
    ledger: fileOf(path),
    isRunning,
    all: [String(isRunning), ...watched.map(contentOf)].join("|"),
  };
}

function fileOf(path: string): string | null {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined
    ? null
    : `${found.dev.toString(36)}-${found.ino.toString(36)}-${found.birthtimeNs.toString(36)}`;
}

function contentOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false, bigint: true });
  return found === undefined
    ? ""
    : `${String(found.ino)}:${String(found.size)}:${String(found.mtimeNs)}`;
}
