/**
 * @file The verifier of rows that carry constraints (`instruction_id_list`, `kwargs`): the
 * score is the share of them that the response follows strictly.
 */
import { TOP_SCORE } from "../../rewarding/judgement.js";
import { checksOf } from "./constraints/constrained-prompts.js";
import { followed } from "./constraints/constraints.js";
import type { Verifier } from "./verifier.js";

export const constraints: Verifier = {
  verify: (row, response) => {
    const found = checksOf(row);
    if (found === null) return null;
    const held = followed(found.checks, response);
    const { strict } = held;
    const share = strict.filter(Boolean).length / strict.length;
    return { score: TOP_SCORE * share, correct: share === 1, followed: held };
  },
  familyOf: (row) => checksOf(row)?.ids.join(" + ") ?? null,
};
