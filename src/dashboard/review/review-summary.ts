/**
 * @file What the verdicts amount to: how far judge and reviewers agree, how far reviewers
 * agree with each other, and Self-Instruct's quality table (its table 2).
 *
 * The unit is the pair, or the row; the intervals are Wilson's.
 */
import { wilsonInterval } from "../../evaluation/interval.js";
import { mean } from "../../foundation/statistics.js";
import type { Figure, VerdictSummary } from "../api/api.js";
import {
  lastByRow,
  majority,
  type PairVerdict,
  type RecordedVerdicts,
  type RowVerdict,
} from "./recorded-verdicts.js";

export function reviewSummary(recorded: RecordedVerdicts): VerdictSummary {
  const pairs = [...lastByRow(recorded.pairs).values()];
  const sides = pairs.map(majority);
  const count = (side: PairVerdict["better"]): number =>
    sides.filter((one) => one === side).length;
  const counts = {
    agree: count("chosen"),
    disagree: count("rejected"),
    equal: count("equal"),
  };
  return {
    reviewers: reviewersOf(recorded),
    agreement: shareOf(counts.agree, counts.agree + counts.disagree),
    pairs: counts,
    betweenReviewers: betweenReviewers(pairs),
    without: recorded.without.length,
    quality: quality([...lastByRow(recorded.rows).values()]),
  };
}

/** Everybody who reviewed, with the rows of either kind that have a verdict of theirs. */
function reviewersOf({
  pairs,
  rows,
}: RecordedVerdicts): VerdictSummary["reviewers"] {
  const reviewed = new Map<string, Set<string>>();
  for (const { recorded, rowId } of [...pairs, ...rows]) {
    const { reviewer, subject } = recorded;
    const seen = reviewed.get(reviewer) ?? new Set<string>();
    reviewed.set(reviewer, seen.add(`${subject}/${rowId}`));
  }
  return [...reviewed].map(([reviewer, seen]) => ({
    reviewer,
    verdicts: seen.size,
  }));
}

/** Of pairs on which two or more took a side: the share on which all took the same. */
function betweenReviewers(
  pairs: readonly (readonly PairVerdict[])[],
): VerdictSummary["betweenReviewers"] {
  const decided = pairs
    .map((verdicts) => verdicts.filter(({ better }) => better !== "equal"))
    .filter((verdicts) => verdicts.length > 1);
  const unanimous = decided.filter(
    (verdicts) => new Set(verdicts.map(({ better }) => better)).size === 1,
  );
  const agreement = shareOf(unanimous.length, decided.length);
  return agreement === null ? null : { pairs: decided.length, agreement };
}

/** Where several reviewed a row, it counts by the share of them that said yes. */
function quality(
  rows: readonly (readonly RowVerdict[])[],
): VerdictSummary["quality"] {
  if (rows.length === 0) return null;
  const share = (holds: (verdict: RowVerdict) => boolean): Figure => {
    const yes = rows.map(
      (verdicts) => mean(verdicts.map((one) => Number(holds(one)))) ?? 0,
    );
    return wilsonInterval(mean(yes) ?? 0, rows.length);
  };
  return {
    rows: rows.length,
    instruction: share(({ instruction }) => instruction),
    input: share(({ input }) => input),
    output: share(({ output }) => output),
    all: share(
      ({ instruction, input, output }) => instruction && input && output,
    ),
  };
}

function shareOf(part: number, whole: number): Figure | null {
  return whole === 0 ? null : wilsonInterval(part / whole, whole);
}
