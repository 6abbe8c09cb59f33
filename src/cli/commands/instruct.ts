/**
 * @file `autodidact instruct`: Self-Instruct alone, from seed tasks to a data set.
 */
import { tokensTo } from "../stage-progress.js";
import { join, resolve } from "node:path";
import { workingDevice } from "../../engine/runtime/working-device.js";
import { defined } from "../../foundation/defined.js";
import { AutodidactError } from "../../foundation/error.js";
import { LEDGER_FILE } from "../../ledger/ledger-file.js";
import { openLedger } from "../../ledger/ledger.js";
import { requireWritableFile } from "../../pipelines/run/output-path.js";
import {
  readPromptRows,
  shownPrompt,
} from "../../pipelines/stages/prompt-rows.js";
import {
  checkpointAuthor,
  endpointAuthor,
  replayAuthor,
  type WithAuthor,
} from "../../pipelines/instruct/open-author.js";
import type { Recording } from "../../answers/recording.js";
import {
  readRecordedRecipe,
  readRecordedRun,
} from "../../pipelines/instruct/replay.js";
import {
  estimateInstruct,
  runInstruct,
  type InstructOptions,
} from "../../pipelines/instruct/run-instruct.js";
import {
  instructSettings,
  instructSettingsSchema,
  type InstructSettings,
} from "../../recipes/instruct.js";
import { summaryOf } from "../../reporting/report-kinds.js";
import { loadRecipe } from "../../recipes/load-recipe.js";
import { recipeFile } from "../bundled-recipe.js";
import { defineCommand, type CommandValues } from "../command.js";
import { DEVICE, WEIGHTS } from "../common-options.js";
import {
  describeEnvironment,
  PACKAGE_FOLDER,
} from "../../pipelines/run/environment.js";
import {
  describeEstimate,
  printReview,
  runRemarks,
} from "../instruct-remarks.js";
import type { CommandIo } from "../io.js";
import { requireRecipeOf } from "../recipe-command.js";
import { recipeOptions, SET, withRecipeOptions } from "../recipe-options.js";
import { flagOption, textOption } from "../options.js";
import { limitsOf, pricesOf, SPENDING_OPTIONS } from "../spending-options.js";

const OWN_OPTIONS = {
  model: textOption(
    "DIR|ID|NAME",
    "Checkpoint folder or Hub id, or with --endpoint the model's name there",
  ),
  endpoint: textOption(
    "URL",
    "OpenAI-compatible endpoint, for instance http://127.0.0.1:8000/v1",
  ),
  apiKeyVariable: textOption(
    "NAME",
    "Environment variable that holds the endpoint's key",
  ),
  runDir: textOption("DIR", "Folder of the run; runs/NAME-seed-N when absent"),
  ...SPENDING_OPTIONS,
  estimate: flagOption(
    "Only try the first requests and say what the run would take",
  ),
  record: textOption(
    "FILE",
    "Keep every answer of --endpoint in this JSON Lines file too, to commit or pass on; no key is in it",
  ),
  recorded: textOption(
    "FILE",
    "Take every answer from such a file instead of --endpoint: the same command gives the same data set, byte for byte, offline and without a key",
  ),
  replay: textOption(
    "RUN",
    "Judge the answers of an earlier run anew, with other thresholds or rules, at no cost",
  ),
  evaluation: textOption(
    "FILE",
    "JSON Lines of {prompt}: look for overlap with this evaluation set",
  ),
  review: textOption(
    "FILE",
    "Read a marked review.jsonl and print its quality table",
  ),
  set: SET,
  device: DEVICE,
  weights: WEIGHTS,
} as const;

const OPTIONS = { ...OWN_OPTIONS, ...recipeOptions(instructSettingsSchema) };

type Values = CommandValues<
  {
    readonly recipe: {
      readonly placeholder: "RECIPE";
      readonly description: string;
    };
  },
  typeof OPTIONS
>;

export const instructCommand = defineCommand({
  name: "instruct",
  summary: "Make an instruction data set from seed tasks (Self-Instruct)",
  description:
    "Shows the model tasks from a growing pool, takes the new ones it writes through filters and the novelty gate, lets it sort out classification tasks and write instances, and leaves a data set in --run-dir: Parquet, JSON Lines, Alpaca, chat, training rows, a card and a report. It accepts exactly as many instructions as asked for, or stops cleanly and says why; everything answered is kept, and the same command goes on.",
  arguments: {
    recipe: {
      placeholder: "RECIPE",
      description:
        "A recipe file, or the name of a bundled one; paper, the paper's settings, when absent",
    },
  },
  options: OPTIONS,
  examples: {
    "autodidact instruct --endpoint http://127.0.0.1:8000/v1 --model my-model --accept 1000 --max-cost 5":
      "Makes 1,000 instructions with a served model, for at most five dollars",
    "autodidact instruct --model ./llama --language zh --accept 200 --run-dir runs/zh":
      "Makes 200 Chinese instructions with a checkpoint on this machine",
    "autodidact instruct --endpoint http://127.0.0.1:8000/v1 --model my-model --recorded answers.jsonl":
      "Makes again, without a server, what a run with --record answers.jsonl made",
    "autodidact instruct --replay runs/zh --novelty 0.6 --run-dir runs/zh-strict":
      "Filters the same answers with another threshold, without a model",
    "autodidact instruct --review runs/zh/dataset/review.jsonl":
      "Prints what the marked review says",
  },
  afterInterrupt: "Run the same command again to go on where it stopped.",
  run: async (values, io) => {
    if (values.review !== undefined) {
      await printReview(values.review, io);
      return;
    }
    const recording = recordingOf(values);
    const { settings, withAuthor } =
      values.replay === undefined
        ? await freshRun(values, recording, io)
        : replayRun(values, values.replay, io);
    if (recording?.mode === "record") {
      const { recipe, evaluation, prices } = values;
      const inputs = [recipe, settings.seeds ?? undefined, evaluation, prices];
      await requireWritableFile(recording.path, inputs);
    }
    const options: InstructOptions = {
      folder: resolve(
        values.runDir ?? join("runs", `${settings.name}-seed-${settings.seed}`),
      ),
      settings,
      withAuthor,
      ...(values.replay === undefined
        ? {}
        : { replay: resolve(values.replay) }),
      ...(values.evaluation === undefined
        ? {}
        : { evaluation: await readEvaluation(values.evaluation) }),
      environment: describeEnvironment(),
      emit: io.onEvent,
      signal: io.signal,
      now: () => performance.now() / 1000,
      ...runRemarks(io, { settings, limits: limitsOf(values) }),
    };
    if (values.estimate) {
      const estimate = await estimateInstruct(options);
      io.print(
        describeEstimate(estimate, { settings, limits: limitsOf(values) }),
      );
      io.printJson(estimate);
      return;
    }
    const report = await runInstruct(options);
    io.print(summaryOf(report));
    io.print(`\nData set: ${join(options.folder, "dataset")}`);
    io.print(`Report: ${join(options.folder, "report.html")}`);
    io.printJson(report);
  },
});

interface Source {
  readonly settings: InstructSettings;
  readonly withAuthor: WithAuthor;
}

/** @throws USAGE where there is no endpoint whose answers could be in the file */
function recordingOf(values: Values): Recording | undefined {
  const { record, recorded, endpoint, replay } = values;
  const option = record === undefined ? "--recorded" : "--record";
  const path = record ?? recorded;
  if (path === undefined) return undefined;
  if (record !== undefined && recorded !== undefined) {
    throw new AutodidactError(
      "USAGE",
      "--record writes a recording and --recorded has nothing but one. Give one of the two.",
      { option },
    );
  }
  if (endpoint === undefined || replay !== undefined) {
    throw new AutodidactError(
      "USAGE",
      `${option} is for the answers of an endpoint. Give --endpoint and --model, as in the recorded run, and leave out --replay.`,
      { option },
    );
  }
  return {
    path,
    mode: record === undefined ? "replay" : "record",
  };
}

async function freshRun(
  values: Values,
  recording: Recording | undefined,
  io: CommandIo,
): Promise<Source> {
  const { recipe, model, endpoint } = values;
  const base =
    recipe === undefined ? instructSettings({}) : await readRecipe(recipe);
  if (model === undefined) {
    throw new AutodidactError(
      "USAGE",
      "No model was given. Name a checkpoint with --model, or an endpoint with --endpoint and --model.",
      { missing: "--model" },
    );
  }
  const { endpoint: spoken, ...settings } = withRecipeOptions(
    base,
    values,
    instructSettingsSchema,
  );
  const { signal } = io;
  const limits = limitsOf(values);
  if (endpoint === undefined) {
    if (limits.maxCostMicros !== undefined) {
      throw new AutodidactError(
        "USAGE",
        "--max-cost is for an endpoint; a checkpoint on this machine costs no money. Limit it with --max-requests or --max-tokens-total.",
        { option: "--max-cost" },
      );
    }
    return {
      settings,
      withAuthor: await checkpointAuthor(
        {
          model,
          device: await workingDevice(values.device),
          weights: values.weights,
          signal,
          onTokens: tokensTo(io.onEvent),
        },
        limits,
      ),
    };
  }
  if (values.weights !== "float32") {
    throw new AutodidactError(
      "USAGE",
      `--weights ${values.weights} is for a checkpoint on this machine; how an endpoint keeps its weights is its own affair. Leave it out.`,
      { option: "--weights" },
    );
  }
  const { apiKeyVariable } = values;
  return {
    settings,
    withAuthor: endpointAuthor({
      endpoint: {
        ...spoken,
        baseUrl: endpoint,
        model,
        ...defined({ apiKeyVariable }),
      },
      // A recording costs nothing, so no limit ends it.
      limits: recording?.mode === "replay" ? {} : limits,
      prices: await pricesOf(values.prices),
      ...defined({ recording }),
      signal,
    }),
  };
}

/** @throws USAGE for a recipe of `run`, and as `loadRecipe` does */
async function readRecipe(asked: string): Promise<InstructSettings> {
  const path = recipeFile(asked, join(PACKAGE_FOLDER, "recipes", "instruct"));
  await requireRecipeOf("instruct", path);
  return loadRecipe(path, instructSettingsSchema);
}

function replayRun(values: Values, folder: string, io: CommandIo): Source {
  const { signal } = io;
  const ledger = openLedger({
    path: join(resolve(folder), LEDGER_FILE),
    mode: "read",
  });
  try {
    const { settings, model, source } = readRecordedRecipe(ledger);
    const { pieces } = readRecordedRun(ledger);
    return {
      settings: withRecipeOptions(
        // Nothing is bought, so nothing but the end of the record ends a replay.
        { ...settings, accept: pieces, barrenRequests: pieces },
        values,
        instructSettingsSchema,
      ),
      withAuthor:
        source.kind === "endpoint"
          ? endpointAuthor({ endpoint: source.settings, limits: {}, signal })
          : replayAuthor({
              identity: model,
              style: settings.style === "chat" ? "chat" : "completion",
              signal,
            }),
    };
  } finally {
    ledger.close();
  }
}

async function readEvaluation(path: string): Promise<readonly string[]> {
  return (await readPromptRows(path)).map(({ row }) => shownPrompt(row.prompt));
}
