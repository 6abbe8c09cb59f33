/**
 * @file Named places where a test may kill the process, to prove that a run
 * continues as if nothing had happened.
 *
 * Without the variable AUTODIDACT_CRASH_AT a point costs one comparison and does
 * nothing. With it the process ends by SIGKILL: no handler, no flush, no cleanup,
 * as in a power cut or an out-of-memory kill.
 */
import { AutodidactError } from "./error.js";

/**
 * Every crash point, in the order in which a run reaches them first. Points
 * named `…-chunk` and `training-step` lie after the work and before the record
 * of it is complete; points named `…-written` and `…-saved` lie after the record.
 */
export const CRASH_POINTS = [
  /** The ledger is open and locked, nothing else has happened. */
  "ledger-open",
  /** A stage's first row is committed, none of its work is. Placed by the ledger. */
  "stage-begin",
  /** Inside a ledger transaction, all its rows inserted, not committed. Placed by the ledger. */
  "ledger-transaction",
  /** A ledger transaction has just been committed. Placed by the ledger. */
  "ledger-commit",
  /** In the middle of a batch. */
  "answer-kept",
  "prompts-written",
  "candidates-chunk",
  "candidates-written",
  "judgements-chunk",
  "judgements-written",
  "pairs-written",
  "dataset-written",
  "training-step",
  "training-checkpoint",
  "model-saved",
  /** A stage's counts and output are committed. Placed by the ledger. */
  "stage-complete",
  "evaluation-written",
  "report-written",
] as const;

export type CrashPoint = (typeof CRASH_POINTS)[number];

interface CrashPlan {
  readonly point: CrashPoint;
  /** Reaching the point for the k-th time kills; 1-based. */
  readonly occurrence: number;
}

const request = process.env["AUTODIDACT_CRASH_AT"];
let plan: CrashPlan | undefined;
let reached = 0;

/**
 * Kills this process if AUTODIDACT_CRASH_AT is `name`, or `name:k` and the point
 * is reached for the k-th time.
 * @throws USAGE when the variable names no known point (a crash test that never
 *   crashes would prove nothing)
 */
export function crashPoint(name: CrashPoint): void {
  if (request === undefined) return;
  plan ??= parsePlan(request);
  if (plan.point !== name) return;
  reached++;
  if (reached === plan.occurrence) killSelf();
}

function parsePlan(text: string): CrashPlan {
  const [name, count = "1"] = text.split(":");
  const point = CRASH_POINTS.find((known) => known === name);
  const occurrence = Number(count);
  if (point === undefined || !Number.isInteger(occurrence) || occurrence < 1) {
    throw new AutodidactError(
      "USAGE",
      `AUTODIDACT_CRASH_AT is "${text}", which names no crash point. Use NAME or NAME:k with one of: ${CRASH_POINTS.join(", ")}.`,
      { value: text, known: CRASH_POINTS },
    );
  }
  return { point, occurrence };
}

function killSelf(): never {
  process.kill(process.pid, "SIGKILL");
  // The signal may be a moment under way; no statement after the point may run.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
