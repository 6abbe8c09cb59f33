/**
 * @file What is new of a run, as it becomes so: follows processes that it did not start,
 * their end and their return, and a ledger that is put in the place of another.
 *
 * Nothing is opened while nothing was written. What was read is given before more is
 * read, so who listens slowly gets less, not more later.
 */
import { readProgressFile } from "../../events/progress-file.js";
import type { CurvePoint, LiveMessage, RunDetail } from "../api/api.js";
import { withRunLedger } from "../../ledger/run-ledger.js";
import { signatureOf } from "../runs/run-signature.js";
import { curveBetween, fewerPoints } from "./curves.js";
import {
  cursorText,
  NOTHING_SEEN,
  seenOf,
  type Cursor,
  type SeenRows,
} from "./cursor.js";
import { newRows } from "./new-rows.js";

/** Of all curves together, each time. */
const MOST_POINTS = 2000;

export interface LiveTick {
  readonly messages: readonly LiveMessage[];
  /** After all of them. */
  readonly cursor: string;
}

interface Followed {
  readonly folder: string;
  readonly detail: () => Promise<RunDetail>;
  /** Resolves when it is time to look again. */
  readonly pause: () => Promise<void>;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** Yields at once what a page at `cursor` lacks, then whatever is new. */
export async function* followRun(
  { folder, detail, pause, signal }: Followed,
  cursor: Cursor,
): AsyncGenerator<LiveTick> {
  let { ledger, seen } = cursor;
  let before: string | null = null;
  const changed = { run: onChange<RunDetail>(), progress: onChange<unknown>() };
  const steps = new Map<string, number>();
  while (!signal.aborted) {
    const signature = signatureOf(folder);
    const messages: LiveMessage[] = [];
    if (
      ledger !== null &&
      signature.ledger !== null &&
      ledger !== signature.ledger
    ) {
      messages.push({ type: "renewed" });
      seen = NOTHING_SEEN;
      steps.clear();
      changed.run.forget();
      changed.progress.forget();
    }
    ledger = signature.ledger ?? ledger;
    if (signature.all !== before) {
      before = signature.all;
      const run = await detail();
      if (changed.run.is(run)) messages.push({ type: "run", run });
      const found = rowsAfter(folder, seen);
      if (found === null) before = null;
      else {
        seen = found.seen;
        messages.push(...found.messages);
        for (const { stage, step } of found.points) steps.set(stage, step);
      }
    }
    const file = signature.isRunning ? readProgressFile(folder) : null;
    const progress = file?.reading ?? null;
    if (changed.progress.is(progress))
      messages.push({ type: "progress", progress });
    const points = (file?.points ?? []).filter(
      ({ stage, step }) => step > (steps.get(stage) ?? 0),
    );
    for (const { stage, step } of points) steps.set(stage, step);
    if (points.length > 0) messages.push({ type: "curve", points });
    if (messages.length > 0)
      yield { messages, cursor: cursorText({ ledger, seen }) };
    await pause();
  }
}

/** What the ledger has above the rows seen; null where it cannot be read just now. */
function rowsAfter(
  folder: string,
  seen: SeenRows,
): {
  readonly messages: readonly LiveMessage[];
  readonly points: readonly CurvePoint[];
  readonly seen: SeenRows;
} | null {
  try {
    return withRunLedger(folder, (ledger) => {
      const tables = ledger.tables();
      const newest = seenOf((table) => tables.lastId(table));
      const rows = newRows(ledger, seen, newest);
      const points = fewerPoints(
        curveBetween(ledger, seen.training_steps, newest.training_steps),
        MOST_POINTS,
      );
      return {
        messages: [
          ...(points.length > 0 ? [{ type: "curve", points } as const] : []),
          ...(rows.length > 0 ? [{ type: "rows", rows } as const] : []),
        ],
        points,
        seen: newest,
      };
    });
  } catch {
    // Put in its place anew, or gone, between two looks: the next one tells.
    return null;
  }
}

/** Whether a value is another than the one before. */
function onChange<T>() {
  let before: string | undefined;
  return {
    is: (value: T): boolean => {
      const text = JSON.stringify(value);
      const isOther = text !== before;
      before = text;
      return isOther;
    },
    forget: (): void => {
      before = undefined;
    },
  };
}
