/**
 * @file The newest rows of a ledger as text that a person can read: some tens at most,
 * however many were written.
 */
import type { LedgerReader } from "../../ledger/ledger.js";
import type { Row } from "../../ledger/records.js";
import { stageOf } from "../../ledger/stage-counts.js";
import { harmless } from "../../text/harmless.js";
import type { LiveRow } from "../api/api.js";
import type { FollowedTable, SeenRows } from "./cursor.js";

/** Of each table, each time. */
const MOST_ROWS = 8;
/** Characters of what a row says. */
const MOST_TEXT = 1000;

type ShownTable = Exclude<FollowedTable, "training_steps">;

type Said = Pick<LiveRow, "text" | "note">;

/** What a row says, and the one thing beside it. */
const SAYS: {
  readonly [T in ShownTable]: (row: Row<T>, ledger: LedgerReader) => Said;
} = {
  prompts: ({ text, origin }) => ({ text, note: origin }),
  candidates: ({ text, tokens }) => ({ text, note: `${tokens} tokens` }),
  judgements: ({ raw, rationale, kind, score }) => ({
    text: raw === "" ? (rationale ?? "") : raw,
    note: score === null ? kind : score.toFixed(2),
  }),
  pairs: ({ promptId, chosenId, rejectedId, margin }, ledger) => ({
    text: [
      ledger.get("prompts", promptId).text,
      `+ ${ledger.get("candidates", chosenId).text}`,
      `- ${ledger.get("candidates", rejectedId).text}`,
    ]
      .map((part) => part.slice(0, MOST_TEXT / 3))
      .join("\n"),
    note: margin.toFixed(2),
  }),
  rejections: ({ text, subject, rule }) => ({
    text: text ?? subject,
    note: rule,
  }),
};

/** Rows above those seen, oldest first. @param newest the newest ids */
export function newRows(
  ledger: LedgerReader,
  seen: SeenRows,
  newest: SeenRows,
): LiveRow[] {
  const stages = ledger.counts();
  const of = <T extends ShownTable>(table: T): LiveRow[] => {
    const afterId = Math.max(seen[table], newest[table] - MOST_ROWS);
    if (afterId >= newest[table]) return [];
    return (
      [...ledger.read(table, { afterId })]
        // Rows written meanwhile come next time.
        .filter(({ id }) => id <= newest[table])
        .map((row) => {
          const { text, note } = SAYS[table](row, ledger);
          return {
            table,
            id: row.id,
            stage: stageOf(stages, row)?.name ?? "",
            text: harmless(text.slice(0, MOST_TEXT)),
            note: note === null ? null : harmless(note),
          };
        })
    );
  };
  return (Object.keys(SAYS) as ShownTable[]).flatMap((table) => of(table));
}
