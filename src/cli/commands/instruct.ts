/**
 * @file `autodidact instruct`: Self-Instruct alone, from seed tasks to a data set.
 */
import { counted } from "../../text/number-words.js";
import { join, resolve } from "node:path";
import { workingDevice } from "../../engine/runtime/working-device.js";
import { AutodidactError } from "../../foundation/error.js";
import { openLedger } from "../../ledger/ledger.js";
import {
  readPromptRows,
  promptText,
} from "../../pipelines/stages/prompt-rows.js";
import type { InstructReport } from "../../reporting/instruct/report-file.js";
import type { WithAuthor } from "../../pipelines/self-instruct/instruct-session.js";
import {
  checkpointAuthor,
  endpointAuthor,
  replayAuthor,
} from "../../pipelines/self-instruct/open-author.js";
import type { RunEstimate } from "../../pipelines/self-instruct/probe.js";
import type { Recording } from "../../answers/recording.js";
import {
  readRecordedRecipe,
  readRecordedRun,
} from "../../pipelines/self-instruct/replay.js";
import { summary } from "../../reporting/instruct/page.js";
import { reviewTable } from "../../pipelines/self-instruct/review-table.js";
import {
  estimateInstruct,
  runInstruct,
  type InstructOptions,
} from "../../pipelines/self-instruct/run-instruct.js";
import {
  instructSettings,
  instructSettingsSchema,
  type InstructSettings,
} from "../../recipes/instruct.js";
import { loadRecipe } from "../../recipes/load-recipe.js";
import type { BudgetLimits } from "../../serving/spending/budget.js";
import { formatMoney, parseMoney, roundedMoney } from "../../text/money.js";
import {
  readPriceTable,
  type PriceTable,
} from "../../serving/spending/prices.js";
import { recipeFile } from "../bundled-recipe.js";
import { defineCommand, type CommandValues } from "../command.js";
import { DEVICE, WEIGHTS } from "../common-options.js";
import { describeEnvironment, PACKAGE_FOLDER } from "../environment.js";
import type { CommandIo } from "../io.js";
import { requireRecipeOf } from "../recipe-command.js";

const OPTIONS = {
  model: {
    kind: "text",
    placeholder: "DIR|ID|NAME",
    description:
      "Checkpoint folder or Hub id, or with --endpoint the model's name there",
  },
  endpoint: {
    kind: "text",
    placeholder: "URL",
    description:
      "OpenAI-compatible endpoint, for instance http://127.0.0.1:8000/v1",
  },
  apiKeyVariable: {
    kind: "text",
    placeholder: "NAME",
    description: "Environment variable that holds the endpoint's key",
  },
  runDir: {
    kind: "text",
    placeholder: "DIR",
    description: "Folder of the run; runs/NAME-seed-N when absent",
  },
  accept: {
    kind: "number",
    integer: true,
    min: 1,
    placeholder: "N",
    description:
      "Instructions to accept, exactly; 100 when absent; the same run goes on with more",
  },
  seeds: {
    kind: "text",
    placeholder: "FILE",
    description:
      "Seed tasks: the release's format, Alpaca or chat messages; the bundled ones when absent",
  },
  language: {
    kind: "choice",
    choices: ["en", "zh", "nursery"],
    description:
      "Prompts, filters and bundled seeds of this language; nursery is that of the small world",
  },
  style: {
    kind: "choice",
    choices: ["auto", "completion", "chat"],
    description: "Completion prompts for base models, chat prompts for others",
  },
  seed: {
    kind: "number",
    integer: true,
    min: 0,
    placeholder: "N",
    description: "Seed of everything random; 0 when absent",
  },
  novelty: {
    kind: "number",
    min: 0,
    max: 1,
    placeholder: "F",
    description: "Reject above this ROUGE-L; 0.7 when absent",
  },
  withoutRule: {
    kind: "list",
    placeholder: "RULE",
    description: "Switch a filter rule off by its name",
  },
  nearest: {
    kind: "flag",
    description:
      "Record the nearest neighbour of every instruction, accepted or not",
  },
  inFlight: {
    kind: "number",
    integer: true,
    min: 1,
    placeholder: "N",
    description: "Most requests for instructions in flight; 32 when absent",
  },
  maxCost: {
    kind: "text",
    placeholder: "DOLLARS",
    description: "Stop before more than this is spent",
  },
  maxTokensTotal: {
    kind: "number",
    integer: true,
    min: 1,
    placeholder: "N",
    description: "Stop before more tokens are used, in and out",
  },
  maxRequests: {
    kind: "number",
    integer: true,
    min: 1,
    placeholder: "N",
    description: "Stop before more requests are sent",
  },
  prices: {
    kind: "text",
    placeholder: "FILE",
    description: "Price table whose lines win over the bundled prices.yaml",
  },
  estimate: {
    kind: "flag",
    description: "Only try the first requests and say what the run would take",
  },
  record: {
    kind: "text",
    placeholder: "FILE",
    description:
      "Keep every answer of --endpoint in this JSON Lines file too, to commit or pass on; no key is in it",
  },
  recorded: {
    kind: "text",
    placeholder: "FILE",
    description:
      "Take every answer from such a file instead of --endpoint: the same command gives the same bytes, offline and without a key",
  },
  replay: {
    kind: "text",
    placeholder: "RUN",
    description:
      "Judge the answers of an earlier run anew, with other thresholds or rules, at no cost",
  },
  evaluation: {
    kind: "text",
    placeholder: "FILE",
    description:
      "JSON Lines of {prompt}: look for overlap with this evaluation set",
  },
  review: {
    kind: "text",
    placeholder: "FILE",
    description: "Read a marked review.jsonl and print its quality table",
  },
  device: DEVICE,
  weights: WEIGHTS,
} as const;

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
  examples: [
    {
      line: "autodidact instruct --endpoint http://127.0.0.1:8000/v1 --model my-model --accept 1000 --max-cost 5",
      does: "Makes 1,000 instructions with a served model, for at most five dollars",
    },
    {
      line: "autodidact instruct --model ./llama --language zh --accept 200 --run-dir runs/zh",
      does: "Makes 200 Chinese instructions with a checkpoint on this machine",
    },
    {
      line: "autodidact instruct --endpoint http://127.0.0.1:8000/v1 --model my-model --recorded answers.jsonl",
      does: "Makes again, without a server, what a run with --record answers.jsonl made",
    },
    {
      line: "autodidact instruct --replay runs/zh --novelty 0.6 --run-dir runs/zh-strict",
      does: "Filters the same answers with another threshold, without a model",
    },
    {
      line: "autodidact instruct --review runs/zh/dataset/review.jsonl",
      does: "Prints what the marked review says",
    },
  ],
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
    io.print(describeReport(report));
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
  const settings = overridden(base, values);
  const { signal } = io;
  if (endpoint === undefined) {
    return {
      settings,
      withAuthor: await checkpointAuthor({
        model,
        device: await workingDevice(values.device),
        weights: values.weights,
        signal,
      }),
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
        baseUrl: endpoint,
        model,
        ...(apiKeyVariable === undefined ? {} : { apiKeyVariable }),
      },
      // A recording costs nothing, so no limit ends it.
      limits: recording?.mode === "replay" ? {} : limitsOf(values),
      prices: await pricesOf(values.prices),
      ...(recording === undefined ? {} : { recording }),
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
    path: join(resolve(folder), "ledger.db"),
    mode: "read",
  });
  try {
    const { settings, model, source } = readRecordedRecipe(ledger);
    const { pieces } = readRecordedRun(ledger);
    return {
      settings: overridden(
        // Nothing is bought, so nothing but the end of the record ends a replay.
        { ...settings, accept: pieces, barrenRequests: pieces },
        values,
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

function overridden(base: InstructSettings, values: Values): InstructSettings {
  const { accept, language, style, seed, novelty, inFlight, seeds } = values;
  return {
    ...base,
    ...present({ accept, language, style, seed, novelty, inFlight }),
    ...present({ seeds: seeds === undefined ? undefined : resolve(seeds) }),
    ...(values.withoutRule.length === 0
      ? {}
      : { withoutRules: [...values.withoutRule] }),
    ...(values.nearest ? { nearest: true } : {}),
  };
}

/** Only what was given on the command line. */
function present<T extends object>(
  values: T,
): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as { [K in keyof T]?: Exclude<T[K], undefined> };
}

function limitsOf(values: Values): BudgetLimits {
  const { maxCost, maxTokensTotal, maxRequests } = values;
  const micros = maxCost === undefined ? undefined : parseMoney(maxCost);
  if (maxCost !== undefined && micros === undefined) {
    throw new AutodidactError(
      "USAGE",
      `--max-cost is "${maxCost}", which is no amount of dollars. Give something like 2.50.`,
      { option: "--max-cost", value: maxCost },
    );
  }
  return {
    ...(micros === undefined ? {} : { maxCostMicros: micros }),
    ...(maxTokensTotal === undefined ? {} : { maxTokens: maxTokensTotal }),
    ...(maxRequests === undefined ? {} : { maxRequests }),
  };
}

async function pricesOf(own: string | undefined): Promise<PriceTable> {
  const bundled = await readPriceTable(join(PACKAGE_FOLDER, "prices.yaml"));
  return own === undefined
    ? bundled
    : bundled.overriddenBy(await readPriceTable(own));
}

async function readEvaluation(path: string): Promise<readonly string[]> {
  return (await readPromptRows(path)).map(({ row }) => promptText(row.prompt));
}

function describeEstimate(
  { probed, accepted, expected }: RunEstimate,
  {
    settings,
    limits,
  }: { readonly settings: InstructSettings; readonly limits: BudgetLimits },
): string {
  if (expected === undefined) {
    return `The first ${counted(probed, "request")} gave no acceptable instruction: nothing can be said about the cost. Look at their answers before you go on.`;
  }
  const money =
    expected.costMicros === 0
      ? "no charge known"
      : `about ${formatMoney(expected.costMicros)}`;
  return `From the first ${counted(probed, "request")} (${accepted} accepted): ${counted(settings.accept, "instruction")} will take about ${counted(expected.requests, "request")} and ${counted(expected.tokens, "token")}, ${money}.${tooMuch(expected, limits)}`;
}

/** Which limits will end the run before its end; the estimate is of the whole run, as limits are. */
function tooMuch(
  { requests, tokens, costMicros }: NonNullable<RunEstimate["expected"]>,
  { maxRequests, maxTokens, maxCostMicros }: BudgetLimits,
): string {
  const exceeded = [
    ...(requests > (maxRequests ?? Infinity) ? ["--max-requests"] : []),
    ...(tokens > (maxTokens ?? Infinity) ? ["--max-tokens-total"] : []),
    ...(costMicros > (maxCostMicros ?? Infinity) ? ["--max-cost"] : []),
  ];
  return exceeded.length === 0
    ? ""
    : ` That is more than ${exceeded.join(" and ")} allows: the run will stop there, and can go on with a higher limit.`;
}

/**
 * Remarks while it runs: first the estimate, then each time another tenth is accepted
 * the yield and what a row costs. What is paid by then is hardly more than the
 * requests for instructions; kinds and instances come after them and cost most, so
 * what the probe expects of the whole stands beside it.
 */
function runRemarks(
  io: CommandIo,
  plan: {
    readonly settings: InstructSettings;
    readonly limits: BudgetLimits;
  },
): Required<Pick<InstructOptions, "onEstimate" | "onYield">> {
  let told = 0;
  let whole = "";
  return {
    onEstimate: (estimate) => {
      io.remark(describeEstimate(estimate, plan));
      const costMicros = estimate.expected?.costMicros ?? 0;
      if (costMicros > 0)
        whole = `; about ${moneyEach(costMicros, plan.settings.accept)} each in the end`;
    },
    onYield: ({ requests, accepted, wanted, spent }) => {
      const tenths = Math.floor((10 * accepted) / wanted);
      if (tenths <= told || accepted === 0) return;
      told = tenths;
      const money =
        spent.cost === 0
          ? ""
          : `, ${moneyEach(spent.cost, accepted)} each so far, their kinds and instances still to be paid${whole}`;
      io.remark(
        `${accepted} of ${wanted} accepted from ${counted(requests, "request")} (${(accepted / requests).toFixed(2)} per request${money})`,
      );
    },
  };
}

function moneyEach(costMicros: number, rows: number): string {
  return formatMoney(roundedMoney(costMicros / rows));
}

function describeReport(report: InstructReport): string {
  const lines = report.waterfall.flatMap((stage) => [
    `${stage.stage}: ${stage.requested} ${stage.unit}, ${stage.accepted} accepted, ${stage.failed} failed`,
    ...stage.rejected.map(({ name, count }) => `  ${name}: ${count}`),
  ]);
  return [summary(report), "", ...lines].join("\n");
}

async function printReview(path: string, io: CommandIo): Promise<void> {
  const table = await reviewTable(path);
  const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;
  io.print(`${table.reviewed} of ${table.rows} rows reviewed`);
  for (const { question, good, reviewed, share, paper } of table.lines) {
    const found =
      share === undefined
        ? "not reviewed"
        : `${percent(share.mean)} (${good} of ${reviewed}; 95 % interval ${percent(share.low)}–${percent(share.high)})`;
    io.print(`${question}: ${found}; the paper ${percent(paper)}`);
  }
  io.printJson(table);
}
