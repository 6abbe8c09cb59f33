/**
 * @file A program that writes 200 000 prompts of 600 characters to a ledger, reads
 * them all, and tells as JSON how much it saw and how much memory it took:
 * `bulk.ts LEDGER`.
 */
import { openLedger } from "../../src/ledger/ledger.js";

const CHUNK = 1000;

const ledger = openLedger({ path: process.argv[2] as string, mode: "write" });
const stage = ledger.stage("prompts", "h");
for (let from = 0; from < 200_000; from += CHUNK) {
  stage.insertPrompts(
    Array.from({ length: CHUNK }, (_, offset) => ({
      key: `p${from + offset}`,
      text: `${from + offset} `.padEnd(600, "word "),
      origin: "generated" as const,
    })),
  );
}
let rows = 0;
let characters = 0;
for (const { text } of ledger.read("prompts")) {
  rows++;
  characters += text.length;
}
ledger.close();
// maxRSS is in kilobytes.
const residentBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ rows, characters, residentBytes }));
