/**
 * @file Rows that teach a judge, made of its own judgements where they rank the answers
 * of a pair as the reviewers did (Self-Rewarding, section 3.1).
 */
import { randomStream } from "../../foundation/random.js";
import type { LedgerReader } from "../../ledger/ledger.js";
import type { Row } from "../../ledger/records.js";
import {
  agreeingSample,
  withoutCommonScores,
  type EftRow,
  type JudgedAnswer,
} from "../../rewarding/agreeing-judgements.js";
import { lastByRow, majority, recordedVerdicts } from "./recorded-verdicts.js";

/**
 * Rows as `data.eft` of a recipe reads them, of every pair that has a better side. As in
 * the paper, so many of the commonest score are left out that it is as common as the next.
 */
export function reviewedTeachingRows(ledger: LedgerReader): EftRow[] {
  const rows: EftRow[] = [];
  for (const [id, verdicts] of lastByRow(recordedVerdicts(ledger).pairs)) {
    const better = majority(verdicts);
    if (better === "equal") continue;
    const { chosenId, rejectedId } = ledger.get("pairs", id);
    const sample = agreeingSample([
      judgedAnswer(ledger, chosenId, Number(better !== "chosen")),
      judgedAnswer(ledger, rejectedId, Number(better === "chosen")),
    ]);
    if (Array.isArray(sample)) rows.push(...sample);
  }
  const seed = ledger.run()?.seed ?? 0;
  return withoutCommonScores(rows, randomStream(seed, "review-eft"));
}

function judgedAnswer(
  ledger: LedgerReader,
  candidateId: number,
  rank: number,
): JudgedAnswer {
  const { text: response, promptId } = ledger.get("candidates", candidateId);
  const samples = ledger.read("judgements", { where: { candidateId } });
  return {
    prompt: ledger.get("prompts", promptId).text,
    response,
    rank,
    samples: [...samples].map((row) => ({ ...row, raw: asWritten(row) })),
  };
}

/** A score that was weighed after the judge's words stands as the nearest it could write. */
function asWritten({
  raw,
  rationale,
  score,
  probabilities,
}: Row<"judgements">) {
  return score === null || probabilities === null
    ? raw
    : `${rationale ?? ""}\nScore: ${Math.round(score)}`;
}
