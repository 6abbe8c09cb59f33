/**
 * @file Brings a database to the current schema, or says why it cannot be.
 *
 * Invariant: nothing is changed before the file is known to be an empty database
 * or a sound ledger whose recorded migrations are a prefix of the plan.
 */
import { AutodidactError } from "../foundation/error.js";
import { sha256 } from "../foundation/hash.js";
import { corruptError } from "./database-failure.js";
import type { LedgerDatabase } from "./database.js";
import type { Migration } from "./migrations.js";

/** Marks the file as an Autodidact ledger: "ADLG" in ASCII. */
const APPLICATION_ID = 0x41444c47;

/**
 * Migrates an empty or older ledger.
 * @throws LEDGER: damaged, another program's database, newer or foreign history, or one
 *   that a step refuses
 */
export function migrate(
  database: LedgerDatabase,
  plan: readonly Migration[],
): void {
  checkSoundness(database);
  const recorded = readHistory(database, plan);
  database.execute("PRAGMA journal_mode = WAL");
  if (recorded === plan.length) return;
  database.transaction(() => {
    if (recorded === 0) {
      database.execute(`PRAGMA application_id = ${APPLICATION_ID}`);
      database.execute(
        "CREATE TABLE migrations (position INTEGER PRIMARY KEY, name TEXT NOT NULL, sha256 TEXT NOT NULL) STRICT",
      );
    }
    for (const [offset, migration] of plan.slice(recorded).entries()) {
      requireTakes(database, migration);
      database.execute(migration.sql);
      database.run(
        "INSERT INTO migrations (position, name, sha256) VALUES (?, ?, ?)",
        [recorded + offset, migration.name, sha256(migration.sql)],
      );
    }
  });
}

function requireTakes(
  database: LedgerDatabase,
  { name, refuses }: Migration,
): void {
  if (refuses === undefined || database.first(refuses.query) === undefined)
    return;
  throw new AutodidactError(
    "LEDGER",
    `The ledger ${database.path} is of an older version and cannot be brought to this one (schema step "${name}"). ${refuses.why} Nothing was changed.`,
    { path: database.path, step: name },
  );
}

/**
 * Whether a ledger needs no migration. Writes nothing.
 * @throws LEDGER as `migrate`, and when the ledger is empty
 */
export function isCurrent(
  database: LedgerDatabase,
  plan: readonly Migration[],
): boolean {
  const recorded = readHistory(database, plan);
  if (recorded > 0) return recorded === plan.length;
  throw new AutodidactError(
    "LEDGER",
    `The ledger ${database.path} is empty: its run has recorded nothing yet. Start the run first.`,
    { path: database.path },
  );
}

/** How many steps of the plan the database has. Writes nothing. */
function readHistory(
  database: LedgerDatabase,
  plan: readonly Migration[],
): number {
  const tables = database.first("SELECT count(*) AS n FROM sqlite_master")?.[
    "n"
  ];
  const owner = database.first("PRAGMA application_id")?.["application_id"];
  if (tables === 0) return 0;
  if (owner !== APPLICATION_ID) {
    throw new AutodidactError(
      "LEDGER",
      `${database.path} is a database of another program, not a ledger. It was left as it is; choose another folder with --run-dir.`,
      { path: database.path },
    );
  }
  const history = database.all(
    "SELECT name, sha256 FROM migrations ORDER BY position",
  );
  if (history.length > plan.length) {
    throw new AutodidactError(
      "LEDGER",
      `The ledger ${database.path} was written by a newer version of autodidact (schema ${history.length}, this version knows ${plan.length}). Use that version or a newer one; nothing was changed.`,
      { path: database.path, recorded: history.length, expected: plan.length },
    );
  }
  for (const [position, expected] of plan.slice(0, history.length).entries()) {
    const found = history[position];
    if (
      found?.["name"] === expected.name &&
      found["sha256"] === sha256(expected.sql)
    )
      continue;
    const name = String(found?.["name"]);
    throw new AutodidactError(
      "LEDGER",
      `The ledger ${database.path} has another history than this version of autodidact knows: schema step ${position + 1} is "${name}", and "${expected.name}" with its own content was expected. Use the version that made it; nothing was changed.`,
      {
        path: database.path,
        position,
        recorded: name,
        expected: expected.name,
      },
    );
  }
  return history.length;
}

/** Reads every page once, so that damage is found before anything is added to it. */
function checkSoundness(database: LedgerDatabase): void {
  const problem = database.first("PRAGMA quick_check(1)")?.["quick_check"];
  if (problem !== "ok") throw corruptError(database.path, String(problem));
}
