/**
 * @file A run that is asked for more instructions than it was begun for, or for fewer;
 * and one that is asked for something else before it was answered anything.
 *
 * The longer run asks what the shorter one asked, in the same order, so its ledger is
 * made anew from the recorded answers: what was surplus in the shorter run is accepted
 * in the longer. Fewer may be asked
 * for as long as no more were accepted: nothing that was accepted is taken away.
 */
import { INSTRUCTION_STAGE } from "../../instruct/stages.js";
import { count, counted } from "../../text/number-words.js";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import type { Ledger } from "../../ledger/ledger.js";

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
