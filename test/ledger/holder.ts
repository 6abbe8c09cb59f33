/**
 * @file A program that opens a ledger to write, records one complete stage, and
 * then holds the ledger until it is killed: `holder.ts LEDGER`.
 */
import { openLedger } from "../../src/ledger/ledger.js";

const ledger = openLedger({ path: process.argv[2] as string, mode: "write" });
const stage = ledger.stage("seeds", "h");
stage.insert("seed_tasks", [
  { key: "a", kind: "ift", origin: "f", instruction: "Do a." },
]);
stage.complete({ requested: 1, accepted: 1, rejected: 0, failed: 0 });
console.log("holding");
setInterval(() => ledger.path, 60_000);
