/**
 * @file A program that records verdicts on the first candidate of a ledger, one after
 * the other, and says after each how many are recorded: `reviewer.ts LEDGER NAME COUNT`.
 */
import { recordVerdict } from "../../src/ledger/verdict-writer.js";

const [, , path = "", reviewer = "", count = ""] = process.argv;
for (let number = 1; number <= Number(count); number++) {
  recordVerdict(path, () => ({
    reviewer,
    subject: "candidates",
    rowId: 1,
    content: "hash",
    verdict: { number },
  }));
  console.log(number);
}
