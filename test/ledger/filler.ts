/**
 * @file A program that writes to a ledger until the disk is full, and tells as
 * JSON what the error was and how many chunks of 100 rows it had written:
 * `filler.ts LEDGER`.
 */
import { AutodidactError } from "../../src/foundation/error.js";
import { openLedger } from "../../src/ledger/ledger.js";

// A limit on file size ends a process by this signal unless it is listened to.
process.on("SIGXFSZ" as NodeJS.Signals, () => undefined);

const ledger = openLedger({ path: process.argv[2] as string, mode: "write" });
const stage = ledger.stage("seeds", "h");
for (let chunks = 0; ; chunks++) {
  try {
    stage.insert(
      "seed_tasks",
      Array.from({ length: 100 }, (_, row) => ({
        key: `${chunks}/${row}`,
        kind: "ift" as const,
        origin: "f",
        instruction: "x".repeat(1000),
      })),
    );
  } catch (error) {
    if (!(error instanceof AutodidactError)) throw error;
    console.log(
      JSON.stringify({ code: error.code, message: error.message, chunks }),
    );
    // Ends at once: to close would try to write on the full disk.
    process.exit(0);
  }
}
