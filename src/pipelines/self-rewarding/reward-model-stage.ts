/**
 * @file The reward model of a run: opened, or made of M1 by the rankings that the recipe's
 * data hold, and measured on the fixed set before it is trusted.
 */
import { openModel } from "../../checkpoints/open-model.js";
import type { PreferenceRow } from "../../data/records.js";
import {
  fixedSetMetrics,
  type JudgeMetrics,
} from "../../evaluation/judge-metrics.js";
import { AutodidactError } from "../../foundation/error.js";
import { derivedSeed } from "../../foundation/random.js";
import {
  rewardTraining,
  type RewardTrainingKeys,
} from "../../recipes/training-keys.js";
import { counted } from "../../text/number-words.js";
import {
  openedStage,
  trainStage,
  type TrainedModel,
} from "../run/model-stages.js";
import { countsOfKept, runStage } from "../run/run-stage.js";
import type { LoopData } from "./loop-data.js";
import type { PromptForm } from "./prompt-form.js";
import type { RewardParts, RunContext } from "./run-context.js";
import { optimizationSettings } from "./training-settings.js";

const ID = "reward-model";

/** Its stages, where the recipe's judge is one. */
export const REWARD_MODEL_STAGES = [ID, `${ID}/evaluation`] as const;

export interface MeasuredRewardModel {
  readonly model: TrainedModel;
  /** On the fixed set: whether the right answer gets the larger reward. */
  readonly metrics: JudgeMetrics;
}

/** @throws USAGE without what computes reward models; BAD_INPUT without rankings to learn from */
export async function rewardModelStage(
  context: RunContext,
  first: TrainedModel,
): Promise<MeasuredRewardModel> {
  const parts = rewardParts(context);
  const model =
    parts.given === undefined
      ? await trained(context, parts, first)
      : await opened(context, parts.given);
  return { model, metrics: await measured(context, parts, model) };
}

/** @throws USAGE where nothing computes reward models */
export function rewardParts({ rewards }: Pick<RunContext, "rewards">) {
  if (rewards !== undefined) return rewards;
  throw new AutodidactError(
    "USAGE",
    "judge.source is reward-model, but nothing was given that trains and reads reward models. Give startRun the parts `rewards`.",
  );
}

async function opened(
  context: RunContext,
  folder: string,
): Promise<TrainedModel> {
  const checkpoint = await openModel(folder, { signal: context.signal });
  return openedStage(context, {
    id: ID,
    name: ID,
    title: "the reward model is opened",
    path: folder,
    source: context.recipe.judge.rewardModel ?? folder,
    weightHash: await checkpoint.weightHash(),
    parameters: context.base.parameters,
  });
}

function trained(
  context: RunContext,
  { trainer }: RewardParts,
  first: TrainedModel,
): Promise<TrainedModel> {
  const { recipe, data, form } = context;
  const keys: RewardTrainingKeys =
    recipe.rewardTraining ?? rewardTraining.parse({});
  const { centerRewards: centerRewardsCoefficient, ...shared } = keys;
  const rows = rankedRows(data, form);
  if (rows.length === 0)
    throw new AutodidactError(
      "BAD_INPUT",
      "judge.source is reward-model, but the data hold no rankings: no prompt of data.eft has answers with different scores. Give data.rankings, rows {prompt, chosen, rejected}, or judge.rewardModel.",
    );
  const settings = {
    ...optimizationSettings(context, shared, derivedSeed(recipe.seed, ID)),
    centerRewardsCoefficient,
  };
  return trainStage(context, {
    id: ID,
    parent: first,
    name: ID,
    title: `a reward model learns from ${counted(rows.length, "ranked pair")}`,
    rows,
    sources: rows.map(() => undefined),
    inputs: { settings },
    train: (job) =>
      trainer.reward({ ...job, rows, settings, saveEvery: recipe.saveEvery }),
  });
}

/** The pairs of the recipe's file, or of its EFT rows: of each prompt all whose scores differ. */
export function rankedRows(
  { rankings, eft }: Pick<LoopData, "rankings" | "eft">,
  { ask, answer }: PromptForm,
): PreferenceRow[] {
  const byPrompt = new Map<string, LoopData["eft"][number][]>();
  for (const row of eft)
    byPrompt.set(row.prompt, [...(byPrompt.get(row.prompt) ?? []), row]);
  const pairs =
    rankings ??
    [...byPrompt].flatMap(([prompt, rows]) =>
      rows.flatMap((better) =>
        rows
          .filter(({ score }) => score < better.score)
          .map((worse) => ({
            prompt,
            chosen: better.response,
            rejected: worse.response,
          })),
      ),
    );
  return pairs.map(({ prompt, chosen, rejected }) => ({
    prompt: ask(prompt),
    chosen: answer(chosen),
    rejected: answer(rejected),
  }));
}

async function measured(
  context: RunContext,
  { host }: RewardParts,
  model: TrainedModel,
): Promise<JudgeMetrics> {
  const { data, form, signal } = context;
  const { output } = await runStage(context, {
    name: `${ID}/evaluation`,
    title: "the reward model is measured on the fixed set",
    inputs: { model: model.weightHash },
    work: async () => {
      const rewards = await host.withRewardModel(model.path, (opened) =>
        opened.rewards(
          data.judgeFixed.flatMap(({ prompt, right, corrupted }) =>
            [right, corrupted].map((text) => ({
              prompt: form.ask(prompt),
              completion: form.answer(text),
            })),
          ),
          { signal },
        ),
      );
      return {
        counts: countsOfKept(data.judgeFixed.length),
        output: rewards,
      };
    },
  });
  return fixedSetMetrics(output);
}
