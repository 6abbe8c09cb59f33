/**
 * @file The proof that who generates has the model that was trained.
 *
 * Rows are scored by the trainer, with the weights it leaves, and by the host, from the
 * checkpoint that was made of them: another file, a truncated one, another tokenizer or
 * another template would show. Needed wherever trainer and host are not one engine.
 */
import type {
  PreferenceRow,
  PromptCompletionRow,
  SupervisedRow,
} from "../../data/records.js";
import { AutodidactError } from "../../foundation/error.js";
import type { ModelHost } from "../../generation/language-model.js";
import type { Proof } from "../../training/trainer.js";

export interface HandOver {
  /** Nats a token by which the two may differ on a row. */
  readonly tolerance: number;
}

const MOST_ROWS = 32;

/** Rows from all over the training rows; conversations without a prompt are left out. */
function proofRows(
  rows: readonly (SupervisedRow | PreferenceRow)[],
): PromptCompletionRow[] {
  const scored = rows.flatMap((row): PromptCompletionRow[] => {
    if ("messages" in row) return [];
    if (!("chosen" in row)) return [withoutWeight(row)];
    const { chosen, rejected: _rejected, ...asked } = row;
    return [{ ...asked, completion: chosen }];
  });
  const step = Math.max(1, scored.length / MOST_ROWS);
  return Array.from(
    { length: Math.min(MOST_ROWS, scored.length) },
    (_, i) => scored[Math.floor(i * step)] as PromptCompletionRow,
  );
}

function withoutWeight({
  weight: _weight,
  ...row
}: PromptCompletionRow): PromptCompletionRow {
  return row;
}

/** What a trainer is given, and what is then asked of the host. */
export function handOverProof(
  rows: readonly (SupervisedRow | PreferenceRow)[],
  { tolerance }: HandOver,
): {
  readonly proof: Proof;
  /** @throws NUMERIC with both numbers where they differ by more than the tolerance */
  readonly require: (host: ModelHost, checkpoint: string) => Promise<void>;
} {
  const asked = proofRows(rows);
  let told: readonly (number | null)[] = [];
  return {
    proof: {
      rows: asked,
      onScores: (scores) => {
        told = scores;
      },
    },
    require: async (host, checkpoint) => {
      const known = asked.flatMap((row, i) => {
        const trained = told[i] ?? null;
        return trained === null ? [] : [{ row, trained }];
      });
      if (known.length === 0) return;
      const scores = await host.withModel(checkpoint, (model) =>
        model.score(known.map(({ row }) => row)),
      );
      known.forEach(({ trained }, i) => {
        const { logprob = Number.NaN, tokens = 1 } = scores[i] ?? {};
        if (Math.abs(logprob - trained) <= tolerance * Math.max(1, tokens))
          return;
        throw new AutodidactError(
          "NUMERIC",
          `Trainer and generator do not have the same model ${checkpoint}: of one of its training rows the trainer makes a log-probability of ${trained.toFixed(4)}, the generator ${logprob.toFixed(4)} over ${tokens} tokens, and ${tolerance} a token is allowed. Look whether another checkpoint, tokenizer or template is served; where the difference is rounding, raise engine.train.tolerance.`,
          { path: checkpoint, trained, generated: String(logprob), tokens },
        );
      });
    },
  };
}
