/**
 * @file The verdicts of a ledger that count: on a row that is still what its reviewer
 * saw, and the last of each reviewer on each row.
 */
import { z } from "zod";
import type { LedgerReader } from "../../ledger/ledger.js";
import type { RecordedVerdict } from "../../ledger/verdicts.js";
import {
  contentHash,
  pairContent,
  rowContent,
  type PairContent,
  type RowContent,
} from "./review-items.js";

/** How a verdict on a pair lies in the ledger. */
const pairVerdict = z.object({
  better: z.enum(["chosen", "rejected", "equal"]),
  /** Whether the judge's choice was hidden. */
  blind: z.boolean(),
  /** Whether the chosen answer stood on the right. */
  swapped: z.boolean(),
});

/** How a verdict on a row lies in the ledger: Self-Instruct's three questions. */
const rowVerdict = z.object({
  instruction: z.boolean(),
  input: z.boolean(),
  output: z.boolean(),
});

export type PairVerdict = Readonly<z.output<typeof pairVerdict>>;
export type RowVerdict = Readonly<z.output<typeof rowVerdict>>;

interface Said<Content, Words> {
  readonly recorded: RecordedVerdict;
  readonly rowId: number;
  readonly content: Content;
  readonly verdict: Words;
}

export interface RecordedVerdicts {
  /** In the order given. */
  readonly pairs: readonly Said<PairContent, PairVerdict>[];
  readonly rows: readonly Said<RowContent, RowVerdict>[];
  /** Verdicts whose row is not there, or is another, since the ledger was made anew. */
  readonly without: readonly RecordedVerdict[];
}

/** Every verdict, or those that are `wanted`, with the row each was given on. */
export function recordedVerdicts(
  ledger: LedgerReader,
  wanted: (verdict: RecordedVerdict) => boolean = () => true,
): RecordedVerdicts {
  const pairs: Said<PairContent, PairVerdict>[] = [];
  const rows: Said<RowContent, RowVerdict>[] = [];
  const without: RecordedVerdict[] = [];
  for (const recorded of ledger.verdicts().filter(wanted)) {
    const { rowId, subject, content: hash, verdict } = recorded;
    if (rowId === null) {
      without.push(recorded);
    } else if (subject === "pairs") {
      const content = pairContent(ledger, ledger.get("pairs", rowId));
      if (contentHash(content) !== hash) without.push(recorded);
      else
        pairs.push({
          ...{ recorded, rowId, content },
          verdict: pairVerdict.parse(verdict),
        });
    } else {
      const content = rowContent(ledger, ledger.get("candidates", rowId));
      if (contentHash(content) !== hash) without.push(recorded);
      else
        rows.push({
          ...{ recorded, rowId, content },
          verdict: rowVerdict.parse(verdict),
        });
    }
  }
  return { pairs, rows, without };
}

/** By row, the last verdict of each reviewer. */
export function lastByRow<Words>(
  verdicts: readonly Said<unknown, Words>[],
): ReadonlyMap<number, readonly Words[]> {
  const byRow = new Map<number, Map<string, Words>>();
  for (const { rowId, recorded, verdict } of verdicts) {
    const said = byRow.get(rowId) ?? new Map<string, Words>();
    said.set(recorded.reviewer, verdict);
    byRow.set(rowId, said);
  }
  return new Map([...byRow].map(([id, said]) => [id, [...said.values()]]));
}

/** What most reviewers say of a pair; `equal` where as many say the one as the other. */
export function majority(
  verdicts: readonly Pick<PairVerdict, "better">[],
): PairVerdict["better"] {
  const votes = (side: PairVerdict["better"]): number =>
    verdicts.filter(({ better }) => better === side).length;
  const lead = votes("chosen") - votes("rejected");
  if (lead === 0) return "equal";
  return lead > 0 ? "chosen" : "rejected";
}
