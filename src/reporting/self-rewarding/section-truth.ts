/**
 * @file The key picture: what the model believes of its answers against what they
 * deserve. Two lines that part are self-deception.
 */
import type { Interval } from "../../evaluation/interval.js";
import { fixed, signed } from "../../text/number-words.js";
import type { ModelReport, RunReport } from "./schema.js";
import { dataTable, figure, section } from "../html/figure.js";
import {
  decimal,
  decimalInterval,
  percentCell,
  percentInterval,
  pointsInterval,
} from "../html/format.js";
import { lineChart, type Line, type LinePoint } from "../html/line-chart.js";
import { html, type Content, type Markup } from "../html/markup.js";

/** Belief against truth, and accuracy. */
export function truthSection(report: RunReport): Markup {
  return section({
    id: "truth",
    title: "Does it deserve its own praise?",
    lead: html`Each model rates its own answers to prompts it never saw (<b
        class="self"
        >self-reward</b
      >). The verifier, which no training step ever
      asks${report.rounds.some(({ reward }) => reward === "verifier") ? " except where a round says so" : ""},
      scores the same answers (<b class="truth">truth</b
      >)${outsideWords(report.models)}. Lines that part mean a model that is
      learning to please itself.`,
    body: html`<div class="grid-2">
        ${beliefFigure(report.models)} ${accuracyFigure(report.models)}
      </div>
      ${constraintCard(report.models)}`,
  });
}

/** Who else scores the answers; empty for nobody. */
function outsideWords(models: readonly ModelReport[]): Content {
  const judge = outsideJudge(models);
  return judge === undefined
    ? null
    : html`, and so does ${judge}, the judge that rewards (<b class="judge"
          >outside judge</b
        >)`;
}

function outsideJudge(models: readonly ModelReport[]): string | undefined {
  return models.find(({ outside }) => outside !== undefined)?.outside?.judge;
}

/** Prompts and constraints that the answers follow; nothing where none are checked. */
function constraintCard(models: readonly ModelReport[]): Content {
  const rows = models.flatMap(({ id, constraints }) =>
    constraints === undefined
      ? []
      : [
          [
            id,
            percentCell(constraints.promptStrict),
            percentCell(constraints.promptLoose),
            percentCell(constraints.instructionStrict),
            percentCell(constraints.instructionLoose),
          ],
        ],
  );
  if (rows.length === 0) return null;
  const title = "Constraints followed, strictly and loosely";
  return html`<article class="card">
    <h3>${title}</h3>
    <p>
      Greedy answers to held-out prompts. Loosely forgives a first line, a last
      line and asterisks; a prompt counts when all its constraints are followed.
    </p>
    ${dataTable(title, {
      head: [
        "model",
        "prompts, strictly",
        "prompts, loosely",
        "constraints, strictly",
        "constraints, loosely",
      ],
      rows,
    })}
  </article>`;
}

function beliefFigure(models: readonly ModelReport[]): Markup {
  const rated = models.flatMap((model, x) =>
    model.self?.reward == null ? [] : [{ model, x }],
  );
  const first = rated[0]?.model.self;
  const last = rated.at(-1)?.model.self;
  const hasOutside = outsideJudge(models) !== undefined;
  return figure({
    title: "Belief and truth",
    reading: readBelief(first, last, rated.length),
    draw: (width) =>
      lineChart({
        label: "Self-reward and true score of each model, from 0 to 5",
        lines: [
          {
            name: "truth",
            color: "var(--truth)",
            points: linePoints(models, (model) =>
              model.self === null ? null : model.self.truth,
            ),
          },
          {
            name: "self-reward",
            color: "var(--self)",
            points: linePoints(models, (model) => model.self?.reward ?? null),
          },
          ...(hasOutside
            ? [
                {
                  name: "outside judge",
                  color: "var(--judge)",
                  points: linePoints(models, (m) => m.outside?.reward ?? null),
                  dashed: true,
                },
              ]
            : []),
        ],
        xTicks: rated.map(({ model, x }) => ({ x, text: model.id })),
        width,
        height: 330,
        format: (value) => fixed(value),
        formatTick: (value, digits) => fixed(value, digits),
        leastSpan: 1,
        bounds: [0, 5],
        marked: true,
        shadeExcess: true,
      }),
    table: {
      head: [
        "model",
        "true score",
        "self-reward",
        ...(hasOutside ? ["outside judge"] : []),
        "gap",
        "tokens an answer",
        "score–length correlation",
      ],
      rows: models.map((model) => [
        model.id,
        decimalInterval(model.self?.truth ?? null),
        decimalInterval(model.self?.reward ?? null),
        ...(hasOutside ? [decimalInterval(model.outside?.reward ?? null)] : []),
        decimalInterval(model.self?.gap ?? null),
        decimal(model.responseLength, 1),
        decimal(model.self?.scoreLengthCorrelation ?? null),
      ]),
    },
  });
}

type SelfReport = NonNullable<ModelReport["self"]>;

function readBelief(
  first: SelfReport | null | undefined,
  last: SelfReport | null | undefined,
  rated: number,
): string {
  if (first?.reward == null || last?.reward == null)
    return "No model rated its own answers.";
  if (first.truth === null || last.truth === null)
    return "The answers were never verified: belief stands alone.";
  const gap = last.reward.mean - last.truth.mean;
  if (rated < 2)
    return `It rates itself ${signed(gap)} against what it deserves.`;
  return `Belief ${signed(last.reward.mean - first.reward.mean)}, truth ${signed(last.truth.mean - first.truth.mean)}. The gap went from ${signed(first.reward.mean - first.truth.mean)} to ${signed(gap)}.`;
}

function accuracyFigure(models: readonly ModelReport[]): Markup {
  const temperature = models.find(({ sampled }) => sampled !== null)?.sampled
    ?.temperature;
  const lines: Line[] = [
    {
      name: "greedy",
      color: "var(--truth)",
      points: linePoints(models, ({ accuracy }) => accuracy),
    },
    {
      name: temperature === undefined ? "sampled" : `sampled T ${temperature}`,
      color: "var(--truth-soft)",
      points: linePoints(models, ({ sampled }) => sampled?.accuracy ?? null),
      dashed: true,
    },
  ];
  return figure({
    title: "Right answers",
    reading:
      "Share of held-out prompts answered exactly right, by the verifier, with 95\u202F% intervals.",
    draw: (width) =>
      lineChart({
        label: "True accuracy of each model, greedy and sampled",
        lines,
        xTicks: models.map((model, x) => ({ x, text: model.id })),
        width,
        height: 330,
        format: (value) => fixed(value * 100, 1),
        formatTick: (value) => percentCell(value, 0),
        leastSpan: 0.1,
        bounds: [0, 1],
        marked: true,
      }),
    table: {
      head: ["model", "greedy", "sampled", "greedy score", "sampled score"],
      rows: models.map((model) => [
        model.id,
        percentInterval(model.accuracy),
        percentInterval(model.sampled?.accuracy ?? null),
        decimalInterval(model.score),
        decimalInterval(model.sampled?.score ?? null),
      ]),
    },
  });
}

/** One point for each model that was measured, at its place in the series. */
export function linePoints(
  models: readonly ModelReport[],
  pick: (model: ModelReport) => Interval | null,
): LinePoint[] {
  return models.flatMap((model, x) => {
    const interval = pick(model);
    return interval === null
      ? []
      : [
          {
            x,
            y: interval.mean,
            interval: [interval.low, interval.high] as const,
          },
        ];
  });
}

/** The table of differences, for those who want every pair of models. */
export function gainRows(report: RunReport): string[][] {
  return report.gains.map((gain) => [
    `${gain.to} − ${gain.from}`,
    pointsInterval(gain.accuracy),
    pointsInterval(gain.sampledAccuracy),
    decimalInterval(gain.score),
    decimalInterval(gain.sampledScore),
  ]);
}
