/**
 * @file Every model judges every model's answers. The diagonal of each round was already
 * bought when a model judged itself; the rest is judged here, on each model's held-out
 * answers.
 */
import { z } from "zod";
import { swapFigures, swapItems } from "../../evaluation/judge-swap.js";
import {
  judgeSwap,
  type JudgeSwapReport,
} from "../../reporting/self-rewarding/schema.js";
import { scoreItems } from "../../rewarding/judge.js";
import { countsOfKept, runStage } from "../run/run-stage.js";
import { judgeSettings } from "./reward.js";
import type { RunContext } from "./run-context.js";
import type { MeasuredModel } from "./measured-model.js";

/** Mean score and pairwise accuracy of each judge on each model's answers. */
export async function judgeSwapStage(
  context: RunContext,
  models: readonly MeasuredModel[],
): Promise<readonly JudgeSwapReport[]> {
  const { host, data, verifier, signal } = context;
  const { stage } = await runStage(context, {
    name: "judge-swap",
    title: "every model judges every model's answers",
    inputs: models.map(({ model }) => model.weightHash),
    work: async (opened) => {
      const answers = models.map(({ model, measurement }) => ({
        candidatesOf: model.id,
        items: swapItems(data, measurement),
      }));
      const rows = new Map<string, JudgeSwapReport[]>();
      // The last model is there already, and the next stage begins with the second.
      for (const { model: judge } of [
        ...models.slice(-1),
        ...models.slice(0, -1),
      ]) {
        const scores = await host.withModel(judge.path, (loaded) =>
          scoreItems(
            loaded,
            answers.flatMap(({ items }) => items),
            judgeSettings(context, "judge-swap"),
            { signal },
          ),
        );
        let first = 0;
        const judged = answers.map(({ candidatesOf, items }) => {
          const given = scores.slice(first, (first += items.length));
          const figures = swapFigures(items, given, verifier);
          return { judge: judge.id, candidatesOf, ...figures };
        });
        rows.set(judge.id, judged);
      }
      const result = models.flatMap(({ model }) => rows.get(model.id) ?? []);
      opened.insert("evaluations", [
        { key: "judge-swap", modelId: null, name: "judge-swap", result },
      ]);
      return { counts: countsOfKept(result.length), output: null };
    },
  });
  return z
    .array(judgeSwap)
    .parse(stage.find("evaluations", "judge-swap")?.result);
}
