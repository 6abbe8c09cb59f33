/**
 * @file How a verdict gets into a ledger that another process may be writing.
 *
 * Each is one short transaction of a connection of its own: when it returns the verdict
 * is on the disk, and when the process is killed before, nothing of it is there. No
 * connection is kept, for one to a ledger that was replaced would write into the log of
 * its successor.
 */
import { type Clock, systemClock } from "../foundation/clock.js";
import { AutodidactError } from "../foundation/error.js";
import { LedgerDatabase } from "./database.js";
import { requireLedger } from "./ledger-file.js";
import { LedgerReader } from "./ledger.js";
import { MIGRATIONS } from "./migrations.js";
import { isCurrent, migrate } from "./schema.js";
import { insertVerdict, type GivenVerdict } from "./verdicts.js";
import { acquireLock, whileInPlace } from "./writer-lock.js";

/** Most ms that one who brings an older ledger up to date waits for another who does. */
const UPGRADE_TIMEOUT = 1000;

/**
 * Records what `judge` says of the ledger as it is at that moment.
 * @throws LEDGER: no ledger, one of an older version that a process works on, or one that
 *   is in use for longer than some seconds; STORAGE; what `judge` throws, nothing recorded
 */
export function recordVerdict(
  path: string,
  judge: (ledger: LedgerReader) => GivenVerdict,
  clock: Clock = systemClock,
): void {
  whileInPlace(path, () => {
    requireLedger(path);
    const database = new LedgerDatabase(path, "read-write");
    try {
      if (!isCurrent(database, MIGRATIONS)) bringUpToDate(database);
      database.transaction(() => {
        insertVerdict(database, clock, judge(new LedgerReader(database)));
      });
    } finally {
      // To merge the log is the run's matter, and would wait for it.
      database.abandon();
    }
  });
}

/** @throws LEDGER where a process of an older version works on the run */
function bringUpToDate(database: LedgerDatabase): void {
  const { path } = database;
  const lock = acquireLock(
    `${path}.lock`,
    (cause) =>
      new AutodidactError(
        "LEDGER",
        `The ledger ${path} is of an older version, and the process that works on its run may not find it changed. Review when that process has ended, or stop it and continue the run with this version; nothing was recorded.`,
        { path },
        { cause },
      ),
    UPGRADE_TIMEOUT,
  );
  try {
    migrate(database, MIGRATIONS);
  } finally {
    lock.release();
  }
}
