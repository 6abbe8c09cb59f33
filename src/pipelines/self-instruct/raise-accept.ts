/**
 * @file A run that is asked for more instructions than it was begun for.
 *
 * The longer run asks what the shorter one asked, in the same order, so its ledger is
 * written anew from the recorded answers and nothing is bought twice. Rows of a
 * ledger are never changed; what was surplus in the shorter run is accepted in the
 * longer, hence a ledger of its own that takes the old one's place.
 */
import { rename, rm } from "node:fs/promises";
import { hashOf } from "../../foundation/hash.js";
import { storageError } from "../../foundation/storage.js";
import { openLedger, type Ledger } from "../../ledger/ledger.js";

type Recipe = Readonly<Record<string, unknown>>;

/** Whether `recipe` is that of the recorded run, but for a larger `accept`. */
export function raisesAccept(
  ledger: Ledger,
  recipe: Recipe & { readonly accept: number },
): boolean {
  const recorded = ledger.run()?.recipe as Recipe | undefined;
  if (recorded === undefined) return false;
  const before = recorded["accept"];
  return (
    typeof before === "number" &&
    recipe.accept > before &&
    hashOf({ ...recorded, accept: recipe.accept }) === hashOf(recipe)
  );
}

/**
 * Puts a ledger with the same answers and `accept`, and no rows, in the place of the
 * one at `path`. Killed at any moment it leaves one of the two, whole.
 * @throws LEDGER when another process writes it, STORAGE
 */
export async function raiseAccept(path: string, accept: number): Promise<void> {
  const next = `${path}.next`;
  await remove(next);
  const source = openLedger({ path, mode: "write" });
  try {
    const target = openLedger({ path: next, mode: "write" });
    try {
      const run = source.run();
      if (run === undefined) return;
      target.transaction(() => {
        for (const call of source.calls.all()) target.calls.record([call]);
      });
      target.recordRun({
        ...run,
        recipe: { ...(run.recipe as Recipe), accept },
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
  await remove(next);
}

/** The ledger of a process that was killed here, with what lies beside it. */
async function remove(path: string): Promise<void> {
  for (const end of ["", "-wal", "-shm", ".lock"]) {
    await rm(`${path}${end}`, { force: true });
  }
}
