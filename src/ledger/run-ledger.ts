/**
 * @file The ledger of a run folder, asked by those who only look.
 */
import { join } from "node:path";
import { LEDGER_FILE } from "./ledger-file.js";
import { openLedger, type LedgerReader } from "./ledger.js";

/** Asks the ledger of a run folder and closes it. @throws LEDGER, STORAGE as `openLedger` */
export function withRunLedger<T>(
  folder: string,
  ask: (ledger: LedgerReader) => T,
): T {
  const ledger = openLedger({ path: join(folder, LEDGER_FILE), mode: "read" });
  try {
    return ask(ledger);
  } finally {
    ledger.close();
  }
}
