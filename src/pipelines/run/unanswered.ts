/**
 * @file Requests that got no answer: refused for good, or given up for something that
 * may pass after all their attempts, while others were answered.
 *
 * The second is no result of the request, so the next run of the same command asks it
 * again. Until then its row is there for the books, the run is not complete, and the
 * error at its end says so.
 */
import { GIVEN_UP } from "../../instruct/stages.js";
import { counted } from "../../text/number-words.js";
import { AutodidactError } from "../../foundation/error.js";
import type { LedgerReader } from "../../ledger/ledger.js";

/** Questions given up and not asked again so far. */
export function countGivenUp(ledger: LedgerReader): number {
  return ledger.count("rejections", { where: { rule: GIVEN_UP } });
}

/**
 * The end of a run that lacks some answers; data set and report are written before.
 * @throws ENDPOINT with the first failure when there are questions that were given up
 */
export function refuseIncomplete(ledger: LedgerReader): void {
  const givenUp = countGivenUp(ledger);
  if (givenUp === 0) return;
  const [first] = ledger.read("rejections", { where: { rule: GIVEN_UP } });
  const { message } = (first?.evidence ?? {}) as { readonly message?: unknown };
  throw new AutodidactError(
    "ENDPOINT",
    `The run is not complete: ${counted(givenUp, "question")} had to be given up. The first: ${String(message)} Data set and report are written without the answers; the same command asks for them again.`,
    { givenUp },
  );
}
