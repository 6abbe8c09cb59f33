/**
 * @file A run that is asked for more instructions than it was begun for, or for fewer;
 * and one that is asked for something else before it was answered anything.
 *
 * The longer run asks what the shorter one asked, in the same order, so its ledger is
 * written anew from the recorded answers and nothing is bought twice. Rows of a
 * ledger are never changed; what was surplus in the shorter run is accepted in the
 * longer, hence a ledger of its own that takes the old one's place. Fewer may be asked
 * for as long as no more were accepted: nothing that was accepted is taken away.
 */
import { rename, rm } from "node:fs/promises";
import { count, counted } from "../../evaluation/number-words.js";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import { storageError } from "../../foundation/storage.js";
import { INSTRUCTION_STAGE } from "./instruction-stage.js";
import { openLedger, type Ledger } from "../../ledger/ledger.js";

type Recipe = Readonly<Record<string, unknown>>;

/**
 * Whether `recipe` is that of the recorded run, but for `accept`.
 * @throws LEDGER when it asks for fewer instructions than were accepted already
 */
export function changesAccept(
  ledger: Ledger,
  recipe: Recipe & { readonly accept: number },
  folder: string,
): boolean {
  const recorded = ledger.run()?.recipe as Recipe | undefined;
  const { accept } = recipe;
  if (
    recorded === undefined ||
    recorded["accept"] === accept ||
    hashOf({ ...recorded, accept }) !== hashOf(recipe)
  )
    return false;
  const accepted = ledger.count("prompts", { stage: INSTRUCTION_STAGE });
  if (accept < accepted) {
    throw new AutodidactError(
      "LEDGER",
      `${folder} has accepted ${counted(accepted, "instruction")} already, and --accept asks for ${count(accept)}. Nothing that was accepted is taken away: ask for ${count(accepted)} or more, or take the first ${count(accept)} out of the same answers, at no cost, with --replay ${folder} --accept ${accept} and another --run-dir.`,
      { folder, accepted, accept },
    );
  }
  return true;
}

/**
 * Whether the recorded run is another one and was never answered: a mistyped address,
 * a model that was not there. Nothing is lost when it is forgotten.
 */
export function isOtherAndEmpty(ledger: Ledger, recipe: Recipe): boolean {
  const recorded = ledger.run()?.recipe;
  return (
    recorded !== undefined &&
    hashOf(recorded) !== hashOf(recipe) &&
    ledger.calls.totals().calls === 0 &&
    ledger.counts().length === 0
  );
}

/** Takes the ledger at `path` away; it must be closed. */
export async function forgetRun(path: string): Promise<void> {
  await remove(path);
}

/**
 * Puts a ledger with the same answers and `accept`, and no rows, in the place of the
 * one at `path`. Killed at any moment it leaves one of the two, whole.
 * @throws LEDGER when another process writes it, STORAGE
 */
export async function changeAccept(
  path: string,
  accept: number,
): Promise<void> {
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
