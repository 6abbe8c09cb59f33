/**
 * @file A run folder: opened, resumed, filled, and left with its report.
 */
import { join } from "node:path";
import type { AnswerStore } from "../../answers/answer-store.js";
import type { AnswerJournal } from "../../answers/answer-journal.js";
import { journaledHost, journaledRewardHost } from "../../answers/journaled.js";
import { rememberingHost } from "../../answers/remembering-host.js";
import type { Checkpoint } from "../../checkpoints/checkpoint.js";
import { defined } from "../../foundation/defined.js";
import { crashPoint } from "../../foundation/crash-point.js";
import { countedHost } from "../../generation/counted-host.js";
import type { Ledger } from "../../ledger/ledger.js";
import { recipeOfRun } from "../../recipes/recipe-paths.js";
import {
  selfRewardingSchema,
  type SelfRewardingRecipe,
} from "../../recipes/self-rewarding.js";
import { writeReport } from "../../reporting/report-file.js";
import type { RunReport } from "../../reporting/self-rewarding/schema.js";
import { versionsOf } from "../run/environment.js";
import { withRun, type RecipeRun } from "../run/with-run.js";
import { secondsByStage, workingSeconds } from "../run/working-seconds.js";
import { openBase } from "../run/base-model.js";
import { outsideModels, withoutLimits } from "./outside-models.js";
import { promptForm, weighsScores } from "./prompt-form.js";
import { JUDGE_DATA_AUTHOR } from "./judge-data-stages.js";
import { loadLoopData, nothingToTeach } from "./loop-data.js";
import { verifierOfRows } from "./prompt-file.js";
import type { RewardParts, RunContext } from "./run-context.js";
import { loopStages, runSelfRewarding } from "./run.js";
import { verifierNamed } from "../../evaluation/verifiers/verifiers.js";

export interface StartOptions extends RecipeRun<SelfRewardingRecipe> {
  readonly force: boolean;
  /** What computes reward models, for a recipe whose judge is one. */
  readonly rewards?: RewardParts;
  /** Where M1 lies when several runs share it; inside the run folder when absent. */
  readonly sharedModels?: string;
  /** Where what M1 and the base answer is remembered when several runs share it. */
  readonly sharedAnswers?: AnswerStore;
}

/** Runs or continues the recipe in `folder`; returns the report it wrote there. */
export async function startRun(options: StartOptions): Promise<RunReport> {
  const { folder } = options;
  const data = await loadLoopData(options.recipe);
  const base = await openBase(folder, options.recipe, options.signal);
  const asked = withoutLimits(options.recipe);
  const judged = await judgeable(asked, base.checkpoint);
  return withRun(options, async ({ ledger, journal, emit, begin }) => {
    const recipe = recipeOfRun(judged, {
      schema: selfRewardingSchema,
      folder,
      recorded: ledger.run()?.recipe,
    });
    await begin(recipe, loopStages(recipe));
    const models = join(folder, "models");
    const shared = options.sharedModels;
    const modelPath = (id: string) =>
      join(TAUGHT.has(id) ? (shared ?? models) : models, id);
    const { reward, secondTry } = options.recipe.judge;
    if (judged !== asked && (reward === "expected" || secondTry))
      emit({ type: "warning", code: "sampled-judge", message: SAMPLED_JUDGE });
    const context: RunContext = {
      ...options,
      ...{ recipe, base, ledger, journal, data, emit },
      host: countedHost(
        journaledHost(
          options.sharedAnswers === undefined
            ? options.host
            : rememberingHost(
                options.host,
                options.sharedAnswers,
                (path) =>
                  path === base.folder ||
                  [...TAUGHT].some((id) => path === modelPath(id)),
              ),
          journal,
        ),
        (usage) => {
          ledger.spend(usage);
        },
      ),
      ...defined({ rewards: rewardsOf(options, journal) }),
      withOutside: outsideModels(options.recipe, { ledger, emit }),
      form: promptForm(base.checkpoint.tokenizer, recipe),
      modelPath,
      // An M1 that is M0 is measured once too.
      measurements:
        shared === undefined && !nothingToTeach(data)
          ? undefined
          : join(shared ?? models, "measurements"),
      verifier: verifierOfRows(verifierNamed(recipe.verifier), [
        ...(data.prompts ?? []),
        ...(data.judgeData?.prompts ?? []),
      ]),
    };
    const finish = (report: RunReport) => finishReport(options, report, ledger);
    return finish(
      await runSelfRewarding(context, {
        force: options.force,
        onGate: async (report) => {
          await finish(report);
        },
      }),
    );
  });
}

/** What runs may share: M1, and who judges the judge data it learns from. */
const TAUGHT: ReadonlySet<string> = new Set(["M1", JUDGE_DATA_AUTHOR]);

/** What computes reward models; the path is the loaded recipe's, the run's own is relative. */
function rewardsOf(
  { rewards, recipe }: StartOptions,
  journal: AnswerJournal,
): RewardParts | undefined {
  if (rewards === undefined) return undefined;
  const host = journaledRewardHost(rewards.host, journal);
  return { ...rewards, host, ...defined({ given: recipe.judge.rewardModel }) };
}

const SAMPLED_JUDGE =
  "The base model's tokenizer has no single token for each score after the words of judge.answer, so expected scores cannot be read; judgements are sampled instead (judge.reward: samples), and malformed ones are not tried again. Set that in the recipe, or reword judge.answer.";

/** The recipe with sampled judgements where the tokenizer does not let scores be weighed. */
async function judgeable(
  recipe: SelfRewardingRecipe,
  base: Checkpoint,
): Promise<SelfRewardingRecipe> {
  if (await weighsScores(base, recipe)) return recipe;
  const { secondTry: _secondTry, ...judge } = recipe.judge;
  return { ...recipe, judge: { ...judge, reward: "samples" } };
}

async function finishReport(
  options: StartOptions,
  report: RunReport,
  ledger: Ledger,
): Promise<RunReport> {
  const { environment, folder } = options;
  const complete: RunReport = {
    ...report,
    versions: versionsOf(environment),
    usage: ledger.usage(),
    timings: {
      seconds: workingSeconds(ledger),
      peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
      stages: secondsByStage(ledger),
      machine: environment.machine,
    },
  };
  await writeReport(folder, complete);
  crashPoint("report-written");
  return complete;
}
