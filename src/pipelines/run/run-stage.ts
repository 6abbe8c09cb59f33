/**
 * @file A step of a run, whatever the run: begun once, finished once, read back after.
 */
import type { AnswerJournal } from "../../answers/answer-journal.js";
import type { EventListener, StageProgress } from "../../events/run-event.js";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import type { Ledger } from "../../ledger/ledger.js";
import type { Counts } from "../../ledger/stage-counts.js";
import type { Stage } from "../../ledger/stage.js";
import { requirePlanned } from "./plan.js";

/** What running a stage takes. */
export interface StageContext {
  readonly ledger: Ledger;
  /** Answers of checkpoints that no stage has put in their place yet; absent where none are asked. */
  readonly journal?: AnswerJournal;
  readonly emit: EventListener;
  readonly signal: AbortSignal;
  /** Seconds since some fixed moment; only for durations. */
  readonly now: () => number;
}

/** How a stage balances, and what is recorded as its output. */
interface StageResult<T> {
  readonly counts: Counts;
  readonly output: T;
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
    readonly work: (stage: Stage) => StageResult<T> | Promise<StageResult<T>>;
  },
): Promise<{ readonly stage: Stage; readonly output: T }> {
  const { ledger, journal, emit, now } = context;
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
  journal?.clear();
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

/** Counts of a stage in which what was not accepted was rejected; all was when `accepted` is absent. */
export function countsOfKept(requested: number, accepted = requested): Counts {
  return { requested, accepted, rejected: requested - accepted, failed: 0 };
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

/** How far a stage is: `done` of `total`, counted in `unit`s. */
export function stageProgress(
  { name: stage }: Pick<Stage, "name">,
  [done, total]: readonly [done: number, total: number],
  unit: string,
): StageProgress {
  return { type: "stage-progress", stage, done, total, unit };
}

/**
 * Works on a stage's items in chunks of a fixed size, so that a resumed run computes the
 * very batches an uninterrupted one would have. A chunk of which `isThere` is passed by.
 * They are kept in order. A server that answers `lanes` requests at once is asked ahead:
 * the last answers of a chunk would leave it idle.
 * @throws INTERRUPTED between two of them
 */
export async function inChunks<I, A>(
  { emit, signal, journal }: Pick<StageContext, "emit" | "signal" | "journal">,
  step: {
    readonly stage: Pick<Stage, "name">;
    readonly items: readonly I[];
    readonly size: number;
    readonly unit: string;
    readonly isThere: (first: I) => boolean;
    readonly lanes: number | undefined;
    readonly ask: (chunk: readonly I[]) => Promise<A>;
    readonly keep: (chunk: readonly I[], answers: A) => void;
  },
): Promise<void> {
  const { stage, items, size, unit, lanes = 0 } = step;
  const asked = new Map<number, Promise<A>>();
  let ahead = 0;
  const askAhead = (until: number): void => {
    for (; ahead < Math.min(until, items.length); ahead += size) {
      const chunk = items.slice(ahead, ahead + size);
      if (step.isThere(chunk[0] as I)) continue;
      const answers = step.ask(chunk);
      // Whoever waits for it hears of a failure, maybe only later.
      answers.catch(() => undefined);
      asked.set(ahead, answers);
    }
  };
  try {
    for (let first = 0; first < items.length; first += size) {
      stopIfAsked(signal);
      askAhead(first + size + lanes);
      const chunk = items.slice(first, first + size);
      const answers = asked.get(first);
      if (answers !== undefined) step.keep(chunk, await answers);
      asked.delete(first);
      // Those asked ahead are in it too.
      if (asked.size === 0) journal?.clear();
      const done = first + chunk.length;
      emit(stageProgress(stage, [done, items.length], unit));
    }
  } finally {
    await Promise.allSettled(asked.values());
  }
}
