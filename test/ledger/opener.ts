/**
 * @file A program that opens a ledger and tells as JSON what came of it:
 * `opener.ts write|read LEDGER [unprivileged]`. With `unprivileged` it first gives
 * up the rights of root, which file modes do not bind.
 */
import { AutodidactError } from "../../src/foundation/error.js";
import { openLedger } from "../../src/ledger/ledger.js";

/** The user `nobody` on every common system. */
const NOBODY = 65_534;

const [, , mode, path, rights] = process.argv;
if (rights === "unprivileged" && process.getuid?.() === 0) {
  process.setgroups?.([]);
  process.setgid?.(NOBODY);
  process.setuid?.(NOBODY);
}
try {
  const ledger =
    mode === "write"
      ? openLedger({ path: path as string, mode: "write" })
      : openLedger({ path: path as string, mode: "read" });
  const stages = ledger.counts().length;
  const seedTasks = ledger.count("seed_tasks");
  ledger.close();
  console.log(JSON.stringify({ stages, seedTasks }));
} catch (error) {
  if (!(error instanceof AutodidactError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message }));
}
