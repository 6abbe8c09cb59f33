/**
 * @file How this loop makes its models: M1 is taught on IFT and EFT, each later one is
 * trained on the preferences of the one before.
 */
import { counted } from "../../text/number-words.js";
import type { PreferenceRow, PromptCompletionRow } from "../../data/records.js";
import { derivedSeed } from "../../foundation/random.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import { bestAnswers } from "../../rewarding/best-answers.js";
import type { JudgedCandidate } from "../../rewarding/candidate.js";
import type { OptimizationSettings } from "../../training/trainer.js";
import {
  trainStage,
  untrainedStage,
  type RowSource,
  type TrainedModel,
  type TrainingWork,
} from "../run/model-stages.js";
import type { Pair } from "./pair-stage.js";
import type { PromptForm } from "./prompt-form.js";
import type { RunContext } from "./run-context.js";
import type { TeachingRow, TeachingRows } from "./teaching-rows.js";
import {
  adapterPlace,
  optimizationSettings,
  type OptimizationKeys,
} from "./training-settings.js";

/**
 * M1 = supervised fine-tuning of M0 on IFT + EFT (Self-Rewarding, section 2.1), or M0 as
 * it is where there are no such rows. Whoever judges the run's own judge data is taught so
 * too, before there are such rows.
 */
export async function teachStage(
  context: RunContext,
  base: TrainedModel,
  rows: TeachingRows,
  taughtAs = { id: "M1", name: "M1/teach" },
): Promise<TrainedModel> {
  const { recipe, trainer } = context;
  const step = { ...taughtAs, parent: base };
  if (rows.ift.length + rows.eft.length === 0)
    return untrainedStage(context, step);
  const {
    judgeWeight: _weight,
    promptWritingRows: _rows,
    ...keys
  } = recipe.teaching;
  const seed = derivedSeed(recipe.seed, "teach");
  const settings = optimizationSettings(context, keys, seed);
  const taught = [...rows.ift, ...rows.eft, ...rows.promptWriting];
  const all = taught.map(({ row }) => row);
  return trainKept(context, keys, {
    ...step,
    title: `M0 is taught on ${all.length} IFT and EFT rows`,
    rows: all,
    sources: seedSources(context, taught),
    train: (job) => trainer.sft({ ...job, rows: all, settings }),
  });
}

/** What a round leaves to train on. */
interface Preferences {
  readonly round: number;
  readonly from: TrainedModel;
  readonly pairs: readonly Pair[];
  readonly judged: readonly JudgedCandidate[];
  readonly teaching: TeachingRows;
}

/** What a mode trains on, how much of it, and how. */
type Learning = Pick<TrainingWork, "rows" | "sources" | "train"> & {
  readonly amount: string;
};

type Mode = SelfRewardingRecipe["preference"]["mode"];

const MODES: Readonly<
  Record<Mode, (context: RunContext, step: Preferences) => Learning>
> = { dpo: onPairs, "sft-best": onBestAnswers };

/** M_{t+1} from M_t, as the recipe's mode has it. */
export async function preferStage(
  context: RunContext,
  step: Preferences,
): Promise<TrainedModel> {
  const { preference } = context.recipe;
  const { round, from } = step;
  const id = `M${round + 1}`;
  const { amount, ...learning } = MODES[preference.mode](context, step);
  return trainKept(context, preference, {
    id,
    parent: from,
    name: `round-${round}/train`,
    title: `${from.id} becomes ${id} on ${amount}`,
    ...learning,
  });
}

/** DPO on the pairs, with seed rows rehearsed beside them. */
function onPairs(
  context: RunContext,
  { round, pairs, teaching }: Preferences,
): Learning {
  const { recipe, trainer, form } = context;
  const { beta, loss, labelSmoothing, nllWeight } = recipe.preference;
  const { lengthNormalized, rehearsalEvery, rehearsalBatchSize, rehearse } =
    recipe.preference;
  const settings = {
    ...roundSettings(context, round),
    ...{ beta, loss, labelSmoothing, nllWeight },
    ...{ lengthNormalized, rehearsalEvery, rehearsalBatchSize },
  };
  const rows = pairs.map((pair) => preferenceRow(form, pair));
  const rehearsal = rehearse.flatMap((kind) =>
    teaching[kind].map(({ row }) => row),
  );
  return {
    amount: counted(pairs.length, "pair"),
    rows,
    sources: pairs.map(({ rowId }) => ({ pairId: rowId })),
    train: (job) => trainer.dpo({ ...job, rows, rehearsal, settings }),
  };
}

/** Supervised on the best answers alone, one seed row rehearsed for each. */
function onBestAnswers(
  context: RunContext,
  { round, judged, teaching }: Preferences,
): Learning {
  const { recipe, trainer, form } = context;
  const { rehearsalEvery, rehearse } = recipe.preference;
  const settings = roundSettings(context, round);
  const best = bestAnswers(judged, recipe.pairs.finishedOnly);
  const rehearsed =
    rehearsalEvery > 0
      ? rehearse.flatMap((kind) => teaching[kind]).slice(0, best.length)
      : [];
  const rows = [
    ...best.map((answer) => bestRow(form, answer)),
    ...rehearsed.map(({ row }) => row),
  ];
  return {
    amount: counted(best.length, "best answer"),
    rows,
    sources: [
      ...best.map(({ rowId }) => ({ candidateId: rowId })),
      ...seedSources(context, rehearsed),
    ],
    train: (job) => trainer.sft({ ...job, rows, settings }),
  };
}

/** How a round trains, whatever its mode. */
function roundSettings(
  context: RunContext,
  round: number,
): OptimizationSettings {
  const { seed, preference } = context.recipe;
  const {
    mode: _mode,
    beta: _beta,
    loss: _loss,
    labelSmoothing: _smoothing,
    nllWeight: _weight,
    lengthNormalized: _normalized,
    rehearsalEvery: _every,
    rehearsalBatchSize: _size,
    rehearse: _kinds,
    ...shared
  } = preference;
  return optimizationSettings(
    context,
    shared,
    derivedSeed(seed, "round", round, "train"),
  );
}

/** Trains with the recipe's habits of keeping: a state every so often, and adapters. */
function trainKept(
  context: RunContext,
  keys: Pick<OptimizationKeys, "lora">,
  step: TrainingWork,
): Promise<TrainedModel> {
  const { saveEvery } = context.recipe;
  const place = adapterPlace(keys, context.modelPath(step.id));
  return trainStage(context, {
    ...step,
    train: (job) => step.train({ ...job, ...place, saveEvery }),
  });
}

function preferenceRow(
  { ask, answer }: PromptForm,
  { prompt, chosen, rejected }: Pair,
): PreferenceRow {
  return {
    prompt: ask(prompt),
    chosen: answer(chosen.text),
    rejected: answer(rejected.text),
  };
}

function bestRow(
  { ask, answer }: PromptForm,
  { prompt, text }: JudgedCandidate,
): PromptCompletionRow {
  return { prompt: ask(prompt), completion: answer(text) };
}

function seedSources(
  { ledger }: RunContext,
  rows: readonly TeachingRow[],
): RowSource[] {
  const ids = new Map(
    [...ledger.read("seed_tasks")].map(({ key, id }) => [key, id]),
  );
  return rows.map(({ source }) =>
    "seedKey" in source
      ? { seedTaskId: ids.get(source.seedKey) as number }
      : source,
  );
}
