/**
 * @file Who judges, as options: a model on this machine, one behind an endpoint, or a
 * reward model.
 */
import { rm } from "node:fs/promises";
import { journaledModel, journaledRewardModel } from "../answers/journaled.js";
import {
  openRecordingFile,
  type RecordingFile,
} from "../answers/recording-file.js";
import type { MeasuredJudge } from "../evaluation/judge-cure.js";
import { openEndpoint } from "../endpoints/endpoint.js";
import { Budget } from "../endpoints/spending/budget.js";
import { defined } from "../foundation/defined.js";
import {
  withLoadedModel,
  type ModelSource,
} from "../generation/loaded-model.js";
import { withoutRefusals } from "../generation/without-refusals.js";
import { embeddedRewardModelHost } from "../generation/reward-model.js";
import type { JudgeTask } from "../pipelines/stages/judge.js";
import { misused, type OptionTable } from "./command.js";
import type { CommandIo } from "./io.js";
import { textOption } from "./options.js";
import type { OpenWork } from "./row-stage.js";
import {
  limitsOf,
  pricesOf,
  SPENDING_OPTIONS,
  type SpendingValues,
} from "./spending-options.js";

export const JUDGE_SOURCE_OPTIONS = {
  model: textOption(
    "DIR|ID|NAME",
    "Checkpoint folder, adapter folder or Hub id; with --endpoint the model's name there",
  ),
  endpoint: textOption(
    "URL",
    "Judge with a model behind this OpenAI-compatible endpoint",
  ),
  apiKeyVariable: textOption(
    "NAME",
    "Environment variable that holds the endpoint's key",
  ),
  ...SPENDING_OPTIONS,
  rewardModel: textOption(
    "DIR|ID",
    "Judge with a reward model instead: one that train reward made, or a sequence classifier with one label",
  ),
} as const satisfies OptionTable;

interface JudgeSource extends SpendingValues {
  readonly model: string | undefined;
  readonly endpoint: string | undefined;
  readonly apiKeyVariable: string | undefined;
  readonly rewardModel: string | undefined;
  readonly out: string | undefined;
  readonly weights: NonNullable<ModelSource["weights"]>;
}

export interface AskedJudge {
  /** As the user called it. */
  readonly name: string;
  readonly kind: MeasuredJudge["kind"];
  readonly open: <T>(task: JudgeTask<T>) => OpenWork<T>;
}

/** @throws USAGE for none, or for two at once */
export function askedJudge(source: JudgeSource, io: CommandIo): AskedJudge {
  const { model, endpoint, rewardModel, out } = source;
  if (rewardModel !== undefined) return rewardJudge(rewardModel);
  if (model === undefined)
    throw misused(
      "judge",
      "nobody judges: give --model, --reward-model or --verifier",
      "--model",
    );
  if (endpoint === undefined) return checkpointJudge(model, source.weights);
  if (out === undefined)
    throw misused(
      "judge",
      "--endpoint needs --out FILE, where what was answered is kept",
      "--out",
    );
  return endpointJudge({ ...source, model, endpoint, out }, io);
}

function checkpointJudge(
  model: string,
  weights: NonNullable<ModelSource["weights"]>,
): AskedJudge {
  return {
    ...{ name: model, kind: "model" },
    open:
      (task) =>
      async ({ journal, device, ...source }, use) =>
        withLoadedModel(
          { ...source, model, weights, device: await device() },
          async ({ languageModel, checkpoint }) => {
            const journaled = journaledModel(languageModel, journal);
            const loaded = { languageModel: journaled, checkpoint };
            return use(await task.byCheckpoint(loaded));
          },
        ),
  };
}

function rewardJudge(folder: string): AskedJudge {
  return {
    ...{ name: folder, kind: "reward-model" },
    open:
      (task) =>
      async ({ device, signal, journal }, use) =>
        embeddedRewardModelHost(await device(), signal).withRewardModel(
          folder,
          async (model) =>
            use(await task.byRewards(journaledRewardModel(model, journal))),
        ),
  };
}

function endpointJudge(
  {
    model,
    endpoint,
    apiKeyVariable,
    out,
    ...values
  }: JudgeSource & Readonly<Record<"model" | "endpoint" | "out", string>>,
  io: CommandIo,
): AskedJudge {
  const limits = limitsOf(values);
  return {
    ...{ name: model, kind: "endpoint" },
    open: (task) => async (_source, use) => {
      const settled = {
        baseUrl: endpoint,
        model,
        ...defined({ apiKeyVariable }),
      };
      const prices = await pricesOf(values.prices);
      return withKeptAnswers(out, async (store) => {
        const served = openEndpoint(settled, {
          ...{ prices, budget: new Budget(limits, store?.spent) },
          ...defined({ store }),
          onNotice: (notice) => {
            io.remark(notice);
          },
        });
        try {
          return await use(task.byModel(withoutRefusals(served)));
        } finally {
          await served.close();
        }
      });
    },
  };
}

/**
 * Answers of rows that are not written yet lie beside the file they go to, until it is
 * complete: a stopped command buys none of them again.
 */
async function withKeptAnswers<T>(
  out: string,
  use: (store: RecordingFile | undefined) => Promise<T>,
): Promise<T> {
  if (out === "-") return use(undefined);
  const path = `${out}.answers`;
  const store = await openRecordingFile(path, "record");
  const result = await use(store).finally(() => store.close());
  await rm(path, { force: true });
  return result;
}
