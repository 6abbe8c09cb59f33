/**
 * @file A run as its reviewers have it: what to look at next, what they said, what comes
 * of it.
 *
 * No connection outlives a call: the run may be going on in another process, and its
 * ledger be replaced. Verdicts are added and change nothing.
 */
import { join } from "node:path";
import { AutodidactError } from "../../foundation/error.js";
import { rowText } from "../../foundation/json-lines.js";
import { LEDGER_FILE } from "../../ledger/ledger-file.js";
import { openLedger, type LedgerReader } from "../../ledger/ledger.js";
import type { Row } from "../../ledger/records.js";
import { withRunLedger } from "../../ledger/run-ledger.js";
import { recordVerdict } from "../../ledger/verdict-writer.js";
import type { GivenVerdict, ReviewedTable } from "../../ledger/verdicts.js";
import type {
  NewVerdict,
  ReviewFile,
  ReviewItem,
  ReviewPage,
  ReviewProgress,
  ReviewQuery,
  ReviewSubject,
  VerdictSummary,
  RunId,
} from "../api/api.js";
import { DashboardFailure, notFound } from "../api/failure.js";
import { reviewedPairs } from "./pair-rows.js";
import { recordedVerdicts } from "./recorded-verdicts.js";
import {
  contentHash,
  pairContent,
  rowContent,
  TABLE_OF,
} from "./review-items.js";
import { drawnSwap, nextId } from "./review-order.js";
import { reviewSummary } from "./review-summary.js";
import { reviewedTeachingRows } from "./teaching-rows.js";
import { verdictRows } from "./verdict-rows.js";

export interface Reviews {
  /** What the reviewer has not judged yet, the same until it is judged. */
  next(query: ReviewQuery): ReviewPage;
  /**
   * On the disk when it returns; the last verdict of a reviewer on a row counts.
   * @throws DashboardFailure for a row that is not there or was shown otherwise
   */
  add(verdict: NewVerdict): ReviewProgress;
  summary(): VerdictSummary;
  /**
   * Lines of the file, each with its end.
   * @throws LEDGER for a file of pairs of a run that has none
   */
  export(file: ReviewFile): AsyncIterable<string>;
}

/** All of it throws LEDGER and STORAGE when the ledger cannot be read, or written. */
export function openReviews(run: {
  readonly id: RunId;
  readonly folder: string;
}): Reviews {
  const { folder } = run;
  const path = join(folder, LEDGER_FILE);
  const reading = <T>(ask: (ledger: LedgerReader) => T): T =>
    withRunLedger(folder, ask);
  return {
    next: (query) => reading((ledger) => nextPage(ledger, query)),
    add: (verdict) => {
      recordVerdict(path, (ledger) => checked(ledger, verdict));
      return reading((ledger) => progress(ledger, verdict));
    },
    summary: () => reading((ledger) => reviewSummary(recordedVerdicts(ledger))),
    export: async function* (file) {
      const ledger = openLedger({ path, mode: "read" });
      try {
        if (file !== "verdicts.jsonl") requirePairs(ledger, run.id);
        for await (const row of FILES[file](ledger, folder))
          yield `${rowText(row)}\n`;
      } finally {
        ledger.close();
      }
    },
  };
}

const FILES: Readonly<
  Record<
    ReviewFile,
    (
      ledger: LedgerReader,
      folder: string,
    ) => AsyncIterable<object> | Iterable<object>
  >
> = {
  "pairs.jsonl": reviewedPairs,
  "eft.jsonl": reviewedTeachingRows,
  "verdicts.jsonl": verdictRows,
};

function requirePairs(ledger: LedgerReader, id: RunId): void {
  if (ledger.count("pairs") > 0) return;
  throw new AutodidactError(
    "LEDGER",
    `The run ${id} has no preference pairs; a run of the loop has some once its first round has chosen them. Take verdicts.jsonl, or wait for the round.`,
  );
}

interface Reviewing {
  readonly subject: ReviewSubject;
  readonly reviewer: string;
}

/** Rows that the reviewer has judged as they are now. */
function doneBy(
  ledger: LedgerReader,
  { subject, reviewer }: Reviewing,
): ReadonlySet<number> {
  const own = recordedVerdicts(
    ledger,
    (said) => said.reviewer === reviewer && said.subject === TABLE_OF[subject],
  );
  return new Set(own[subject].map(({ rowId }) => rowId));
}

function progress(ledger: LedgerReader, who: Reviewing): ReviewProgress {
  const total = ledger.count(TABLE_OF[who.subject]);
  return { done: doneBy(ledger, who).size, total };
}

/** Rows are only added, so their ids are 1 … their number. */
function nextPage(ledger: LedgerReader, query: ReviewQuery): ReviewPage {
  const done = doneBy(ledger, query);
  const total = ledger.count(TABLE_OF[query.subject]);
  const id = nextId(query, total, done);
  return {
    done: done.size,
    total,
    item: id === undefined ? null : itemOf(ledger, id, query),
  };
}

function itemOf(
  ledger: LedgerReader,
  id: number,
  { subject, reviewer, blind = false }: ReviewQuery,
): ReviewItem {
  if (subject === "rows") {
    const row = rowContent(ledger, ledger.get("candidates", id));
    return { subject, id, ...row, content: contentHash(row) };
  }
  const pair = pairContent(ledger, ledger.get("pairs", id));
  const content = contentHash(pair);
  const { prompt, chosen, rejected } = pair;
  const swapped = blind && drawnSwap(reviewer, content);
  return {
    ...{ subject, id, prompt, content, swapped },
    answers: swapped ? [rejected, chosen] : [chosen, rejected],
    chosen: blind ? null : "left",
  };
}

/** The verdict as the ledger keeps it. @throws DashboardFailure */
function checked(ledger: LedgerReader, verdict: NewVerdict): GivenVerdict {
  const { subject, id, reviewer, content } = verdict;
  const found =
    subject === "pairs"
      ? pairContent(ledger, rowOf(ledger, "pairs", id))
      : rowContent(ledger, rowOf(ledger, "candidates", id));
  if (contentHash(found) !== content) throw shownOtherwise(id);
  const given = { reviewer, subject: TABLE_OF[subject], rowId: id, content };
  if (verdict.subject === "rows") {
    const { instruction, input, output } = verdict;
    return { ...given, verdict: { instruction, input, output } };
  }
  const { blind, swapped, better: side } = verdict;
  if (swapped !== (blind && drawnSwap(reviewer, content)))
    throw shownOtherwise(id);
  const isChosen = (side === "left") !== swapped;
  const better = side === "equal" ? side : isChosen ? "chosen" : "rejected";
  return { ...given, verdict: { better, blind, swapped } };
}

function rowOf<T extends ReviewedTable>(
  ledger: LedgerReader,
  table: T,
  id: number,
): Row<T> {
  try {
    return ledger.get(table, id);
  } catch (cause) {
    // Said of a row that is not there, and of nothing else.
    if (cause instanceof AutodidactError && cause.details["id"] === id)
      throw notFound(`row of ${table}`, String(id));
    throw cause;
  }
}

function shownOtherwise(id: number): DashboardFailure {
  return new DashboardFailure(
    "LEDGER",
    `Row ${id} is not what was shown: the ledger was made anew meanwhile, or the verdict does not repeat the item's content and swapped. Nothing was recorded; ask for the next item.`,
  );
}
