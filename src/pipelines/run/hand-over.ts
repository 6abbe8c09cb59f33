/**
 * @file The proof that who generates has the model that was trained.
 *
 * Rows are scored by the trainer, with the weights it leaves, and by the host, from the
 * checkpoint that was made of them: another file or a truncated one would show. Tokenizer
 * and templates are hashed besides, since a change to them may spare those rows. Needed
 * wherever trainer and host are not one engine.
 */
import { companionHashes } from "../../checkpoints/checkpoint.js";
import { openModel } from "../../checkpoints/open-model.js";
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
  /**
   * @throws BAD_CHECKPOINT with both hashes for another tokenizer or template than the
   *   parent's, NUMERIC with both numbers where they differ by more than the tolerance
   */
  readonly require: (
    host: ModelHost,
    made: { readonly checkpoint: string; readonly parent: string },
  ) => Promise<void>;
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
    require: async (host, { checkpoint, parent }) => {
      await requireSameCompanions(checkpoint, parent);
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

/** A trainer leaves tokenizer, templates and generation settings as it found them. */
async function requireSameCompanions(
  checkpoint: string,
  parent: string,
): Promise<void> {
  const { folder } = await openModel(parent);
  const [given, left] = await Promise.all([
    companionHashes(folder),
    companionHashes(checkpoint),
  ]);
  const name = Object.keys({ ...given, ...left }).find(
    (name) => given[name] !== left[name],
  );
  if (name === undefined) return;
  const told = (hash = "not there") => hash.slice(0, 16);
  throw new AutodidactError(
    "BAD_CHECKPOINT",
    `The trainer was given one ${name} and ${checkpoint} has another: ${told(given[name])} in ${folder}, ${told(left[name])} there (SHA-256). Its model would be asked in other tokens than it learned. Delete that folder and run the same command again; look for what changes the file where it comes again.`,
    { path: checkpoint, file: name, given: folder },
  );
}
