/**
 * @file A program that opens a ledger to read and keeps it open until it is killed, as
 * somebody does who watches a run: `watcher.ts LEDGER`.
 */
import { openLedger } from "../../src/ledger/ledger.js";

const ledger = openLedger({ path: process.argv[2] as string, mode: "read" });
console.log(ledger.count("pairs"));
setInterval(() => ledger.path, 60_000);
