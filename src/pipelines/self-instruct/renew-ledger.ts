/**
 * @file A ledger made anew from its own recorded answers.
 *
 * Rows of a ledger are never changed. Where some have to come out differently, because
 * more instructions are asked for or questions that were given up are asked again, a
 * ledger with the same answers and events and no rows takes the old one's place; the
 * stages write their rows again, and nothing is bought twice.
 */
import { rename, rm } from "node:fs/promises";
import { storageError } from "../../foundation/storage.js";
import { openLedger } from "../../ledger/ledger.js";

type Recipe = Readonly<Record<string, unknown>>;

/**
 * Puts a ledger with the same answers and events, and no rows, in the place of the one at `path`.
 * Killed at any moment it leaves one of the two, whole.
 * @param changes keys of the recipe that are others from now on
 * @throws LEDGER when another process writes it, STORAGE
 */
export async function renewLedger(
  path: string,
  changes: Recipe,
): Promise<void> {
  const next = `${path}.next`;
  await removeLedger(next);
  const source = openLedger({ path, mode: "write" });
  try {
    const target = openLedger({ path: next, mode: "write" });
    try {
      const run = source.run();
      if (run === undefined) return;
      target.transaction(() => {
        for (const call of source.calls.all()) target.calls.record([call]);
        target.recordEvents(source.events());
      });
      target.recordRun({
        ...run,
        recipe: { ...(run.recipe as Recipe), ...changes },
      });
    } finally {
      target.close();
    }
  } finally {
    source.close();
  }
  try {
    await rename(next, path);
  } catch (cause) {
    throw storageError(path, cause);
  }
  await removeLedger(next);
}

/** Takes the ledger at `path` away, with what lies beside it; it must be closed. */
export async function removeLedger(path: string): Promise<void> {
  for (const end of ["", "-wal", "-shm", ".lock"]) {
    await rm(`${path}${end}`, { force: true });
  }
}
