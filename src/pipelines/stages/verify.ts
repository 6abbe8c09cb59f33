/**
 * @file Answers scored by a verifier, in the rows of a judge, so that what reads those
 * reads these.
 */
import type { Verifier } from "../../evaluation/verifiers/verifier.js";
import {
  shownPrompt,
  type JudgedRow,
  type ResponseRow,
} from "./prompt-rows.js";

/** A row for each given, in order; an abstention where the row says nothing to check. */
export function verifiedRows(
  rows: readonly ResponseRow[],
  verifier: Verifier,
): JudgedRow[] {
  return rows.map((row) => {
    const asked = { ...row, prompt: shownPrompt(row.prompt) };
    // What does not say otherwise ended by itself, as for pairs.
    const finished = row["finished"] !== false;
    const score = verifier.verify(asked, row.response, finished)?.score ?? null;
    const kind = score === null ? "abstention" : "score";
    return {
      ...row,
      ...{ score, variance: score === null ? null : 0, kind },
      judgements: [{ kind, score, raw: "", constrained: false }],
    };
  });
}
