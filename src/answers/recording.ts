/**
 * @file A run's answers in a file of their own that can be committed: written while
 * an endpoint is asked, and later all that there is to ask.
 *
 * The same command over the recording gives the same bytes without a network and
 * without a key. Only answers are in it: a request that the endpoint refused for good
 * is as unknown to a recording as one that was never sent.
 */
import { openRecordingFile } from "./recording-file.js";
import type { AnswerStore, StoredAnswer } from "./answer-store.js";
import { layeredStore, readOnly } from "./layered-store.js";

export interface Recording {
  /** JSON Lines, an answer each. */
  readonly path: string;
  /** "record" adds to the file what is answered; "replay" has nothing but the file. */
  readonly mode: "record" | "replay";
}

/** Where a run's answers are kept. */
interface AnswerSource {
  readonly store: AnswerStore;
  /** What is replayed, for people; nothing may be bought then. */
  readonly replayOf?: string;
}

/**
 * Works with a run's own store and the recording beside it. A finished recording
 * holds every answer of the run, also those of earlier processes.
 * @param kept what is in the run's store at the time of asking
 * @throws BAD_INPUT for a file that is no recording, or is to be replayed and not
 *   there; STORAGE; and what `use` throws
 */
export async function withRecording<T>(
  { path, mode }: Recording,
  run: {
    readonly store: AnswerStore;
    readonly kept: () => Iterable<readonly [key: string, answer: StoredAnswer]>;
  },
  use: (source: AnswerSource) => Promise<T>,
): Promise<T> {
  const file = await openRecordingFile(path, mode);
  try {
    if (mode === "replay") {
      const store = layeredStore(run.store, readOnly(file));
      return await use({ store, replayOf: path });
    }
    const result = await use({ store: layeredStore(run.store, file) });
    // Stages that were complete before asked for nothing. A run that was refused
    // does not come here: its answers may be another's.
    for (const [key, answer] of run.kept()) await file.put(key, answer);
    return result;
  } finally {
    await file.close();
  }
}
