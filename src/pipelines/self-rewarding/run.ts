/**
 * @file The self-rewarding loop, top to bottom: M0 → M1 → rounds → report.
 *
 * Every step is a stage of the ledger; a stage that an earlier process finished is read
 * back instead of run. The truth (a verifier) is only ever measured with, except in the
 * control arm named for it; the gate and the stop rule look at the judge's fixed set.
 */
import { shouldStop, type StopDecision } from "../../evaluation/stop-rule.js";
import { findWarnings } from "../../evaluation/warnings.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import { candidateStage } from "./candidate-stage.js";
import { judgementStage } from "./judgement-stage.js";
import { passGate } from "./gate.js";
import { headToHeadStage } from "./head-to-head-stage.js";
import { judgeSwapStage } from "./judge-swap-stage.js";
import { JUDGE_DATA_STAGES, makeJudgeData } from "./judge-data-stages.js";
import { baseStage, type TrainedModel } from "../run/model-stages.js";
import { preferStage, teachStage } from "./model-stages.js";
import {
  OUTSIDE_JUDGE_STAGES,
  OUTSIDE_SCORES_STAGES,
  outsideJudgeStage,
  outsideScoresStage,
} from "./outside-judge-stage.js";
import { pairStage } from "./pair-stage.js";
import { promptStage } from "./prompt-stage.js";
import { rewardSource } from "../../rewarding/sources/reward-sources.js";
import type { Judges } from "./reward.js";
import { REWARD_MODEL_STAGES, rewardModelStage } from "./reward-model-stage.js";
import { writeAnswers } from "./answer-files.js";
import { buildReport } from "./build-report.js";
import type { RoundRecord } from "./round-record.js";
import {
  historyOf,
  measureModel,
  type MeasuredModel,
} from "./measured-model.js";
import type { RunContext } from "./run-context.js";
import { seedStage } from "./seed-stage.js";
import { teachingRows } from "./teaching-rows.js";
import type { RunReport } from "../../reporting/self-rewarding/schema.js";

/** Its stages. A loop that its stop rule ends goes straight to those after the rounds. */
export function loopStages({
  rounds,
  judge,
  judgeData,
}: Pick<SelfRewardingRecipe, "rounds" | "judge" | "judgeData">): string[] {
  return [
    "seeds",
    "M0/base",
    "M0/evaluation",
    ...(judgeData === undefined ? [] : JUDGE_DATA_STAGES),
    "M1/teach",
    "M1/evaluation",
    ...(isRewardModel(judge) ? REWARD_MODEL_STAGES : []),
    ...(isOutside(judge) ? OUTSIDE_JUDGE_STAGES : []),
    ...Array.from({ length: rounds }, (_, i) => i + 1).flatMap((round) => [
      `round-${round}/prompts`,
      `round-${round}/candidates`,
      `round-${round}/judgements`,
      `round-${round}/pairs`,
      `round-${round}/train`,
      `M${round + 1}/evaluation`,
    ]),
    "judge-swap",
    "head-to-head",
    ...(isOutside(judge) || isRewardModel(judge) ? OUTSIDE_SCORES_STAGES : []),
  ];
}

/**
 * Runs the loop or continues it.
 *
 * @param force go on although the judge failed the gate
 * @returns the report; nothing is printed
 * @throws GATE when the judge is too weak to begin, after a report was made by `onGate`
 */
export async function runSelfRewarding(
  context: RunContext,
  options: {
    readonly force: boolean;
    readonly onGate: (report: RunReport) => Promise<void>;
  },
): Promise<RunReport> {
  const { recipe, emit } = context;
  const models: MeasuredModel[] = [];
  const rounds: RoundRecord[] = [];
  const measure = async (model: TrainedModel): Promise<MeasuredModel> => {
    const measured = await measureModel(context, model);
    models.push(measured);
    await writeAnswers(context, measured);
    return measured;
  };

  await seedStage(context);
  const base = await baseStage(context);
  await measure(base);

  const judgeData =
    recipe.judgeData === undefined
      ? null
      : await makeJudgeData(context, base, recipe.judgeData);
  const teaching = teachingRows(context, recipe.seed, judgeData?.rows);
  const first = await teachStage(context, base, teaching);
  const taught = await measure(first);

  const rewardModel = isRewardModel(recipe.judge)
    ? await rewardModelStage(context, first)
    : null;
  const gate = await passGate(
    context,
    rewardModel?.metrics ??
      (isOutside(recipe.judge)
        ? await outsideJudgeStage(context)
        : taught.figures.judgeFixed),
    {
      force: options.force,
      leave: (failed) =>
        options.onGate(
          buildReport(context, {
            ...{ models, rounds, gate: failed, stop: null },
            ...{ judgeSwap: [], headToHead: [], outside: null },
            judgeData: judgeData?.counts ?? null,
          }),
        ),
    },
  );

  let current = first;
  let stop: StopDecision | null = null;
  const told = new Set<string>();
  const decide = (): boolean => {
    emitWarnings(context, { models, rounds, told });
    const decision = shouldStop(recipe.stop, historyOf(models, rounds));
    if (decision.stop) stop = decision;
    return decision.stop;
  };
  for (let number = 1; number <= recipe.rounds; number++) {
    const to = `M${number + 1}`;
    emit({
      type: "round-start",
      round: number,
      rounds: recipe.rounds,
      from: current.id,
      to,
    });
    const round = await gatherPairs(context, {
      number,
      author: current,
      frozen: first,
      rewardModel: rewardModel?.model ?? null,
    });
    rounds.push(round);
    // Data too poor to train on leave the model as it is.
    if (decide()) break;
    const next = await preferStage(context, {
      round: number,
      from: current,
      pairs: round.outcome.pairs,
      judged: round.judged,
      teaching,
    });
    await measure(next);
    emit({
      type: "round-end",
      round: number,
      from: current.id,
      to,
      pairs: round.outcome.pairs.length,
    });
    current = next;
    if (decide()) break;
  }
  const judges = models.slice(1);
  return buildReport(context, {
    models,
    rounds,
    gate,
    stop,
    judgeSwap: await judgeSwapStage(context, judges),
    headToHead: await headToHeadStage(context, judges),
    outside:
      isOutside(recipe.judge) || rewardModel !== null
        ? await outsideScoresStage(context, judges, {
            frozen: first,
            rewardModel: rewardModel?.model ?? null,
          })
        : null,
    judgeData: judgeData?.counts ?? null,
  });
}

function isOutside({ source }: SelfRewardingRecipe["judge"]): boolean {
  return rewardSource(source).judge === "endpoint";
}

function isRewardModel({ source }: SelfRewardingRecipe["judge"]): boolean {
  return rewardSource(source).judge === "rewardModel";
}

/** The data of one round: prompts → candidates → judgements → pairs. */
async function gatherPairs(
  context: RunContext,
  step: Judges,
): Promise<RoundRecord> {
  const { number, author } = step;
  const { prompts, output: writing } = await promptStage(
    context,
    number,
    author,
  );
  const candidates = await candidateStage(context, {
    name: `round-${number}/candidates`,
    purpose: ["round", number],
    ...{ author, prompts, settings: context.recipe.candidates },
  });
  const judged = await judgementStage(context, step, candidates);
  const outcome = await pairStage(context, number, judged.judged);
  return {
    number,
    from: author.id,
    to: `M${number + 1}`,
    prompts,
    writing,
    ...judged,
    outcome,
  };
}

/** Tells of every warning once, when it first shows. */
function emitWarnings(
  context: RunContext,
  record: {
    readonly models: readonly MeasuredModel[];
    readonly rounds: readonly RoundRecord[];
    readonly told: Set<string>;
  },
): void {
  const { models, rounds, told } = record;
  for (const { code, where, sentence } of findWarnings(
    historyOf(models, rounds),
  )) {
    const key = `${code} ${where}`;
    if (told.has(key)) continue;
    told.add(key);
    context.emit({ type: "warning", code, message: sentence });
  }
}
