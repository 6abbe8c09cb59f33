/**
 * @file The reward source of a round, opened for the models and the truth of this run.
 */
import { derivedSeed, randomStream } from "../../foundation/random.js";
import type {
  GenerateOptions,
  LanguageModel,
} from "../../generation/language-model.js";
import type { Candidate } from "../../rewarding/candidate.js";
import { judgeItems, type JudgeSettings } from "../../rewarding/judge.js";
import {
  givenScore,
  rewardJudgement,
  type Judgement,
} from "../../rewarding/judgement.js";
import type { RewardMeans } from "../../rewarding/sources/reward-source.js";
import { rewardSource } from "../../rewarding/sources/reward-sources.js";
import type { TrainedModel } from "../run/model-stages.js";
import { rewardParts } from "./reward-model-stage.js";
import type { RunContext } from "./run-context.js";

export interface Judge {
  /** As a model's. */
  readonly lanes?: number | undefined;
  /** Of each candidate, in order. */
  readonly samples: (
    candidates: readonly Candidate[],
  ) => Promise<readonly (readonly Judgement[])[]>;
}

/** What judging takes of a run. */
export type JudgeContext = Pick<
  RunContext,
  "recipe" | "form" | "host" | "rewards" | "verifier" | "signal" | "withOutside"
>;

export interface Judges {
  /** The round, from 1. */
  readonly number: number;
  readonly author: TrainedModel;
  readonly frozen: TrainedModel;
  /** Where the recipe's judge is one. */
  readonly rewardModel: TrainedModel | null;
}

/** The judge's settings with the seed of a purpose. */
export function judgeSettings(
  { recipe, form }: Pick<RunContext, "recipe" | "form">,
  ...purpose: readonly (string | number)[]
): JudgeSettings {
  const seed = derivedSeed(recipe.seed, "judge", ...purpose);
  return { ...recipe.judge, seed, ask: form.ask };
}

/** How an outside judge is asked: a user's message, whatever form the run's models have. */
export function outsideJudgeSettings(
  context: Pick<RunContext, "recipe" | "form">,
  purpose: string | number,
): JudgeSettings {
  const { ask: _ask, ...settings } = judgeSettings(context, purpose);
  return settings;
}

/** The model of the run that judges in a round; null where none does. */
export function judgeOf(
  { recipe }: Pick<RunContext, "recipe">,
  round: Judges,
): TrainedModel | null {
  const { judge } = rewardSource(recipe.judge.source);
  return judge === null || judge === "endpoint" ? null : round[judge];
}

/** Opens the judge of a round and gives it to `use`. */
export async function withJudge<T>(
  context: JudgeContext,
  round: Judges,
  use: (judge: Judge) => Promise<T>,
): Promise<T> {
  const { recipe, form, host, verifier, signal } = context;
  const source = rewardSource(recipe.judge.source);
  if (source.judge === null) {
    const means: RewardMeans = {
      truth: ({ prompt, text, finished }) =>
        verifier?.verify({ prompt }, text, finished)?.score ?? null,
      chance: ({ rowId }) =>
        randomStream(recipe.seed, "random-reward", round.number, rowId).next(),
      heads: ({ prompt }) =>
        randomStream(recipe.seed, "coin", round.number, prompt).integer(2) ===
        1,
    };
    return use({
      samples: async (candidates) =>
        candidates.map((each) => [givenScore(source.score(each, means))]),
    });
  }
  if (source.judge === "endpoint") {
    const settings = outsideJudgeSettings(context, round.number);
    return context.withOutside("judge", (model) =>
      use(judgeBy(model, settings, { signal })),
    );
  }
  const path = judgeOf(context, round)?.path ?? "";
  if (source.judge === "rewardModel")
    return rewardParts(context).host.withRewardModel(path, (model) =>
      use({
        samples: async (candidates) => {
          const answers = candidates.map(({ prompt, text }) => ({
            prompt: form.ask(prompt),
            completion: form.answer(text),
          }));
          const rewards = await model.rewards(answers, { signal });
          return rewards.map((reward) => [rewardJudgement(reward)]);
        },
      }),
    );
  const settings = judgeSettings(context, round.number);
  return host.withModel(path, (model) =>
    use(judgeBy(model, settings, { signal })),
  );
}

/** A language model with its rubric as judge. */
export function judgeBy(
  model: LanguageModel,
  settings: JudgeSettings,
  options: GenerateOptions,
): Judge {
  return {
    lanes: model.lanes,
    samples: async (candidates) => {
      const items = candidates.map(({ prompt, text: response }) => ({
        prompt,
        response,
      }));
      const judged = await judgeItems(model, items, settings, options);
      return judged.map(({ samples }) => samples);
    },
  };
}
