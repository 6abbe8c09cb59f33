/**
 * @file A JSON Lines file written row by row, all or nothing.
 *
 * `writeJsonLines` pulls its rows; a filter pushes them, into several files at
 * once. A sink holds at most QUEUE_ROWS rows: pushing into a full one waits for
 * the disk. Nothing is seen under the file's name before `finish` is done, and
 * nothing is left of it after `abandon`.
 */
import { AutodidactError } from "../../foundation/error.js";
import { writeJsonLines } from "../../foundation/json-lines.js";

const QUEUE_ROWS = 1024;

export interface RowSink {
  /** Takes a row; to be awaited, so that memory stays flat. @throws STORAGE if the file cannot be written */
  push(row: unknown): Promise<void>;
  /** Puts the file in its place. @throws STORAGE */
  finish(): Promise<void>;
  /** Removes what has been written. */
  abandon(): Promise<void>;
}

export function openRowSink(path: string): RowSink {
  let rows: unknown[] = [];
  let state: "open" | "finished" | "abandoned" = "open";
  let wakeWriter = ignore;
  let wakePusher = ignore;

  async function* queue(): AsyncGenerator<unknown> {
    for (;;) {
      if (state === "abandoned") throw abandoned(path);
      if (rows.length > 0) {
        const batch = rows;
        rows = [];
        wakePusher();
        yield* batch;
      } else if (state === "finished") {
        return;
      } else {
        await new Promise<void>((resolve) => (wakeWriter = resolve));
      }
    }
  }

  let failed = false;
  const written = writeJsonLines(path, queue());
  // Whoever pushes or finishes next learns of a failure; nobody may be waiting now.
  written.catch(() => {
    failed = true;
    wakePusher();
  });

  return {
    push: async (row) => {
      rows.push(row);
      wakeWriter();
      if (rows.length >= QUEUE_ROWS && !failed) {
        await new Promise<void>((resolve) => (wakePusher = resolve));
      }
      if (failed) await written;
    },
    finish: () => {
      state = "finished";
      wakeWriter();
      return written;
    },
    abandon: async () => {
      state = "abandoned";
      wakeWriter();
      await written.catch(ignore);
    },
  };
}

function ignore(): void {
  // Stands for a waiter that is not there.
}

/** Makes the writer remove its file; `abandon` swallows it. */
function abandoned(path: string): AutodidactError {
  return new AutodidactError("INTERRUPTED", `Gave up writing ${path}.`, {
    path,
  });
}
