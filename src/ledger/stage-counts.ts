/**
 * @file The books of a stage: requested = accepted + rejected + failed + pending.
 */
import { AutodidactError } from "../foundation/error.js";
import type { LedgerDatabase } from "./database.js";

/** Whole numbers ≥ 0, in whatever unit the stage works in (prompts, candidates, pairs, steps). */
export interface Counts {
  readonly requested: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly failed: number;
}

export interface StageCounts extends Counts {
  readonly name: string;
  readonly status: "open" | "complete";
  /** requested − accepted − rejected − failed; 0 in a complete stage. */
  readonly pending: number;
  /** Record rows written in this stage, all tables together. */
  readonly rows: number;
  /** ISO times. */
  readonly begun: string;
  readonly completed: string | null;
  /** Seconds that processes worked on it, the time between processes not counted. */
  readonly seconds: number;
}

/** The stage that wrote a row, of all in order: stages have the ids 1, 2, 3 … */
export function stageOf<T>(
  stages: readonly T[],
  { stageId }: { readonly stageId: number },
): T | undefined {
  return stages[stageId - 1];
}

/**
 * Counts of every recorded stage, in order.
 * @param before seconds that were worked on a stage besides those in its row
 */
export function stageCounts(
  database: LedgerDatabase,
  before: Readonly<Record<string, number>>,
): StageCounts[] {
  return database.all("SELECT * FROM stages ORDER BY id").map((stored) => {
    const counts = {
      requested: Number(stored["requested"]),
      accepted: Number(stored["accepted"]),
      rejected: Number(stored["rejected"]),
      failed: Number(stored["failed"]),
    };
    const completed = stored["completed"];
    const name = String(stored["name"]);
    return {
      ...counts,
      name,
      status: completed === null ? "open" : "complete",
      pending:
        counts.requested - counts.accepted - counts.rejected - counts.failed,
      rows: Number(stored["rows"]),
      begun: String(stored["begun"]),
      completed: typeof completed === "string" ? completed : null,
      seconds: Number(stored["seconds"]) + (before[name] ?? 0),
    };
  });
}

/** The stage that is counted, for messages. */
export interface CountedStage {
  readonly path: string;
  readonly stage: string;
}

/**
 * requested − accepted − rejected − failed.
 * @throws IMBALANCE when a count is not a whole number ≥ 0
 */
export function pendingOf(
  { requested, accepted, rejected, failed }: Counts,
  where: CountedStage,
): number {
  for (const [name, count] of Object.entries({
    requested,
    accepted,
    rejected,
    failed,
  })) {
    if (Number.isSafeInteger(count) && count >= 0) continue;
    throw new AutodidactError(
      "IMBALANCE",
      `Stage "${where.stage}" of ${where.path} counts ${String(count)} ${name}; a whole number of at least 0 was expected. The run must not be trusted.`,
      { ...where, count: name, value: String(count) },
    );
  }
  return requested - accepted - rejected - failed;
}

/** Says by how much the books are wrong. */
export function imbalance(
  counts: Counts,
  where: CountedStage,
): AutodidactError {
  const { requested, accepted, rejected, failed } = counts;
  return new AutodidactError(
    "IMBALANCE",
    `Stage "${where.stage}" of ${where.path} does not balance: ${requested} requested, but ${accepted} accepted + ${rejected} rejected + ${failed} failed = ${accepted + rejected + failed}. The run must not be trusted; report this with the run folder.`,
    { ...where, requested, accepted, rejected, failed },
  );
}
