/**
 * @file report.html and the terminal summary of a Self-Instruct run with training:
 * true accuracy before and after, the controls beside it, and what the data were like.
 */
import { count, counted, fixed, percent } from "../../text/number-words.js";
import { reportDocument } from "../html/document.js";
import { dataTable, section } from "../html/figure.js";
import { html, type Markup } from "../html/markup.js";
import { stageCard } from "../instruct/yield-section.js";
import { effortTable } from "../schema/effort-table.js";
import { stageEfforts } from "../schema/stage-effort.js";
import type {
  DataTruth,
  ComparedModelReport,
  TrainingReport,
  TrainingRun,
} from "./schema.js";
import { range, runsOf, shown, trainingSentences } from "./summary.js";

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
      effortSection(report),
    ],
    footer:
      "Self-Instruct, arXiv 2212.10560. Intervals are 95 %, by bootstrap over held-out prompts; over seeds they are Student's t. The verifier measured; it filtered nothing.",
  });
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

/** Of all seeds together. */
function effortSection({ usage, timings }: TrainingReport): Markup | null {
  const stages = timings?.stages;
  return stages === undefined
    ? null
    : section({
        id: "effort",
        title: "What it took",
        lead: "",
        body: html`<div class="card">
          ${effortTable(stageEfforts(usage, stages))}
        </div>`,
      });
}

/** Accuracy of each kind of task, of the first run. */
function familySection(report: TrainingReport): Markup | null {
  const [first] = runsOf(report);
  const named = first?.models[0]?.families.filter(
    ({ family }) => family !== "",
  );
  if (first === undefined || named === undefined || named.length === 0)
    return null;
  const cell = (model: ComparedModelReport, family: string): string => {
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
