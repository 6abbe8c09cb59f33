/**
 * @file Reports of Self-Instruct runs to draw and to test with. The texts are our
 * bundled seed tasks: a third stands for the seeds, the rest for what a model wrote.
 */
import { join } from "node:path";
import { readSeedTasks } from "../../src/data/formats/seed-tasks.js";
import { dataReport } from "../../src/instruct/data-report/data-report.js";
import { chinese } from "../../src/instruct/language-packs/zh.js";
import { english } from "../../src/instruct/language-packs/en.js";
import type { LanguagePack } from "../../src/instruct/language-packs/language-pack.js";
import type { ReportTask } from "../../src/instruct/data-report/report-task.js";
import type { Instance } from "../../src/instruct/records.js";
import type { InstructReport } from "../../src/reporting/instruct/schema.js";
import {
  instructSettings,
  resolveSettings,
} from "../../src/recipes/instruct.js";

const FOLDER = join(import.meta.dirname, "../../seeds");

/** A run that went well, in English, with an evaluation set it overlaps with. */
export function englishReport(): Promise<InstructReport> {
  return report("en", english, (tasks) => [
    "Name the largest lake of the moon.",
    tasks.find(({ instances }) => instances[0]?.input === "")?.instruction ??
      "",
  ]);
}

/** The same in Chinese: lengths in characters, verbs without objects. */
export function chineseReport(): Promise<InstructReport> {
  return report("zh", chinese);
}

/** A replay that accepted two instructions and no instance: most parts have nothing to show. */
export async function emptyReport(): Promise<InstructReport> {
  const whole = await englishReport();
  return {
    ...whole,
    stop: "end-of-record",
    accepted: 2,
    waterfall: whole.waterfall.map((stage) => ({
      ...stage,
      requested: 2,
      accepted: 2,
      rejected: [],
      failed: 0,
    })),
    spent: { ...whole.spent, cost: 0, costPerAcceptedMicros: 0 },
    samples: { accepted: [], refused: [] },
    data: dataReport({
      tasks: ["Why is it so?", "What is that?"].map((instruction) => ({
        id: instruction,
        instruction,
        isClassification: false,
        instances: [],
      })),
      seeds: [],
      pack: english,
    }),
  };
}

/** Three instances of a classification task; every fourth task uses one label only. */
function sorted(label: string, place: number): readonly Instance[] {
  const other = place % 4 === 0 ? label : `not ${label}`;
  return [label, other, label].map((output, instance) => ({
    input: `case ${instance}`,
    output,
  }));
}

async function report(
  language: "en" | "zh",
  pack: LanguagePack,
  evaluation?: (tasks: readonly ReportTask[]) => readonly string[],
): Promise<InstructReport> {
  const all = await readSeedTasks(join(FOLDER, `${language}.jsonl`));
  const tasks = all
    .filter((_, place) => place % 3 !== 0)
    .map((task, place) => ({
      id: task.id,
      instruction: task.instruction,
      isClassification: task.is_classification,
      instances: task.is_classification
        ? sorted(task.instances[0]?.output ?? "", place)
        : task.instances,
    }));
  const accepted = tasks.length;
  return {
    kind: "instruct",
    name: `self-instruct-${language}`,
    model: "http://127.0.0.1:8000/v1 a-model",
    prompts: "language prompts",
    settings: resolveSettings(
      instructSettings({ name: "sample", language, accept: accepted }),
      "completion",
    ),
    stop: "accepted",
    wanted: accepted,
    accepted,
    waterfall: [
      {
        stage: "instructions",
        unit: "pieces of answers",
        requested: accepted + 131,
        accepted,
        rejected: [
          { name: "not-novel", count: 82 },
          { name: "too-short", count: 31 },
          { name: "truncated-last-item", count: 14 },
          { name: "a-rule-of-tomorrow", count: 1 },
        ],
        failed: 3,
        pending: 0,
      },
      {
        stage: "classification",
        unit: "instructions",
        requested: accepted,
        accepted: accepted - 1,
        rejected: [{ name: "unreadable", count: 1 }],
        failed: 0,
        pending: 0,
      },
      {
        stage: "instances",
        unit: "pieces of answers",
        requested: accepted + 40,
        accepted,
        rejected: [{ name: "duplicate-instance", count: 40 }],
        failed: 0,
        pending: 0,
      },
    ],
    spent: {
      calls: 312,

      tokensIn: 240_000,
      tokensOut: 61_000,
      cost: 412_345,
      costPerAcceptedMicros: 412_345 / accepted,
      requestsPerAccepted: 312 / accepted,
    },
    data: dataReport({
      tasks,
      seeds: all
        .filter((_, place) => place % 3 === 0)
        .map(({ instruction }) => instruction),
      pack,
      ...(evaluation === undefined ? {} : { evaluation: evaluation(tasks) }),
    }),
    review: {
      rows: 116,
      reviewed: 40,
      lines: [
        {
          question: "The instruction describes a valid task",
          good: 37,
          reviewed: 40,
          share: { mean: 0.925, low: 0.801, high: 0.974 },
          paper: 0.92,
        },
        {
          question: "All three",
          good: 0,
          reviewed: 0,
          paper: 0.54,
        },
      ],
    },
    samples: {
      accepted: tasks
        .filter(({ instances }) => instances.length > 0)
        .slice(0, 10)
        .map(({ id, instruction, instances: [first] }) => ({
          id,
          instruction,
          input: first?.input ?? "",
          output: first?.output ?? "",
        })),
      refused: [
        {
          stage: "instructions",
          rule: "not-novel",
          text: "Name the capital of Italy.",
          why: "nearest (ROUGE-L 0.80): Name the capital of France.",
        },
        {
          stage: "instructions",
          rule: "too-short",
          text: "Write\u202e.\u001b[2J",
          why: "",
        },
        {
          stage: "instances",
          rule: "request-refused",
          text: "",
          why: "The prompt was blocked by the content filter.",
        },
      ],
    },
    versions: { autodidact: "0.0.0", node: "v20" },
    usage: [
      usage("probe", 2, 3_000, 400),
      usage("instructions", 90, 140_000, 21_000),
      usage("classification", 40, 60_000, 80),
    ],
    timings: {
      stages: [
        { stage: "instructions", seconds: 71.5 },
        { stage: "classification", seconds: 12 },
        { stage: "instances", seconds: 0 },
      ],
    },
  };
}

function usage(
  stage: string,
  requests: number,
  tokensIn: number,
  tokensOut: number,
) {
  return { stage, requests, tokensIn, tokensOut, cost: 1_250 * requests };
}
