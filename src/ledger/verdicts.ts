/**
 * @file What people said of rows: the ledger's `verdicts`.
 *
 * They are only added and change no row. A verdict names its row by stage and key, for in
 * a ledger that is made anew the row has another id, and keeps a hash of what its
 * reviewer saw, for the row may come out otherwise. What it says is its reader's matter.
 */
import { type Clock, timestamp } from "../foundation/clock.js";
import { AutodidactError } from "../foundation/error.js";
import { json, oneOf, textCodec } from "./codecs.js";
import type { LedgerDatabase, SqlRow } from "./database.js";

/** Tables whose rows are reviewed. */
export type ReviewedTable = "pairs" | "candidates";

const reviewedTable = oneOf("pairs", "candidates");

export interface GivenVerdict {
  readonly reviewer: string;
  readonly subject: ReviewedTable;
  /** Row of the subject's table. */
  readonly rowId: number;
  /** Hash of what the reviewer saw. */
  readonly content: string;
  /** JSON. */
  readonly verdict: unknown;
}

export interface RecordedVerdict extends Omit<GivenVerdict, "rowId"> {
  readonly id: number;
  /** ISO time. */
  readonly at: string;
  readonly stage: string;
  readonly key: string;
  /** Null where the ledger was made anew and has no such row (yet). */
  readonly rowId: number | null;
}

/** @throws LEDGER when there is no such row; NUMERIC, LEDGER for a verdict that is no JSON */
export function insertVerdict(
  database: LedgerDatabase,
  clock: Clock,
  { reviewer, subject, rowId, content, verdict }: GivenVerdict,
): void {
  const table = String(reviewedTable.encode(subject, "verdicts.subject"));
  const { changes } = database.run(
    `INSERT INTO verdicts (at, reviewer, subject, stage, key, content, verdict)
     SELECT ?, ?, ?, stages.name, row.key, ?, ?
     FROM ${table} AS row JOIN stages ON stages.id = row.stage_id
     WHERE row.id = ?`,
    [
      timestamp(clock),
      textCodec.encode(reviewer, "verdicts.reviewer"),
      table,
      content,
      json.encode(verdict, "verdicts.verdict"),
      rowId,
    ],
  );
  if (changes === 1) return;
  throw new AutodidactError(
    "LEDGER",
    `The ledger ${database.path} has no row ${rowId} in ${table}. Give the id of a row that exists.`,
    { path: database.path, table, id: rowId },
  );
}

/** All of them, in the order given. */
export function readVerdicts(database: LedgerDatabase): RecordedVerdict[] {
  return database
    .all(
      `SELECT verdicts.*, coalesce(pairs.id, candidates.id) AS row_id
       FROM verdicts
       LEFT JOIN stages ON stages.name = verdicts.stage
       LEFT JOIN pairs ON verdicts.subject = 'pairs'
         AND pairs.stage_id = stages.id AND pairs.key = verdicts.key
       LEFT JOIN candidates ON verdicts.subject = 'candidates'
         AND candidates.stage_id = stages.id AND candidates.key = verdicts.key
       ORDER BY verdicts.id`,
    )
    .map(decodeVerdict);
}

/** Adds every verdict of `from` as it stands. */
export function takeOverVerdicts(
  database: LedgerDatabase,
  from: LedgerDatabase,
): void {
  const columns = [
    ...["at", "reviewer", "subject", "stage", "key"],
    ...["content", "verdict"],
  ];
  for (const row of from.all("SELECT * FROM verdicts ORDER BY id"))
    database.run(
      `INSERT INTO verdicts (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
      columns.map((column) => row[column] ?? null),
    );
}

function decodeVerdict(stored: SqlRow): RecordedVerdict {
  const text = (column: string): string =>
    textCodec.decode(stored[column] ?? null, `verdicts.${column}`);
  const rowId = stored["row_id"] ?? null;
  return {
    id: Number(stored["id"]),
    at: text("at"),
    reviewer: text("reviewer"),
    subject: reviewedTable.decode(
      stored["subject"] ?? null,
      "verdicts.subject",
    ),
    stage: text("stage"),
    key: text("key"),
    rowId: rowId === null ? null : Number(rowId),
    content: text("content"),
    verdict: json.decode(stored["verdict"] ?? null, "verdicts.verdict"),
  };
}
