/**
 * @file From a row back to what the model answered, word for word: the kept answers of its
 * stage that hold the row's text and, where it was asked about an instruction, whose
 * request holds that. The rows themselves do not say under which key their answer lies,
 * so all answers of the stage are looked at, some at a time.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import type { StoredTables } from "../../ledger/stored-tables.js";
import { stringsIn } from "./json-strings.js";

/** Answers looked at together. */
const TOGETHER = 100;
/** Characters of a request and of an answer that are looked at. */
const LONGEST = 1_000_000;
/** Of a line that is looked for. */
const LONGEST_LINE = 300;

export interface RawAnswerQuery {
  /** Answers kept for the row's stage. */
  readonly calls: readonly number[];
  /** What was made of the answer; null where nothing was. */
  readonly text: string | null;
  /** What was asked about. */
  readonly instruction: string | null;
}

/** Ids of the answers, in the order kept. */
export async function rawAnswers(
  ledger: StoredTables,
  { calls, text, instruction }: RawAnswerQuery,
): Promise<readonly number[]> {
  const line = longestLine(text ?? "");
  // As it stands in the JSON of requests, which is written here.
  const written = instruction && JSON.stringify(instruction).slice(1, -1);
  const asked: number[] = [];
  const exact: number[] = [];
  for (let from = 0; from < calls.length; from += TOGETHER) {
    const rows = ledger.rows("calls", calls.slice(from, from + TOGETHER), {
      columns: [
        { name: "request", kind: "json" },
        { name: "response", kind: "json" },
      ],
      longest: LONGEST,
    });
    for (const row of rows) {
      const id = Number(row["id"]);
      if (written !== null && !String(row["request"]).includes(written))
        continue;
      asked.push(id);
      if (line !== "" && stringsIn(String(row["response"])).includes(line))
        exact.push(id);
    }
    await nextTurn();
  }
  if (exact.length > 0) return exact;
  return instruction === null ? [] : asked;
}

/** Parsing changes the ends of lines and what stands between them, seldom a line. */
function longestLine(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .reduce((best, line) => (line.length > best.length ? line : best), "")
    .slice(0, LONGEST_LINE);
}
