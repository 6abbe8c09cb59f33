/**
 * @file A model that gives a number for an answer: the decoder with one row of weights
 * for a head (`score.weight`), as the sequence classifiers of `transformers` with one
 * label. The reward stands after the last token that is not padding.
 */
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import { parameterTable } from "../checkpoints/weights/parameter-table.js";
import { AutodidactError } from "../foundation/error.js";
import { randomStream } from "../foundation/random.js";
import type { TokenSequence } from "./token-sequence.js";

export const REWARD_HEAD = "score.weight";

/** Standard deviation of a new head, the usual `initializer_range` of `transformers`. */
const DEVIATION = 0.02;

/** The same decoder with a new head, drawn from the seed; a reward model as it is. */
export function withRewardHead(
  checkpoint: Checkpoint,
  seed: number,
): Checkpoint {
  if (checkpoint.config.rewardHead) return checkpoint;
  const { tokenizer, padTokenId } = checkpoint;
  const config = {
    ...checkpoint.config,
    rewardHead: true,
    // As TRL: the token that the tokenizer pads with is the one not looked at.
    padTokenId:
      tokenizer.padTokenId ??
      [tokenizer.eosTokenId ?? padTokenId].flat()[0] ??
      null,
  } as const;
  const random = randomStream(seed, "reward-head");
  const head = Float32Array.from(
    { length: config.hiddenSize },
    () => DEVIATION * random.normal(),
  );
  return {
    ...checkpoint,
    config,
    parameters: parameterTable(config),
    readParameter: (name) =>
      name === REWARD_HEAD
        ? Promise.resolve(head)
        : checkpoint.readParameter(name),
  };
}

/** Tokens of an answer with one target, behind the last that is not padding. */
export function rewardSequence(
  ids: readonly number[],
  padTokenId: number | null,
): TokenSequence {
  const last = ids.findLastIndex((id) => id !== padTokenId);
  const read = ids.slice(0, Math.max(1, last + 1));
  return { ids: read, completionStart: read.length, options: [0] };
}

/** @throws BAD_CHECKPOINT for a model that writes */
export function requireRewardHead({ config, folder }: Checkpoint): void {
  if (config.rewardHead) return;
  throw new AutodidactError(
    "BAD_CHECKPOINT",
    `${folder} is no reward model: it writes answers and has no head that scores them. Name a checkpoint that "autodidact train reward" made, or a sequence classifier with one label.`,
    { path: folder },
  );
}

/** @throws BAD_CHECKPOINT for a reward model where one that writes is needed */
export function refuseRewardHead({ config, folder }: Checkpoint): void {
  if (!config.rewardHead) return;
  throw new AutodidactError(
    "BAD_CHECKPOINT",
    `${folder} is a reward model: it scores answers and cannot write any. Name a model that generates, or let this one judge with --reward-model.`,
    { path: folder },
  );
}
