/**
 * @file Answers of work that has no file of its own for what is done: they are kept in a
 * folder of the user's, by what the work is, until it is done.
 */
import { mkdirSync, rmdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { AutodidactError } from "../../foundation/error.js";
import { counted } from "../../text/number-words.js";
import { AnswerJournal } from "../../answers/answer-journal.js";

/**
 * Gives `use` a journal with what the same work kept before it was stopped, and forgets it
 * when `use` is done; null where `folder` cannot be made: then nothing is kept.
 * @param work hash of all that determines the answers
 * @throws INTERRUPTED saying what is kept, where `signal` ended it; what `use` throws
 */
export async function keptUntilDone<T>(
  { folder, work }: { readonly folder: string; readonly work: string },
  {
    signal,
    onFound,
  }: {
    readonly signal?: AbortSignal | undefined;
    /** Told how many answers an earlier process kept. */
    readonly onFound?: ((answers: number) => void) | undefined;
  },
  use: (journal: AnswerJournal | null) => Promise<T>,
): Promise<T> {
  try {
    mkdirSync(folder, { recursive: true });
  } catch {
    return use(null);
  }
  const path = join(folder, `${work}.answers`);
  const journal = new AnswerJournal(path);
  try {
    if (journal.size > 0) onFound?.(journal.size);
    const result = await use(journal);
    journal.clear();
    return result;
  } catch (error) {
    if (error !== signal?.reason || journal.size === 0) throw error;
    throw new AutodidactError(
      "INTERRUPTED",
      `Stopped. ${counted(journal.size, "answer is", "answers are")} kept in ${path}; run the same command again to go on.`,
      { path, answers: journal.size },
    );
  } finally {
    removeEmpty(folder);
    removeEmpty(dirname(folder));
  }
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Something else is in it.
  }
}
