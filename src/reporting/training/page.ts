/**
 * @file report.html and the terminal summary of a Self-Instruct run with training:
 * true accuracy before and after, the controls beside it, and what the data were like.
 */
import type { Interval } from "../../evaluation/interval.js";
import {
  count,
  counted,
  fixed,
  percent,
  signed,
} from "../../text/number-words.js";
import { seedInterval } from "../../evaluation/seed-interval.js";
import { reportDocument } from "../html/document.js";
import { dataTable, section } from "../html/figure.js";
import { html, type Markup } from "../html/markup.js";
import { stageCard } from "../instruct/yield-section.js";
import type {
  DataTruth,
  TrainedModelReport,
  TrainingReport,
  TrainingRun,
} from "./training-report.js";

/** The whole page as text; the same report gives the same bytes. */
export function renderTrainingReport(report: TrainingReport): string {
  return reportDocument({
    title: `${report.name} – Autodidact`,
    links: [],
    main: [
      html`<h1>${report.name}</h1>`,
      trainingSentences(report).map(
        (sentence) => html`<p class="lead">${sentence}</p>`,
      ),
      runsOf(report).map((run) => runSection(run)),
      familySection(report),
    ],
    footer:
      "Self-Instruct, arXiv 2212.10560. Intervals are 95 %, by bootstrap over held-out prompts; over seeds they are Student's t. The verifier measured; it filtered nothing.",
  });
}

/** The same in about fifteen lines of plain text, for the end of a run. */
export function trainingSummary(report: TrainingReport): string {
  const runs = runsOf(report);
  const width = Math.max(
    ...report.models.map(({ id }) => id.length),
    "model".length,
  );
  const tables = runs.flatMap((run) => [
    "",
    ...(runs.length > 1 ? [`seed ${run.seed}`] : []),
    `  ${"model".padEnd(width)}  right    95 % interval   sampled  rows`,
    ...run.models.map(
      ({ id, accuracy, sampled, rows }) =>
        `  ${id.padEnd(width)}  ${shown(accuracy).padEnd(8)} ${range(accuracy).padEnd(15)} ${shown(sampled?.accuracy ?? null).padEnd(8)} ${rows}`,
    ),
  ]);
  return [...trainingSentences(report), ...tables].join("\n");
}

function runsOf(report: TrainingReport): readonly TrainingRun[] {
  return report.runs.length === 0 ? [report] : report.runs;
}

/** What the run shows, most important first. */
export function trainingSentences(report: TrainingReport): string[] {
  const runs = runsOf(report);
  if (report.world === null) {
    return [
      "Nobody knows the right answers here, so this report can show the data but not whether the model got better.",
    ];
  }
  return report.gains.flatMap(({ from: id }) => {
    const after = accuracies(runs, "M1");
    const before = accuracies(runs, id);
    const difference = changeFrom(runs, id);
    if (difference === null) return [];
    const change =
      difference.low > 0
        ? "more"
        : difference.high < 0
          ? "fewer"
          : "no clear difference";
    return [
      `M1, fine-tuned on its own data, answers ${percent(mean(after))} right, ${id} ${percent(mean(before))}: ${signed(difference.mean * 100, 1)} points [${fixed(difference.low * 100, 1)}, ${fixed(difference.high * 100, 1)}]${runs.length > 1 ? ` over ${runs.length} seeds` : ""}, ${change}.`,
    ];
  });
}

/** M1 minus the model `id`: over seeds where there are several, over prompts where there is one. */
function changeFrom(runs: readonly TrainingRun[], id: string): Interval | null {
  const gains = runs.flatMap((run) =>
    run.gains.filter(({ from }) => from === id),
  );
  const [only] = gains;
  if (gains.length === 1 && only !== undefined) return only.accuracy;
  return seedInterval(gains.map(({ accuracy }) => accuracy.mean));
}

function accuracies(runs: readonly TrainingRun[], id: string): number[] {
  return runs.flatMap(({ models }) =>
    models.flatMap((model) =>
      model.id === id && model.accuracy !== null ? [model.accuracy.mean] : [],
    ),
  );
}

function runSection(run: TrainingRun): Markup {
  const { data } = run;
  return section({
    id: `seed-${run.seed}`,
    title: `Seed ${run.seed}`,
    lead: `${counted(data.instructions, "instruction")} of ${count(data.wanted)} asked for, ${counted(data.instances, "instance")}; ${counted(data.heldBack, "row was", "rows were")} held back because their prompt is measured on.`,
    body: [
      dataTable("Models", {
        head: [
          "model",
          "trained on",
          "right",
          "95 %",
          "sampled",
          "95 %",
          "score",
        ],
        rows: run.models.map((model) => [
          model.id,
          model.rows === 0
            ? "–"
            : `${counted(model.rows, "row")}, ${counted(model.steps, "step")}`,
          shown(model.accuracy),
          range(model.accuracy),
          shown(model.sampled?.accuracy ?? null),
          range(model.sampled?.accuracy ?? null),
          model.score === null ? "–" : fixed(model.score.mean),
        ]),
      }),
      dataTable("What the verifier says of the data", {
        head: ["rows", "count", "right", "wrong", "no task it knows"],
        rows: [
          truthRow("kept by the filters", data.own),
          truthRow("with what the instance rules refused", data.unfiltered),
        ],
      }),
      ...data.waterfall.map(stageCard),
    ],
  });
}

function truthRow(name: string, truth: DataTruth | null): (string | number)[] {
  return truth === null
    ? [name, "–", "–", "–", "–"]
    : [name, truth.rows, truth.right, truth.wrong, truth.unreadable];
}

/** Accuracy of each kind of task, of the first run. */
function familySection(report: TrainingReport): Markup | null {
  const [first] = runsOf(report);
  const named = first?.models[0]?.families.filter(
    ({ family }) => family !== "",
  );
  if (first === undefined || named === undefined || named.length === 0)
    return null;
  const cell = (model: TrainedModelReport, family: string): string => {
    const found = model.families.find((each) => each.family === family);
    return found?.accuracy == null ? "–" : percent(found.accuracy);
  };
  return section({
    id: "families",
    title: "Kinds of tasks",
    lead: `Held-out prompts answered right, seed ${first.seed}.`,
    body: dataTable("Kinds of tasks", {
      head: ["kind", ...first.models.map(({ id }) => id)],
      rows: named.map(({ family }) => [
        family,
        ...first.models.map((model) => cell(model, family)),
      ]),
    }),
  });
}

function shown(interval: Interval | null): string {
  return interval === null ? "–" : percent(interval.mean);
}

function range(interval: Interval | null): string {
  return interval === null
    ? "–"
    : `[${fixed(interval.low * 100, 1)}, ${fixed(interval.high * 100, 1)}]`;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
