/**
 * @file The loop explained from its recipe alone, stage by stage: `autodidact run --plan`.
 * Every stage of `loopStages` has its explanation here; bounds are upper ones, since a
 * loop may end early and answers may end by themselves.
 */
import { existsSync } from "node:fs";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import { formOf } from "../../rewarding/judge.js";
import { rewardSource } from "../../rewarding/sources/reward-sources.js";
import {
  explained,
  boundSum,
  boundTimes,
  trainingBounds,
  type Bound,
  type ExplainedStage,
} from "../run/explained-stage.js";
import { loadLoopData, type LoopData } from "./loop-data.js";
import { loopStages } from "./run.js";

/** Sizes of the recipe's files; what is not there is not known. */
interface Sizes {
  readonly taught: Bound;
  /** Prompts and answers of known order that judge data are made of. */
  readonly orderedPrompts: Bound;
  readonly ordered: Bound;
  readonly heldOut: Bound;
  /** Pairs of the fixed set. */
  readonly fixed: Bound;
  /** Answers that a judge is measured on. */
  readonly judged: Bound;
}

interface Explaining {
  readonly recipe: SelfRewardingRecipe;
  readonly sizes: Sizes;
}

/**
 * Stages in order.
 * @throws BAD_INPUT for files that are there and cannot be used
 */
export async function explainLoop(
  recipe: SelfRewardingRecipe,
): Promise<ExplainedStage[]> {
  const sizes = await sizesOf(recipe);
  return loopStages(recipe).map((stage) =>
    explainStage(stage, { recipe, sizes }),
  );
}

async function sizesOf(recipe: SelfRewardingRecipe): Promise<Sizes> {
  const { data: files, prompts, teaching } = recipe;
  const { ift, eft, heldOut, judgeFixed, judgeTest, rankings } = files;
  const all = [
    ift,
    eft,
    heldOut,
    judgeFixed,
    judgeTest,
    rankings,
    prompts.file,
    recipe.judgeData?.file,
  ];
  if (all.some((path) => path !== undefined && !existsSync(path)))
    return {
      ...{ taught: null, ordered: null, orderedPrompts: null },
      ...{ heldOut: files.heldOutRows, judged: null, fixed: null },
    };
  const data: LoopData = await loadLoopData(recipe);
  const known = data.judgeData?.prompts.length ?? 0;
  return {
    taught: data.ift.length + data.eft.length + teaching.promptWritingRows,
    orderedPrompts: known,
    ordered: data.judgeData?.answers?.flat().length ?? 2 * known,
    heldOut: data.heldOut.length,
    fixed: data.judgeFixed.length,
    judged:
      2 * data.judgeFixed.length +
      data.judgeTest.reduce((sum, { responses }) => sum + responses.length, 0),
  };
}

/** Each kind of stage by the end of its name, with what stands before it. */
const STAGES: Readonly<
  Record<
    string,
    (at: Explaining, owner: string, stage: string) => ExplainedStage
  >
> = {
  seeds: (_, _owner, stage) => explained(stage, "IFT and EFT rows are read"),
  base: (_, _owner, stage) =>
    explained(stage, "the base model is opened and hashed", { model: "M0" }),
  teach: ({ recipe, sizes }, _owner, stage) =>
    explained(stage, "M0 is taught on IFT and EFT rows", {
      ...{ engine: "train", model: "M0" },
      ...trainingBounds(boundSum(sizes.taught, sizes.ordered), recipe.teaching),
      files: trained("M1"),
    }),
  author: ({ recipe, sizes }, _owner, stage) =>
    explained(stage, "M0 is taught what there is, to judge for judge data", {
      ...{ engine: "train", model: "M0" },
      ...trainingBounds(sizes.taught, recipe.teaching),
      files: trained("judge-data-author"),
    }),
  answers: ({ recipe, sizes }, _owner, stage) => {
    const { source, answers: n = 0 } = recipe.judgeData ?? {};
    if (source !== "verifier")
      return explained(stage, "ranked answers are read");
    const answers = boundTimes(sizes.orderedPrompts, n);
    return explained(stage, `it answers each prompt ${n} times`, {
      ...{ engine: "generate", model: "judge-data-author", answers },
      generatedTokens: boundTimes(answers, recipe.candidates.maxTokens),
    });
  },
  scores: ({ recipe, sizes }, _owner, stage) => {
    const samples = recipe.judgeData?.samples ?? 0;
    const answers = boundTimes(sizes.ordered, samples);
    return explained(stage, "it judges answers of known order", {
      ...{ engine: "generate", model: "judge-data-author", answers },
      generatedTokens: boundTimes(answers, recipe.judge.maxTokens),
    });
  },
  rows: (_, _owner, stage) =>
    explained(stage, "judgements that follow the order are kept as EFT rows"),
  "reward-model": (_, _owner, stage) =>
    explained(stage, "a reward model is trained on ranked pairs", {
      ...{ engine: "train", model: "M1" },
      ...{ rows: null, steps: null, trainedTokens: null },
    }),
  evaluation: ({ recipe, sizes }, model, stage) => {
    if (model === "outside-judge")
      return explained(stage, "the judge behind the endpoint is measured", {
        model: recipe.judge.endpoint?.model ?? null,
        ...judging(recipe, boundTimes(sizes.fixed, 2)),
      });
    if (model === "reward-model")
      return explained(stage, "the reward model is measured on the fixed set");
    const { samplesPerPrompt, maxTokens } = recipe.evaluation;
    const answers = boundTimes(sizes.heldOut, 1 + samplesPerPrompt);
    const judged = judging(recipe, boundSum(sizes.heldOut, sizes.judged));
    return explained(stage, `${model} is measured, as answerer and as judge`, {
      ...{ engine: "generate", model },
      answers: boundSum(answers, judged.answers),
      generatedTokens: boundSum(
        boundTimes(answers, maxTokens),
        judged.generatedTokens,
      ),
    });
  },
  prompts: ({ recipe: { prompts } }, owner, stage) => {
    if (owner === "judge-data")
      return explained(stage, "prompts for judge data are taken from a file");
    if (prompts.file !== undefined)
      return explained(stage, `${prompts.count} prompts are taken from a file`);
    const { endpoint } = prompts;
    const model = endpoint?.model ?? modelOf(owner);
    const answers = Math.ceil(prompts.count * prompts.maxRequestsPerPrompt);
    return explained(stage, `${model} writes ${prompts.count} new prompts`, {
      ...{ engine: endpoint ? null : "generate", model, answers },
      generatedTokens: answers * prompts.maxTokens,
    });
  },
  candidates: ({ recipe: { prompts, candidates } }, owner, stage) => {
    const model = modelOf(owner);
    const answers = prompts.count * candidates.n;
    return explained(
      stage,
      `${model} answers each prompt ${candidates.n} times`,
      {
        ...{ engine: "generate", model, answers },
        generatedTokens: answers * candidates.maxTokens,
      },
    );
  },
  judgements: ({ recipe }, owner, stage) => {
    const { source } = recipe.judge;
    const row = rewardSource(source);
    if (row.judge === null)
      return explained(stage, `the ${source} arm scores the answers`);
    const { endpoint } = recipe.judge;
    if (row.judge === "endpoint")
      return explained(stage, `${endpoint?.model ?? ""} judges the answers`, {
        model: endpoint?.model ?? null,
        ...judging(recipe, recipe.prompts.count * recipe.candidates.n),
      });
    if (row.judge === "rewardModel")
      return explained(stage, "the reward model scores the answers");
    const model = row.judge === "frozen" ? "M1" : modelOf(owner);
    return explained(stage, `${model} judges the answers`, {
      ...{ engine: "generate", model },
      ...judging(recipe, recipe.prompts.count * recipe.candidates.n),
    });
  },
  pairs: (_, _owner, stage) =>
    explained(stage, "preference pairs are chosen by the scores"),
  train: ({ recipe: { prompts, preference } }, owner, stage) => {
    const model = modelOf(owner);
    const isDpo = preference.mode === "dpo";
    const what = isDpo ? "preference pairs" : "its best answers";
    return explained(stage, `${model} becomes ${nextOf(owner)} on ${what}`, {
      ...{ engine: "train", model },
      ...trainingBounds(prompts.count, preference, isDpo ? 2 : 1),
      files: trained(nextOf(owner)),
    });
  },
  "judge-swap": ({ recipe, sizes }, _owner, stage) => {
    const models = recipe.rounds + 1;
    const answers = 1 + recipe.evaluation.samplesPerPrompt;
    return explained(stage, "every model judges every model's answers", {
      ...{ engine: "generate", model: `M1 to M${models}, in turn` },
      ...judging(recipe, boundTimes(sizes.heldOut, models * models * answers)),
    });
  },
  "held-out": ({ recipe, sizes }, _owner, stage) => {
    const { endpoint } = recipe.judge;
    if (endpoint === undefined)
      return explained(stage, "the reward model scores every model's answers");
    return explained(stage, `${endpoint.model} judges every model's answers`, {
      model: endpoint.model,
      ...judging(recipe, boundTimes(sizes.heldOut, recipe.rounds + 1)),
    });
  },
  "head-to-head": ({ recipe, sizes }, _owner, stage) =>
    explained(stage, "each model judges the earlier model's answers", {
      ...{ engine: "generate", model: `M2 to M${recipe.rounds + 1}, in turn` },
      ...judging(recipe, boundTimes(sizes.heldOut, recipe.rounds)),
      files: ["report.json", "report.html"],
    }),
};

function explainStage(stage: string, at: Explaining): ExplainedStage {
  const [kind = "", owner = ""] = stage.split("/").reverse();
  const explain = STAGES[kind];
  return explain === undefined
    ? explained(stage, stage)
    : explain(at, owner, stage);
}

/** "round-2" → the model that works in it. */
function modelOf(round: string): string {
  return `M${numberOf(round)}`;
}

function nextOf(round: string): string {
  return `M${numberOf(round) + 1}`;
}

function numberOf(round: string): number {
  return Number(round.replace(/^\D+/, ""));
}

function trained(model: string): string[] {
  return [`datasets/${model}.jsonl`, `models/${model}`];
}

/** Asking a judge about so many answers. */
function judging(
  { judge }: SelfRewardingRecipe,
  items: Bound,
): Pick<ExplainedStage, "answers" | "generatedTokens"> {
  if (judge.reward === "samples") {
    const answers = boundTimes(items, judge.samples);
    return { answers, generatedTokens: boundTimes(answers, judge.maxTokens) };
  }
  // The score is weighed, not written; only reasons before it are.
  const { reasoned } = formOf(judge);
  return {
    answers: boundTimes(items, reasoned ? 2 : 1),
    generatedTokens: boundTimes(items, reasoned ? judge.maxTokens : 0),
  };
}
