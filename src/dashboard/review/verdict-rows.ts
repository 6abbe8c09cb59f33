/**
 * @file Every verdict as it was given, with what it was given on.
 */
import type { LedgerReader } from "../../ledger/ledger.js";
import type { RecordedVerdict } from "../../ledger/verdicts.js";
import { recordedVerdicts } from "./recorded-verdicts.js";

/** In the order given; those that lost their row come without its texts. */
export function verdictRows(ledger: LedgerReader): object[] {
  const { pairs, rows, without } = recordedVerdicts(ledger);
  return [
    ...[...pairs, ...rows].map(({ recorded, content, verdict }) => ({
      id: recorded.id,
      row: { ...head(recorded), verdict, on: content },
    })),
    ...without.map((recorded) => ({
      id: recorded.id,
      row: { ...head(recorded), verdict: recorded.verdict, on: null },
    })),
  ]
    .sort((one, other) => one.id - other.id)
    .map(({ row }) => row);
}

function head({
  at,
  reviewer,
  subject,
  stage,
  key,
  rowId,
}: RecordedVerdict): object {
  return { at, reviewer, subject, stage, key, row: rowId };
}
