/**
 * @file Training of a reward model on ranked pairs, top to bottom.
 *
 * Begins with a model that writes, which gets a new head, or goes on with a reward model.
 * As TRL's RewardTrainer: prompt and answer are read as one text, pairs with a side longer
 * than `maxLength` are left out, the loss is a mean over pairs.
 */
import type { TextTokenizer } from "../checkpoints/tokenizer/tokenizer.js";
import type { RewardRow } from "../data/records.js";
import type { Device } from "../engine/runtime/device.js";
import { AutodidactError } from "../foundation/error.js";
import { mean } from "../foundation/statistics.js";
import { encodeWhole } from "../models/encode-rows.js";
import { packSequences, sharedRowLength } from "../models/packing.js";
import { rewardSequence, withRewardHead } from "../models/reward-head.js";
import { microBatches, stepRows, totalSteps } from "./data-order.js";
import { orderOf } from "./encoded-rows.js";
import { rankingObjective } from "./objectives/ranking.js";
import {
  pairGroups,
  pairTokens,
  sides,
  type EncodedPair,
} from "./preference-pair.js";
import {
  applyUpdate,
  closeSession,
  finishStep,
  openForTraining,
  openSession,
  stopWithinStep,
  tellFirstStep,
  type TrainingSession,
} from "./session.js";
import type { RewardJob, RewardSettings, StepMetrics } from "./trainer.js";

/** A pair as the head reads it. */
export interface RankedPair extends EncodedPair {
  readonly margin: number;
  /** Of both sides, padding included. */
  readonly tokens: number;
  /** Of the longer side. */
  readonly longest: number;
}

/** Trains a reward model on `job.rows` and writes `job.output`. */
export async function trainReward(
  job: RewardJob,
  device: Device,
): Promise<void> {
  const { settings } = job;
  const opened = await openForTraining(job);
  const checkpoint = withRewardHead(opened, settings.seed);
  const pairs = learnable(
    await Promise.all(
      job.rows.map((row) =>
        encodeRanked(checkpoint.tokenizer, row, checkpoint.config.padTokenId),
      ),
    ),
    settings.maxLength,
  );
  const order = orderOf(settings, pairs.length);
  const session = await openSession({
    job,
    checkpoint,
    kind: "reward",
    data: job.rows,
    settings,
    totalSteps: totalSteps(order),
    device,
  });
  if (session === null) return;
  const { model, progress } = session;
  try {
    const rowLength = sharedRowLength(sides(pairs), pairGroups(pairs));
    tellFirstStep(session);
    let tokens = progress.metrics.at(-1)?.num_tokens ?? 0;
    for (const indices of stepRows(order, progress.step)) {
      const step = indices.map((i) => pairs[i] as RankedPair);
      const { loss, ...metrics } = await rankingStep(session, {
        pairs: step,
        settings,
        rowLength,
      });
      tokens += step.reduce((sum, pair) => sum + pair.tokens, 0);
      const update = applyUpdate(session, loss, progress.step);
      await finishStep(session, {
        step: progress.step + 1,
        loss,
        ...update,
        num_tokens: tokens,
        ...metrics,
      });
    }
    await closeSession(session);
  } finally {
    await model.release();
  }
}

/** Tokens of both sides up to the one after which the reward stands. */
export async function encodeRanked(
  tokenizer: TextTokenizer,
  { chosen, rejected, margin = 0, ...asked }: RewardRow,
  padTokenId: number | null,
): Promise<RankedPair> {
  const [better, worse] = await Promise.all(
    [chosen, rejected].map((completion) =>
      encodeWhole(tokenizer, { ...asked, completion }),
    ),
  );
  const lengths = [better?.length ?? 0, worse?.length ?? 0];
  return {
    chosen: rewardSequence(better ?? [], padTokenId),
    rejected: rewardSequence(worse ?? [], padTokenId),
    margin,
    tokens: lengths.reduce((a, b) => a + b, 0),
    longest: Math.max(...lengths),
  };
}

/** The pairs that fit whole, as in TRL. @throws BAD_INPUT when none does */
function learnable(
  pairs: readonly RankedPair[],
  maxLength: number,
): RankedPair[] {
  const kept = pairs.filter(({ longest }) => longest <= maxLength);
  if (kept.length > 0) return kept;
  throw new AutodidactError(
    "BAD_INPUT",
    `None of the ${pairs.length} pairs has both sides within ${maxLength} tokens. Check the rows, or allow longer ones.`,
    { pairs: pairs.length, maxLength },
  );
}

/** Loss, gradients (left in the model) and TRL's metrics of one optimizer step. */
async function rankingStep(
  session: TrainingSession,
  step: {
    readonly pairs: readonly RankedPair[];
    readonly settings: RewardSettings;
    readonly rowLength: number;
  },
): Promise<{ readonly loss: number } & Partial<StepMetrics>> {
  const { settings, pairs } = step;
  const parts = microBatches(pairs, settings.batchSize, {
    tokensOf: pairTokens,
    most: session.model.callTokens,
  });
  let loss = 0;
  const chosen: number[] = [];
  const rejected: number[] = [];
  for (const [index, part] of parts.entries()) {
    await stopWithinStep(session);
    const groups = pairGroups(part);
    const batch = packSequences(sides(part), step.rowLength, groups);
    const objective = rankingObjective(batch, {
      margins: part.map(({ margin }) => margin),
      centerRewardsCoefficient: settings.centerRewardsCoefficient,
      stepPairs: pairs.length,
    });
    const result = await session.model.backward(batch, objective, index > 0);
    const rewards = result.bySequence ?? new Float32Array();
    loss += result.loss;
    chosen.push(...rewards.subarray(0, part.length));
    rejected.push(...rewards.subarray(part.length));
  }
  return { loss, ...rewardMetrics(chosen, rejected, settings.batchSize) };
}

/** Under the names of TRL's RewardTrainer: least and largest of each batch, averaged over the batches. */
function rewardMetrics(
  chosen: readonly number[],
  rejected: readonly number[],
  batchSize: number,
): Partial<StepMetrics> {
  const average = (values: readonly number[]): number => mean(values) ?? 0;
  const batches = microBatches([...chosen.keys()], batchSize).map((batch) =>
    batch.flatMap((i) => [chosen[i] ?? 0, rejected[i] ?? 0]),
  );
  const leads = chosen.map((reward, i) => reward - (rejected[i] ?? 0));
  return {
    min_reward: average(batches.map((rewards) => Math.min(...rewards))),
    mean_reward: average(batches.flat()),
    max_reward: average(batches.map((rewards) => Math.max(...rewards))),
    accuracy: average(leads.map((lead) => Number(lead > 0))),
    margin: average(leads),
  };
}
