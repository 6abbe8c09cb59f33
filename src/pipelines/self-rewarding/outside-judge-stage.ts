/**
 * @file The outside judge of a run: a model behind an endpoint, measured on the fixed set
 * before it is trusted, or a reward model; and what it says of each model's held-out
 * answers, to stand beside what that model and the truth say of them.
 */
import {
  fixedSetMetrics,
  type JudgeMetrics,
} from "../../evaluation/judge-metrics.js";
import { bootstrapMean } from "../../evaluation/interval.js";
import { randomStream } from "../../foundation/random.js";
import type { ModelReport } from "../../reporting/self-rewarding/schema.js";
import { scoreItems } from "../../rewarding/judge.js";
import { averageJudgements } from "../../rewarding/judgement.js";
import { countsOfKept, runStage } from "../run/run-stage.js";
import type { MeasuredModel } from "./measured-model.js";
import { outsideJudgeSettings, withJudge, type Judges } from "./reward.js";
import type { RunContext } from "./run-context.js";

/** Its stage, where an outside model judges. */
export const OUTSIDE_JUDGE_STAGES = ["outside-judge/evaluation"] as const;

/** The outside judge on the fixed set, before it is trusted. */
export async function outsideJudgeStage(
  context: RunContext,
): Promise<JudgeMetrics> {
  const { data, recipe, signal } = context;
  const settings = outsideJudgeSettings(context, "evaluation");
  const { output } = await runStage<(number | null)[]>(context, {
    name: OUTSIDE_JUDGE_STAGES[0],
    title: `${recipe.judge.endpoint?.model ?? ""} is measured on the fixed set`,
    inputs: { endpoint: recipe.judge.endpoint, settings },
    work: async () => ({
      counts: countsOfKept(data.judgeFixed.length),
      output: await context.withOutside("judge", (model) =>
        scoreItems(
          model,
          data.judgeFixed.flatMap(({ prompt, right, corrupted }) => [
            { prompt, response: right },
            { prompt, response: corrupted },
          ]),
          settings,
          { signal },
        ),
      ),
    }),
  });
  return fixedSetMetrics(output);
}

/** Its last stage, where a judge rewards that is none of the run's language models. */
export const OUTSIDE_SCORES_STAGES = ["outside-judge/held-out"] as const;

/** What the outside judge says of each model's greedy held-out answers, by the model's id. */
export async function outsideScoresStage(
  context: RunContext,
  models: readonly MeasuredModel[],
  judges: Pick<Judges, "frozen" | "rewardModel">,
): Promise<ReadonlyMap<string, NonNullable<ModelReport["outside"]>>> {
  const { data, recipe } = context;
  const { endpoint, source } = recipe.judge;
  const judge = endpoint?.model ?? source;
  const { output } = await runStage<(number | null)[]>(context, {
    name: OUTSIDE_SCORES_STAGES[0],
    title: `${judge} judges every model's held-out answers`,
    inputs: [
      endpoint ?? judges.rewardModel?.weightHash,
      models.map(({ model }) => model.weightHash),
    ],
    work: async () => {
      const answers = models.flatMap(({ measurement: { greedy } }) =>
        greedy.map(({ text, finished }, i) => ({
          ...{ rowId: i, promptId: i, text, finished },
          prompt: data.heldOut[i]?.prompt ?? "",
        })),
      );
      // No round: the seed of its judgements is that of none.
      const round = { ...judges, number: 0, author: judges.frozen };
      const judged = await withJudge(context, round, ({ samples }) =>
        samples(answers),
      );
      const scores = judged.map((samples) => {
        const reward = averageJudgements(samples);
        return reward.kind === "score" ? reward.score : null;
      });
      const scored = scores.filter((score) => score !== null).length;
      return { counts: countsOfKept(scores.length, scored), output: scores };
    },
  });
  const { seed, evaluation } = recipe;
  let next = 0;
  return new Map(
    models.map(({ model: { id }, measurement: { greedy } }) => {
      const scores = output.slice(next, (next += greedy.length));
      const reward = bootstrapMean(
        scores.filter((score) => score !== null),
        {
          random: randomStream(seed, "bootstrap", "outside", id),
          resamples: evaluation.resamples,
        },
      );
      return [id, { judge, reward }];
    }),
  );
}
