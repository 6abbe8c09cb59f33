/**
 * @file report.html of a Self-Instruct run: one file, no script, no network.
 *
 * Everything on the page comes out of the report; what a model wrote goes through
 * the escaping of `html` like any other text.
 */
import { reportDocument } from "../../reporting/html/document.js";
import { dataTable, section } from "../../reporting/html/figure.js";
import { html, type Markup } from "../../reporting/html/markup.js";
import { formatMoney } from "../../serving/prices.js";
import type { InstructReport } from "./instruct-report.js";
import { INSTRUCTION_STAGE } from "./instruction-stage.js";

/** The whole page as text; the same report gives the same bytes. */
export function renderInstructReport(report: InstructReport): string {
  const parts = [
    { id: "yield", name: "Yield", body: yieldSection(report) },
    { id: "lengths", name: "Lengths", body: lengthsSection(report) },
    { id: "diversity", name: "Diversity", body: diversitySection(report) },
    { id: "trend", name: "Trend", body: trendSection(report) },
    { id: "labels", name: "Labels", body: labelsSection(report) },
    { id: "duplicates", name: "Near-duplicates", body: clusterSection(report) },
    { id: "overlap", name: "Overlap", body: overlapSection(report) },
  ].filter(({ body }) => body !== null);
  return reportDocument({
    title: `${report.name} – Autodidact`,
    links: parts,
    main: [
      html`<h1>${report.name}</h1>
        <p class="lead">${summary(report)}</p>`,
      parts.map(({ body }) => body),
    ],
    footer: "Self-Instruct, arXiv 2212.10560.",
  });
}

/** One sentence on what was made and what it took. */
export function summary(report: InstructReport): string {
  const { accepted, wanted, stop, spent, data, model } = report;
  const ends = {
    accepted: "",
    barren: ` It stopped short of the ${wanted} asked for: the model wrote nothing new any more.`,
    unreadable: " None of the first answers could be read.",
    "end-of-record": ` All recorded answers were judged.${unrecorded(report)}`,
  }[stop];
  const money = spent.cost > 0 ? ` and ${formatMoney(spent.cost)}` : "";
  return (
    `${accepted} instructions with ${data.counts.instances} instances, written by ${model}, ` +
    `in ${spent.calls} answers${money}.${ends}`
  );
}

/** What a replay could not know; empty when it knew all. */
function unrecorded({ waterfall }: InstructReport): string {
  const failed = waterfall
    .filter(({ stage }) => stage !== INSTRUCTION_STAGE)
    .reduce((sum, stage) => sum + stage.failed, 0);
  return failed === 0
    ? ""
    : ` Failed for want of a recorded answer: ${failed}, about instructions that the recorded run had not accepted.`;
}

function yieldSection({ waterfall }: InstructReport): Markup {
  return section({
    id: "yield",
    title: "Where candidates were lost",
    lead: "Requested = accepted + rejected + failed, at every stage.",
    body: dataTable("Yield", {
      head: ["stage", "what became of it", "count", "share"],
      rows: waterfall.flatMap((stage) => {
        const share = (count: number): string =>
          stage.requested === 0 ? "–" : percent(count / stage.requested);
        return [
          [stage.stage, `requested (${stage.unit})`, stage.requested, ""],
          ...stage.rejected.map(({ name, count }) => [
            "",
            `rejected: ${name}`,
            count,
            share(count),
          ]),
          ["", "refused by the endpoint", stage.failed, share(stage.failed)],
          ["", "accepted", stage.accepted, share(stage.accepted)],
        ];
      }),
    }),
  });
}

function lengthsSection({ data }: InstructReport): Markup {
  const { lengths } = data;
  const kinds = ["instruction", "input", "output"] as const;
  return section({
    id: "lengths",
    title: "How long the texts are",
    lead: `In ${lengths.unit}; inputs are the non-empty ones.`,
    body: [
      dataTable("Lengths", {
        head: ["text", "count", "mean", "5 %", "median", "95 %"],
        rows: kinds.map((kind) => {
          const of = lengths[kind];
          return [
            kind,
            of.count,
            of.mean.toFixed(1),
            of.low.toFixed(0),
            of.median.toFixed(0),
            of.high.toFixed(0),
          ];
        }),
      }),
      ...kinds.map((kind) =>
        dataTable(`Histogram of ${kind} lengths`, {
          head: [kind, "count"],
          rows: lengths[kind].histogram.map(({ from, to, count }) => [
            Number.isFinite(to) ? `${from} to ${to - 1}` : `${from} and more`,
            count,
          ]),
        }),
      ),
    ],
  });
}

function diversitySection({ data }: InstructReport): Markup {
  const { verbs, seedSimilarity, counts } = data;
  const pairs = verbs.pairs;
  return section({
    id: "diversity",
    title: "How varied the instructions are",
    lead:
      `${verbs.distinctVerbs} leading verbs in ${verbs.found} of ${counts.instructions} instructions` +
      (pairs === undefined
        ? "."
        : `; ${pairs.distinct} verb–object pairs. The 20 commonest verbs with 4 objects each cover ${percent(pairs.topShare)} (14 % in the paper).`),
    body: [
      dataTable("Commonest verbs", {
        head: ["verb", "count"],
        rows: verbs.commonestVerbs.map(({ name, count }) => [name, count]),
      }),
      pairs === undefined
        ? null
        : dataTable("Commonest verb–object pairs", {
            head: ["pair", "count"],
            rows: pairs.commonest.map(({ name, count }) => [name, count]),
          }),
      dataTable("Largest ROUGE-L to a seed", {
        head: ["ROUGE-L", "instructions"],
        rows: seedSimilarity.histogram.map(({ from, to, count }) => [
          `${from.toFixed(1)} to ${Math.min(1, to).toFixed(1)}`,
          count,
        ]),
      }),
    ],
  });
}

function trendSection({ data }: InstructReport): Markup | null {
  if (data.trend.length < 2) return null;
  return section({
    id: "trend",
    title: "Whether the pool collapses",
    lead: "In order of acceptance. A collapsing pool shows rising similarity and falling distinct pairs.",
    body: dataTable("Trend", {
      head: [
        "from instruction",
        "similarity to anything earlier",
        "distinct pairs of tokens",
        "new tokens",
      ],
      rows: data.trend.map((window) => [
        window.from + 1,
        window.similarity.toFixed(3),
        window.distinctPairs.toFixed(3),
        percent(window.newTokens),
      ]),
    }),
  });
}

function labelsSection({ data }: InstructReport): Markup | null {
  const { labels } = data;
  if (labels.tasks === 0) return null;
  return section({
    id: "labels",
    title: "Labels of classification tasks",
    lead: `${labels.oneLabelTasks} of ${labels.comparableTasks} tasks with several instances use one label only; evenness ${labels.evenness.toFixed(2)} of 1.`,
    body: dataTable("Commonest labels", {
      head: ["label", "count"],
      rows: labels.commonest.map(({ name, count }) => [name, count]),
    }),
  });
}

function clusterSection({ data }: InstructReport): Markup | null {
  const { nearDuplicates } = data;
  if (nearDuplicates.clusters === 0) return null;
  return section({
    id: "duplicates",
    title: "Near-duplicates that passed",
    lead: `${nearDuplicates.clusters} clusters above ROUGE-L ${nearDuplicates.threshold}, holding ${nearDuplicates.instructionsInClusters} instructions. The largest:`,
    body: nearDuplicates.largest.map(
      ({ instructions }) =>
        html`<ul>
          ${instructions.map((instruction) => html`<li>${instruction}</li>`)}
        </ul>`,
    ),
  });
}

function overlapSection({ data }: InstructReport): Markup | null {
  const { contamination } = data;
  if (contamination === undefined) return null;
  const { findings, evaluationPrompts } = contamination;
  return section({
    id: "overlap",
    title: "Overlap with the evaluation set",
    lead: `${findings.length} rows resemble one of its ${evaluationPrompts} prompts.`,
    body:
      findings.length === 0
        ? null
        : dataTable("Overlap", {
            head: ["task", "kind", "made", "evaluation"],
            rows: findings.map((finding) => [
              finding.taskId,
              finding.kind,
              finding.prompt,
              finding.evaluationPrompt,
            ]),
          }),
  });
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
