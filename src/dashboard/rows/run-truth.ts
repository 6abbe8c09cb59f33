/**
 * @file What a run knows beside its rows: the verifier of its recipe, and how each model
 * judged its own answers to the held-out prompts.
 */
import { z } from "zod";
import {
  VERIFIER_NAMES,
  verifierNamed,
} from "../../evaluation/verifiers/verifiers.js";
import type { LedgerReader } from "../../ledger/ledger.js";
import type { TrueScore } from "./computed-columns.js";
import type { SelfScores } from "./held-out.js";

const recipeSchema = z.object({ verifier: z.string() });
const measurement = z.object({ selfScores: z.array(z.number().nullable()) });

/** Null where the run has no verifier. */
export function trueScoreBy(reader: LedgerReader): TrueScore | null {
  const recipe = recipeSchema.safeParse(reader.run()?.recipe).data;
  const name = VERIFIER_NAMES.find((one) => one === recipe?.verifier);
  const verifier = name === undefined ? null : verifierNamed(name);
  return verifier === null
    ? null
    : (prompt, answer, finished) =>
        verifier.verify({ prompt }, answer, finished)?.score ?? null;
}

/** Kept once read: a measurement never changes. */
export function selfScores(reader: LedgerReader): SelfScores {
  const known = new Map<string, readonly (number | null)[]>();
  return (model) => {
    const before = known.get(model);
    if (before !== undefined) return before;
    const [row] = reader.read("models", { where: { name: model } });
    const rows = reader.read("evaluations", {
      where: { name: "measurement", modelId: row?.id ?? 0 },
    });
    for (const { result } of rows) {
      const found = measurement.safeParse(result).data?.selfScores;
      if (found === undefined) continue;
      known.set(model, found);
      return found;
    }
    return [];
  };
}
