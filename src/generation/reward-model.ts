/**
 * @file A reward model in this process: a number for each answer, by packed batches. An
 * answer's reward depends on its own prompt and text only, to the rounding of a sum.
 */
import type { Checkpoint } from "../checkpoints/checkpoint.js";
import { openModel } from "../checkpoints/open-model.js";
import type { Prompt, TemplateFields } from "../data/records.js";
import type { Device } from "../engine/runtime/device.js";
import { callTokens } from "../models/call-size.js";
import { encodeWhole } from "../models/encode-rows.js";
import { frozenWeights } from "../models/frozen-weights.js";
import { PackedScorer } from "../models/packed-scorer.js";
import { packSequences } from "../models/packing.js";
import { requireRewardHead, rewardSequence } from "../models/reward-head.js";
import type { TokenSequence } from "../models/token-sequence.js";
import type { AskOptions } from "./language-model.js";

export interface AnsweredPrompt extends TemplateFields {
  readonly prompt: Prompt;
  readonly completion: Prompt;
}

export interface RewardModel {
  /** Hash of all that a reward depends on. */
  readonly identity: string;
  readonly checkpoint: Checkpoint;
  /** One number for each, of any size; the larger the better. Progress counts answers. */
  rewards(
    answers: readonly AnsweredPrompt[],
    options?: AskOptions<number>,
  ): Promise<readonly number[]>;
}

/** Opens reward models, frees them whatever happens. */
export interface RewardModelHost {
  withRewardModel<T>(
    folder: string,
    use: (model: RewardModel) => Promise<T>,
  ): Promise<T>;
}

/** Tokens of a call, about. */
const REWARD_TOKENS = 4096;

export function embeddedRewardModelHost(
  device: Device,
  signal?: AbortSignal,
): RewardModelHost {
  return {
    withRewardModel: async (folder, use) => {
      const checkpoint = await openModel(
        folder,
        signal === undefined ? {} : { signal },
      );
      requireRewardHead(checkpoint);
      const weights = frozenWeights(checkpoint, { levels: null });
      const scorer = new PackedScorer(weights, device);
      try {
        const identity = await checkpoint.weightHash();
        return await use({
          identity,
          checkpoint,
          rewards: async (answers, options = {}) =>
            rewardsOf(scorer, checkpoint, {
              sequences: await encoded(checkpoint, answers),
              options,
            }),
        });
      } finally {
        await scorer.release();
        await weights.release();
      }
    },
  };
}

function encoded(
  { tokenizer, config }: Checkpoint,
  answers: readonly AnsweredPrompt[],
): Promise<TokenSequence[]> {
  return Promise.all(
    answers.map(async (answer) =>
      rewardSequence(await encodeWhole(tokenizer, answer), config.padTokenId),
    ),
  );
}

/** Alike lengths together; the rewards do not depend on the grouping. */
async function rewardsOf(
  scorer: PackedScorer,
  { config }: Checkpoint,
  work: {
    readonly sequences: readonly TokenSequence[];
    readonly options: AskOptions<number>;
  },
): Promise<number[]> {
  const { sequences, options } = work;
  const lengthOf = (i: number): number => sequences[i]?.ids.length ?? 1;
  const order = [...sequences.keys()].sort(
    (a, b) => lengthOf(b) - lengthOf(a) || a - b,
  );
  const most = callTokens(config, REWARD_TOKENS);
  const rewards = new Array<number>(sequences.length);
  for (let start = 0; start < order.length;) {
    options.signal?.throwIfAborted();
    const size = Math.max(1, Math.floor(most / lengthOf(order[start] ?? 0)));
    const indices = order.slice(start, start + size);
    const members = indices.map((i) => sequences[i] as TokenSequence);
    const values = await scorer.rewards(packSequences(members));
    for (const [i, index] of indices.entries()) {
      const reward = values[i] ?? Number.NaN;
      rewards[index] = reward;
      options.onAnswer?.(index, reward);
    }
    start += indices.length;
    options.onProgress?.(start);
  }
  return rewards;
}
