/**
 * @file How the run that a folder holds goes on with what is asked for now: decided
 * here over the recorded run and the wanted one, done by whoever opens the run.
 *
 * The longer run asks what the shorter one asked, in the same order, so where more
 * instructions are asked for the ledger is made anew from the recorded answers: what
 * was surplus in the shorter run is accepted in the longer. Fewer may be asked for as
 * long as no more were accepted: nothing that was accepted is taken away. Questions
 * that were given up are asked again. Other seeds make other prompts, to which no
 * answer is recorded.
 */
import { resolve } from "node:path";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import { count, counted } from "../../text/number-words.js";
import type { LedgerReader, Ledger } from "../../ledger/ledger.js";
import { INSTRUCTION_STAGE } from "../../instruct/stages.js";
import { countGivenUp } from "../run/unanswered.js";

type Recipe = Readonly<Record<string, unknown>>;

/** The run that a folder holds. */
export interface RecordedState {
  readonly folder: string;
  /** Undefined before the run was recorded. */
  readonly recipe: Recipe | undefined;
  /** Answers, stages begun, instructions accepted, questions given up. */
  readonly answers: number;
  readonly stages: number;
  readonly accepted: number;
  readonly givenUp: number;
}

export function recordedState(ledger: Ledger, folder: string): RecordedState {
  return {
    folder,
    recipe: ledger.run()?.recipe as Recipe | undefined,
    answers: ledger.answers.totals().calls,
    stages: ledger.counts().length,
    accepted: ledger.count("prompts", { stage: INSTRUCTION_STAGE }),
    givenUp: countGivenUp(ledger),
  };
}

/**
 * `go-on`: with the ledger as it is, which refuses another recipe by naming the keys.
 * `renew`: with its answers and without its rows, which come out differently.
 * `reset`: with nothing; another run was begun here and never answered: a mistyped
 * address, a model that was not there.
 * @throws LEDGER when fewer instructions are asked for than were accepted already
 */
export function resumption(
  { folder, recipe, answers, stages, accepted, givenUp }: RecordedState,
  wanted: Recipe & { readonly accept: number },
): "go-on" | "renew" | "reset" {
  if (recipe === undefined) return "go-on";
  const { accept } = wanted;
  if (hashOf(recipe) === hashOf(wanted)) return givenUp > 0 ? "renew" : "go-on";
  if (answers === 0 && stages === 0) return "reset";
  if (hashOf({ ...recipe, accept }) !== hashOf(wanted)) return "go-on";
  if (accept >= accepted) return "renew";
  throw new AutodidactError(
    "LEDGER",
    `${folder} has accepted ${counted(accepted, "instruction")} already, and --accept asks for ${count(accept)}. Nothing that was accepted is taken away: ask for ${count(accepted)} or more, or take the first ${count(accept)} out of the same answers, at no cost, with --replay ${folder} --accept ${accept} and another --run-dir.`,
    { folder, accepted, accept },
  );
}

/**
 * Are the seed tasks those that the run was begun with? Asked before anything of it is
 * touched. Does nothing while the run has no answer that could be lost, and where other
 * seeds are asked for by name: that is another run, which is told with both names.
 * @throws LEDGER when the file has changed since the run began
 */
export function requireSameSeeds(
  {
    folder,
    recipe,
    answers,
  }: Omit<RecordedState, "stages" | "accepted" | "givenUp">,
  /** The seed file as a run records it, and its content's hash. */
  wanted: { readonly seeds: string | null; readonly seedTasks: string },
  { path: ledgerPath }: Pick<LedgerReader, "path">,
): void {
  const { seeds, seedTasks } = wanted;
  const path = seeds === null ? null : resolve(folder, seeds);
  if (
    recipe === undefined ||
    answers === 0 ||
    recipe["seeds"] !== seeds ||
    recipe["seedTasks"] === seedTasks
  )
    return;
  throw new AutodidactError(
    "LEDGER",
    path === null
      ? `The bundled seed tasks are not those that the run of ${ledgerPath} began with: it was begun by another version. Go on with that version, or begin a new run in another --run-dir. Nothing was changed.`
      : `The seed file ${path} has changed since the run of ${ledgerPath} began: its answers belong to the old seeds. Restore the file to go on, or begin a new run with the new one in another --run-dir. Nothing was changed.`,
    { path: ledgerPath, seeds: path },
  );
}
