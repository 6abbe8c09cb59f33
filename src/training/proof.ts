/**
 * @file What every trainer does with the rows of a {@link Proof}: tokens, and their summed
 * log-probabilities under the weights it leaves.
 */
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import { encodePair } from "../models/encode-rows.js";
import { packSequences } from "../models/packing.js";
import { targetCount, type TokenSequence } from "../models/token-sequence.js";
import { microBatches } from "./data-order.js";
import type { TrainingJob } from "./trainer.js";
import type { TrainingModel } from "./training-model.js";

/** Rows of the proof as tokens; one that is too long is left empty and scores nothing. */
export function proofSequences(
  { proof }: Pick<TrainingJob, "proof">,
  { tokenizer, config }: Checkpoint,
): Promise<TokenSequence[]> {
  return Promise.all(
    (proof?.rows ?? []).map(async (row) => {
      const sequence = await encodePair(tokenizer, row);
      return sequence.ids.length <= config.maxPositions
        ? sequence
        : { ids: sequence.ids.slice(0, 1), completionStart: 1 };
    }),
  );
}

/** Sums of the learned tokens, in the order given; null for a row without one. */
export async function proofScores(
  model: TrainingModel,
  sequences: readonly TokenSequence[],
): Promise<(number | null)[]> {
  const scores: (number | null)[] = sequences.map((row) =>
    targetCount(row) > 0 ? 0 : null,
  );
  const known = sequences
    .map((sequence, index) => ({ sequence, index }))
    .filter(({ index }) => scores[index] !== null);
  const parts = microBatches(known, known.length, {
    tokensOf: ({ sequence }) => sequence.ids.length,
    most: model.callTokens,
  });
  for (const part of parts) {
    const batch = packSequences(part.map(({ sequence }) => sequence));
    const logProbabilities = await model.logProbabilities(batch);
    for (let slot = 0; slot < batch.targetCount; slot++) {
      const index = part[batch.targetOwners[slot] ?? 0]?.index ?? 0;
      scores[index] = (scores[index] ?? 0) + (logProbabilities[slot] ?? 0);
    }
  }
  return scores;
}
