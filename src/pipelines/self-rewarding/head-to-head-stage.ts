/**
 * @file Successive models against each other on the held-out prompts, by the verifier and
 * by the newer model's own judge.
 */
import { z } from "zod";
import { headToHead } from "../../evaluation/head-to-head.js";
import type { HeadToHeadReport } from "../../reporting/self-rewarding/schema.js";
import { scoreItems } from "../../rewarding/judge.js";
import { countsOfKept, runStage } from "../run/run-stage.js";
import { judgeSettings } from "./reward.js";
import type { RunContext } from "./run-context.js";
import type { MeasuredModel } from "./measured-model.js";

/** Expected scores hardly ever tie exactly; closer than this counts as a tie. */
const OWN_JUDGE_MARGIN = 0.1;

const opponentScores = z.array(z.number().nullable());

/** @param taught M1, M2, … in order */
export async function headToHeadStage(
  context: RunContext,
  taught: readonly MeasuredModel[],
): Promise<HeadToHeadReport[]> {
  const pairs = taught
    .slice(1)
    .map((left, i) => ({ left, right: taught[i] as MeasuredModel }));
  if (pairs.length === 0) return [];
  const { stage } = await runStage(context, {
    name: "head-to-head",
    title: "each model's answers are set against the earlier model's",
    inputs: taught.map(({ model }) => model.weightHash),
    work: async (opened) => {
      for (const { left, right } of pairs) {
        const result = await context.host.withModel(left.model.path, (judge) =>
          scoreItems(
            judge,
            context.data.heldOut.map(({ prompt }, i) => ({
              prompt,
              response: right.measurement.greedy[i]?.text ?? "",
            })),
            judgeSettings(context, "head-to-head"),
            { signal: context.signal },
          ),
        );
        opened.insert("evaluations", [
          {
            key: left.model.id,
            modelId: left.model.rowId,
            name: "opponent-scores",
            result,
          },
        ]);
      }
      return { counts: countsOfKept(pairs.length), output: null };
    },
  });
  return pairs.map(({ left, right }) => {
    const opponent = opponentScores.parse(
      stage.find("evaluations", left.model.id)?.result,
    );
    const truth = (model: MeasuredModel) =>
      model.truth?.greedy.map(({ score }) => score) ?? [];
    return {
      left: left.model.id,
      right: right.model.id,
      ...headToHead(truth(left), truth(right)),
      ownJudge: {
        judge: left.model.id,
        ...headToHead(left.measurement.selfScores, opponent, OWN_JUDGE_MARGIN),
      },
    };
  });
}
