/**
 * @file The data set card: what made the data, with which settings, what was lost
 * on the way, what it looks like, and what not to expect of it.
 *
 * A Hugging Face `README.md`: the YAML head tells `datasets` which files there are.
 * It depends on the data and the settings alone, so the same run gives the same card.
 */
import { counted } from "../../text/number-words.js";
import { basename } from "node:path";
import { stringify } from "yaml";
import { UNANSWERED } from "../../instruct/stages.js";
import type { InstructSampling } from "../../instruct/settings.js";
import { modelInWords } from "../../reporting/instruct/summary.js";
import { oneLine } from "../../text/harmless.js";
import { formatMoney, roundedMoney } from "../../text/money.js";
import type { InstructionDataReport } from "../../instruct/data-report/report-schema.js";
import type { ResolvedSettings } from "../../recipes/instruct.js";
import type {
  InstructReport,
  WaterfallStage,
} from "../../reporting/instruct/schema.js";
import { defined } from "../../foundation/defined.js";
import type { StageUsage } from "../../ledger/stage-usage.js";
import {
  effortColumns,
  stageEfforts,
} from "../../reporting/schema/stage-effort.js";

export interface CardInput {
  readonly settings: ResolvedSettings;
  readonly model: string;
  readonly prompts: string;
  /** As the Hub calls it. */
  readonly license: string;
  /** The model's name at the Hub, where that is known. */
  readonly baseModel?: string;
  readonly report: InstructionDataReport;
  readonly waterfall: readonly WaterfallStage[];
  readonly sampling: InstructSampling;
  readonly samples: InstructReport["samples"];
  readonly spent: InstructReport["spent"];
  readonly usage: readonly StageUsage[];
}

/**
 * Files of the folder, as the head of the card names them to `datasets`. All are
 * JSON: `datasets` reads every configuration of a folder with one reader.
 */
export const CARD_CONFIGS = [
  { name: "default", file: "data/train.jsonl" },
  { name: "self-instruct", file: "self-instruct.jsonl" },
  { name: "alpaca", file: "alpaca.json" },
  { name: "chat", file: "chat.jsonl" },
  { name: "training", file: "training.jsonl" },
] as const;

export function datasetCard(input: CardInput): string {
  return [
    `---\n${stringify(head(input))}---\n`,
    `# ${input.settings.name}\n`,
    introduction(input),
    rowsSection(input.samples),
    filesSection(),
    settingsSection(input),
    samplingSection(input.sampling),
    yieldSection(input.waterfall),
    usageSection(input.usage),
    refusedSection(input.samples),
    statisticsSection(input.report),
    LIMITATIONS,
    CITATION,
  ].join("\n");
}

function head({ settings, report, license, baseModel }: CardInput): unknown {
  return {
    language: [settings.language === "nursery" ? "en" : settings.language],
    license,
    ...defined({ base_model: baseModel }),
    pretty_name: settings.name,
    task_categories: ["text-generation"],
    tags: ["synthetic", "self-instruct", "instruction-tuning"],
    size_categories: [sizeCategory(report.counts.instances)],
    configs: CARD_CONFIGS.map(({ name, file }) => ({
      config_name: name,
      data_files: [{ split: "train", path: file }],
    })),
  };
}

function introduction({ model, prompts, report, spent }: CardInput): string {
  const { instructions, instances, classification } = report.counts;
  const { tokensIn, tokensOut, cost } = spent;
  return (
    `${counted(instructions, "instruction")} (${classification} of them classification tasks) with ${counted(instances, "instance")}, ` +
    `written by \`${modelInWords(model)}\` from seed tasks by the method of Self-Instruct (arXiv 2212.10560), ` +
    `with the prompts \`${prompts}\` of Autodidact. It took ${counted(tokensIn, "token")} of prompts and ` +
    `${counted(tokensOut, "token")} of answers${cost > 0 ? `, ${formatMoney(roundedMoney(cost))}` : ""}.\n`
  );
}

function filesSection(): string {
  return [
    "## Files\n",
    "| configuration | file | a row |",
    "| --- | --- | --- |",
    "| `default` | `data/train.jsonl` | one instance: id, instruction, input, output, is_classification |",
    "| `self-instruct` | `self-instruct.jsonl` | one instruction with its instances, in the format of the original release |",
    "| `alpaca` | `alpaca.json` | one instance: instruction, input, output |",
    "| `chat` | `chat.jsonl` | one instance as messages |",
    "| `training` | `training.jsonl` | one instance as prompt and completion, layouts varied at random |",
    "",
    '`data/train.parquet` holds the rows of `default` again; `load_dataset("parquet", data_files=…)` reads it.',
    "",
    "`rejected.jsonl` holds what was refused, each with its rule and its evidence, and where it was too similar, with its nearest neighbour.\n",
  ].join("\n");
}

/** The folder of the seed file is that of one machine. */
function settingsSection({ settings }: CardInput): string {
  const { seeds, card: _card, ...rest } = settings;
  const shown = { ...rest, seeds: seeds === null ? null : basename(seeds) };
  return `## Settings\n\n\`\`\`yaml\n${stringify(shown)}\`\`\`\n`;
}

function samplingSection(sampling: InstructSampling): string {
  return [
    "## Sampling\n",
    "| stage | temperature | top-p | top-k | penalties (presence, frequency) | most tokens |",
    "| --- | ---: | ---: | ---: | ---: | ---: |",
    ...(["instructions", "classification", "instances"] as const).map(
      (stage) => {
        const of = sampling[stage];
        return `| ${stage} | ${of.temperature} | ${of.topP} | ${of.topK} | ${of.presencePenalty ?? 0}, ${of.frequencyPenalty ?? 0} | ${of.maxTokens} |`;
      },
    ),
    "",
  ].join("\n");
}

/** Times differ from run to run, and are in the report. */
function usageSection(usage: readonly StageUsage[]): string {
  const efforts = stageEfforts(usage);
  if (efforts.length === 0) return "";
  const columns = effortColumns(efforts);
  return [
    "## What it took\n",
    `| stage | ${columns.map(({ head }) => head).join(" | ")} |`,
    `| --- |${columns.map(() => " ---: |").join("")}`,
    ...efforts.map(
      (effort) =>
        `| ${effort.stage} | ${columns.map(({ of }) => of(effort)).join(" | ")} |`,
    ),
    "",
  ].join("\n");
}

function rowsSection({ accepted }: CardInput["samples"]): string {
  if (accepted.length === 0) return "";
  return [
    "## Rows\n",
    ...accepted.map(
      ({ instruction, input, output }) =>
        `- ${quoted(instruction)}${input === "" ? "" : `, on ${quoted(input)}`}: ${quoted(output)}`,
    ),
    "",
  ].join("\n");
}

function refusedSection({ refused }: CardInput["samples"]): string {
  if (refused.length === 0) return "";
  return [
    "## Refused, for example\n",
    ...refused.map(
      ({ rule, text, why }) =>
        `- ${rule}${text.trim() === "" ? "" : `: ${quoted(text)}`}${why === "" || UNANSWERED.has(rule) ? "" : ` (${quoted(why)})`}`,
    ),
    "",
  ].join("\n");
}

const LONGEST = 200;

/** A text of a model as code on one line, which no Markdown or HTML in it leaves. */
function quoted(text: string): string {
  const line = oneLine(text, LONGEST);
  const runs = [...line.matchAll(/`+/gu)].map(([run]) => run.length);
  const fence = "`".repeat(Math.max(0, ...runs) + 1);
  const space = /^`|`$/u.test(line) ? " " : "";
  return `${fence}${space}${line}${space}${fence}`;
}

function yieldSection(waterfall: readonly WaterfallStage[]): string {
  const rows = waterfall.flatMap((stage) => [
    `| ${stage.stage} | ${stage.unit} | ${stage.requested} |`,
    ...stage.rejected.map(
      ({ name, count }) => `| | rejected: ${name} | −${count} |`,
    ),
    ...(stage.failed > (stage.givenUp ?? 0)
      ? [
          `| | refused by the endpoint | −${stage.failed - (stage.givenUp ?? 0)} |`,
        ]
      : []),
    ...(stage.givenUp === undefined
      ? []
      : [
          `| | no answer so far: the run is not complete | −${stage.givenUp} |`,
        ]),
    `| | **accepted** | **${stage.accepted}** |`,
  ]);
  return [
    "## Yield\n",
    "| stage | | |",
    "| --- | --- | ---: |",
    ...rows,
    "",
  ].join("\n");
}

function statisticsSection(report: InstructionDataReport): string {
  const { lengths, verbs, seedSimilarity, nearDuplicates, labels, counts } =
    report;
  const length = (of: { readonly mean: number; readonly median: number }) =>
    `${of.mean.toFixed(1)} (median ${of.median.toFixed(0)})`;
  const lines = [
    `- Mean length in ${lengths.unit}: instruction ${length(lengths.instruction)}, non-empty input ${length(lengths.input)}, output ${length(lengths.output)}.`,
    `- Instances without input: ${counts.instancesWithoutInput}. Instructions without a valid instance: ${counts.instructionsWithoutInstances}.`,
    `- Leading verbs: ${verbs.distinctVerbs} different ones in ${verbs.found} instructions${verbs.pairs === undefined ? "" : `; ${verbs.pairs.distinct} different verb–object pairs`}.`,
    `- Mean largest ROUGE-L to a seed: ${seedSimilarity.mean.toFixed(3)}.`,
    `- Clusters of instructions above ROUGE-L ${nearDuplicates.threshold}: ${nearDuplicates.clusters}, holding ${nearDuplicates.instructionsInClusters} instructions.`,
    `- Classification tasks with one label only: ${labels.oneLabelTasks} of ${labels.comparableTasks} with several instances; evenness of labels ${labels.evenness.toFixed(2)}.`,
    ...(report.contamination === undefined
      ? []
      : [
          `- Overlap with the evaluation set of ${report.contamination.evaluationPrompts} prompts: ${report.contamination.findings.length} rows.`,
        ]),
  ];
  return `## Statistics\n\n${lines.join("\n")}\n`;
}

const LIMITATIONS = `## Limitations

The rows were written by a language model and filtered by rules, not read by people.
In the paper's own review of 200 such rows 92 % of the instructions were valid tasks,
79 % of the inputs fitted and 58 % of the outputs were correct; expect errors of fact
and of reasoning, and the biases of the model that wrote them. Check the licence and
the terms of that model before you use the data. \`review.jsonl\` is a sample to read
and mark.
`;

const CITATION = `## Citation

Wang et al., *Self-Instruct: Aligning Language Models with Self-Generated
Instructions*, ACL 2023, arXiv 2212.10560.
`;

function sizeCategory(rows: number): string {
  const limits = [
    [1_000, "n<1K"],
    [10_000, "1K<n<10K"],
    [100_000, "10K<n<100K"],
    [1_000_000, "100K<n<1M"],
  ] as const;
  return limits.find(([limit]) => rows < limit)?.[1] ?? "1M<n<10M";
}
