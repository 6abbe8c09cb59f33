/**
 * @file What a reviewer sees of a row, and the hash that binds a verdict to it.
 */
import { hashOf } from "../../foundation/hash.js";
import type { LedgerReader } from "../../ledger/ledger.js";
import type { Row } from "../../ledger/records.js";
import type { ReviewedTable } from "../../ledger/verdicts.js";
import type { ReviewSubject } from "../api/api.js";

export interface PairContent {
  readonly prompt: string;
  /** By the judge. */
  readonly chosen: string;
  readonly rejected: string;
}

/** A candidate with what it answers; in Self-Instruct's words an instance. */
export interface RowContent {
  readonly instruction: string;
  /** Empty where there is none. */
  readonly input: string;
  readonly output: string;
}

/** Where the rows of a subject lie. */
export const TABLE_OF = {
  pairs: "pairs",
  rows: "candidates",
} as const satisfies Readonly<Record<ReviewSubject, ReviewedTable>>;

/** @throws LEDGER when there is no such row */
export function pairContent(
  ledger: LedgerReader,
  { promptId, chosenId, rejectedId }: Row<"pairs">,
): PairContent {
  return {
    prompt: ledger.get("prompts", promptId).text,
    chosen: ledger.get("candidates", chosenId).text,
    rejected: ledger.get("candidates", rejectedId).text,
  };
}

/** @throws LEDGER when there is no such row */
export function rowContent(
  ledger: LedgerReader,
  { promptId, text: output }: Row<"candidates">,
): RowContent {
  const { text, instruction, input } = ledger.get("prompts", promptId);
  return { instruction: instruction ?? text, input: input ?? "", output };
}

/** The same for the same texts in the same places. */
export function contentHash(content: PairContent | RowContent): string {
  return hashOf(content);
}
