/**
 * @file The outside judge of a run, measured on the fixed set before it is trusted.
 */
import {
  fixedSetMetrics,
  type JudgeMetrics,
} from "../../evaluation/judge-metrics.js";
import { scoreItems } from "../../rewarding/judge.js";
import { countsOfKept, runStage } from "../run/run-stage.js";
import { outsideJudgeSettings } from "./reward.js";
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
