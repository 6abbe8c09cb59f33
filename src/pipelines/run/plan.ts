/**
 * @file The stages that a run leads through, in order, when nothing ends it early: its
 * pipeline's list, recorded when the run is begun. No stage runs that is not next in it,
 * so whoever looks on can trust it to say what comes.
 */
import { z } from "zod";
import { AutodidactError } from "../../foundation/error.js";
import { hashOf } from "../../foundation/hash.js";
import type { Ledger, LedgerReader } from "../../ledger/ledger.js";

/** The note that holds the names of the stages. */
const PLANNED = "plan";
const names = z.array(z.string());

/** Records the plan unless it is the one that is recorded. */
export function recordPlan(ledger: Ledger, stages: readonly string[]): void {
  if (hashOf(planOf(ledger)) === hashOf(stages)) return;
  ledger.note(PLANNED, stages);
}

/** Stages still to come, the one under way first; null where no plan was recorded. */
export function stagesAhead(ledger: LedgerReader): readonly string[] | null {
  const plan = planOf(ledger);
  const last = ledger.counts().at(-1);
  if (plan === null || last === undefined) return plan;
  const place = plan.indexOf(last.name);
  if (place < 0) return null;
  return plan.slice(last.status === "complete" ? place + 1 : place);
}

/** @throws LEDGER for a stage that the run's plan does not have there */
export function requirePlanned(ledger: LedgerReader, name: string): void {
  if (ledger.counts().some((stage) => stage.name === name)) return;
  const ahead = stagesAhead(ledger);
  if (ahead === null || ahead.includes(name)) return;
  throw new AutodidactError(
    "LEDGER",
    `The run of ${ledger.path} comes to the stage "${name}", but what is still planned is ${ahead.join(", ") || "nothing"}. Put the stage into its pipeline's list, in its place.`,
    { path: ledger.path, stage: name },
  );
}

/** The plan recorded last. */
function planOf(ledger: LedgerReader): readonly string[] | null {
  const plan = ledger.noted(PLANNED);
  return plan === undefined ? null : names.parse(plan);
}
