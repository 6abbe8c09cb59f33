/**
 * @file A step of a run, whatever the run: begun once, finished once, read back after.
 */
import type { EventListener } from "../../events/run-event.js";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import type { Ledger } from "../../ledger/ledger.js";
import type { Counts } from "../../ledger/stage-counts.js";
import type { Stage } from "../../ledger/stage.js";
import { requirePlanned } from "./plan.js";

/** What running a stage takes. */
export interface StageContext {
  readonly ledger: Ledger;
  readonly emit: EventListener;
  readonly signal: AbortSignal;
  /** Seconds since some fixed moment; only for durations. */
  readonly now: () => number;
}

/**
 * Runs a stage unless an earlier process finished it.
 *
 * @param inputs everything the stage's result depends on, besides the recipe and the stages before
 * @returns what `work` returned as output, now or then
 * @throws LEDGER for one that the plan of the run does not have there
 */
export async function runStage<T>(
  context: StageContext,
  step: {
    readonly name: string;
    readonly title: string;
    readonly inputs: unknown;
    readonly work: (
      stage: Stage,
    ) => Promise<{ readonly counts: Counts; readonly output: T }>;
  },
): Promise<{ readonly stage: Stage; readonly output: T }> {
  const { ledger, emit, now } = context;
  const { name, title } = step;
  stopIfAsked(context.signal);
  requirePlanned(ledger, name);
  const stage = ledger.stage(name, hashOf(step.inputs));
  if (stage.done) {
    emit({ type: "stage-reuse", stage: name, title });
    return { stage, output: stage.output as T };
  }
  emit({ type: "stage-start", stage: name, title });
  const started = now();
  const { counts, output } = await step.work(stage);
  stage.complete({ ...counts, output });
  emit({
    type: "stage-end",
    stage: name,
    title,
    counts: { ...counts, pending: 0 },
    seconds: now() - started,
  });
  return { stage, output };
}

/** @throws INTERRUPTED when the user asked to stop */
export function stopIfAsked(signal: AbortSignal): void {
  if (!signal.aborted) return;
  throw new AutodidactError(
    "INTERRUPTED",
    "Stopped as asked; everything finished so far is kept. Run the same command again to go on.",
  );
}

/** Counts of a stage in which everything asked for was done. */
export function allAccepted(requested: number): Counts {
  return { requested, accepted: requested, rejected: 0, failed: 0 };
}

/** Books of a stage while it is being worked on. */
export interface Tally {
  accepted: number;
  rejected: number;
  failed: number;
}

export function countsOf({ accepted, rejected, failed }: Tally): Counts {
  return {
    requested: accepted + rejected + failed,
    accepted,
    rejected,
    failed,
  };
}
