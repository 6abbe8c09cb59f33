/**
 * @file Every model judges every model's candidates: separates better answers from a
 * kinder judge. The diagonal of each round was already bought when a model judged
 * itself; the rest is judged here, on a sample of each model's held-out answers.
 */
import {
  judgeMetrics,
  type JudgedPrompt,
} from "../../evaluation/judge-metrics.js";
import { judgeItems } from "../../rewarding/judge.js";
import type { JudgeSwapReport } from "../../reporting/loop/report.js";
import { allAccepted, runStage } from "../run/run-stage.js";
import type { MeasuredAnswer, Measurement } from "./evaluation-stage.js";
import { judgeSettings } from "./reward.js";
import type { MeasuredModel } from "./measured-model.js";
import type { RunContext } from "./run-context.js";
import { mean } from "../../foundation/statistics.js";

/** Mean score and pairwise accuracy of each judge on each model's answers. */
export async function judgeSwapStage(
  context: RunContext,
  models: readonly Pick<MeasuredModel, "model" | "measurement">[],
): Promise<readonly JudgeSwapReport[]> {
  const { stage } = await runStage(context, {
    name: "judge-swap",
    title: "every model judges every model's answers",
    inputs: models.map(({ model }) => model.weightHash),
    work: async (opened) => {
      const rows: JudgeSwapReport[] = [];
      for (const { model: judge } of models) {
        const scored = await context.host.withModel(
          judge.path,
          async (loaded) => {
            const items = models.flatMap(({ measurement }) =>
              itemsOf(context, measurement),
            );
            return judgeItems(
              loaded,
              items,
              judgeSettings(context, "judge-swap"),
              {
                signal: context.signal,
              },
            );
          },
        );
        let cursor = 0;
        for (const { model, measurement } of models) {
          const items = itemsOf(context, measurement);
          const scores = items.map(() => {
            const judgement = scored[cursor++];
            return judgement?.kind === "score" ? judgement.score : null;
          });
          rows.push({
            judge: judge.id,
            candidatesOf: model.id,
            ...summarize(context, items, scores),
          });
        }
      }
      opened.insert("evaluations", [
        { key: "judge-swap", modelId: null, name: "judge-swap", result: rows },
      ]);
      return { counts: allAccepted(rows.length), output: null };
    },
  });
  return stage.find("evaluations", "judge-swap")
    ?.result as unknown as JudgeSwapReport[];
}

interface SwapItem {
  readonly prompt: string;
  readonly response: string;
  readonly finished: boolean;
}

/** Distinct answers, greedy and sampled, to the held-out prompts. */
function itemsOf({ data }: RunContext, measurement: Measurement): SwapItem[] {
  return data.heldOut.flatMap(({ prompt }, i) => {
    const answers = [
      measurement.greedy[i],
      ...(measurement.sampled[i] ?? []),
    ].filter((answer): answer is MeasuredAnswer => answer !== undefined);
    const distinct = new Map(answers.map((answer) => [answer.text, answer]));
    return [...distinct.values()].map(({ text, finished }) => ({
      prompt,
      response: text,
      finished,
    }));
  });
}

function summarize(
  { verifier }: RunContext,
  items: readonly SwapItem[],
  scores: readonly (number | null)[],
): Omit<JudgeSwapReport, "judge" | "candidatesOf"> {
  const known = scores.filter((score): score is number => score !== null);
  if (verifier === null)
    return { meanScore: mean(known), trueScore: null, pairwiseAccuracy: null };
  const groups = new Map<string, JudgedPrompt[number][]>();
  const truths: number[] = [];
  items.forEach(({ prompt, response, finished }, i) => {
    const truth = verifier.verify(prompt, response, finished)?.score ?? 0;
    truths.push(truth);
    groups.set(prompt, [
      ...(groups.get(prompt) ?? []),
      { judge: scores[i] ?? null, truth },
    ]);
  });
  return {
    meanScore: mean(known),
    trueScore: mean(truths),
    pairwiseAccuracy: judgeMetrics([...groups.values()]).pairwiseAccuracy,
  };
}
