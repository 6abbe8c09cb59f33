/**
 * @file How long was worked on a run: by all its processes together, so that one that
 * was killed and continued counts as one that was not.
 */
import type { LedgerReader } from "../../ledger/ledger.js";

/** Working time in seconds of the stages whose names begin so; of all where none is named. */
export function workingSeconds(ledger: LedgerReader, prefix = ""): number {
  return ledger
    .counts()
    .filter(({ name }) => name.startsWith(prefix))
    .reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Working time of every stage. */
export function secondsByStage(
  ledger: LedgerReader,
): { readonly stage: string; readonly seconds: number }[] {
  return ledger.counts().map(({ name, seconds }) => ({ stage: name, seconds }));
}
