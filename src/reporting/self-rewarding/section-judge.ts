/**
 * @file The judge: how well each model judges, and who flatters whom.
 */
import { fixed } from "../../text/number-words.js";
import type { ModelReport, RunReport } from "./schema.js";
import { figure, numbers, section } from "../html/figure.js";
import { decimal, percentCell } from "../html/format.js";
import { lineChart, type LinePoint } from "../html/line-chart.js";
import { judgeDataCard } from "./judge-data-card.js";
import { html, type Content, type Markup } from "../html/markup.js";

type JudgeMetricsReport = NonNullable<ModelReport["judge"]>;

/** Judge metrics over models, and the judge-swap matrix. */
export function judgeSection(report: RunReport): Markup | null {
  const judges = report.models.filter(
    ({ judge, judgeFixed, judgeOwn }) => judge ?? judgeFixed ?? judgeOwn,
  );
  const { judgeData, judgeSwap } = report;
  if (judges.length === 0 && judgeSwap.length === 0 && !judgeData) return null;
  return section({
    id: "judge",
    title: "Can it tell right from wrong?",
    lead: "Everything hangs on the judge: the loop can only climb as far as the model that scores it can see.",
    body: html`<div class="grid-2">
        ${judgeFigure(report.models)}
        ${judgeSwap.length > 0 && swapFigure(report)}
      </div>
      ${judgeData !== undefined && judgeDataCard(judgeData)}`,
  });
}

function judgeFigure(models: readonly ModelReport[]): Markup {
  return figure({
    title: "Pairs put in the right order",
    reading:
      "Share of pairs where the better answer (by the verifier) gets the higher score; a tie counts as wrong. Its own candidates grow harder to tell apart as they improve, so that line may fall in a healthy run; the fixed set must not.",
    draw: (width) =>
      lineChart({
        label: "Pairwise accuracy of each model as judge, on three sets",
        lines: [
          {
            name: "fixed set",
            color: "var(--judge)",
            points: judgePoints(models, ({ judgeFixed }) => judgeFixed),
          },
          {
            name: "test set",
            color: "var(--judge-soft)",
            points: judgePoints(models, ({ judge }) => judge),
            dashed: true,
          },
          {
            name: "own answers",
            color: "var(--self)",
            points: judgePoints(models, ({ judgeOwn }) => judgeOwn),
          },
        ],
        xTicks: models.flatMap((model, x) =>
          (model.judge ?? model.judgeFixed ?? model.judgeOwn)
            ? [{ x, text: model.id }]
            : [],
        ),
        width,
        height: 300,
        format: (value) => fixed(value * 100, 1),
        formatTick: (value) => percentCell(value, 0),
        leastSpan: 0.2,
        bounds: [0, 1],
        marked: true,
        reference: { y: 0.5, text: "coin toss" },
      }),
    table: {
      head: [
        "judge, on",
        "pairwise",
        "5-best",
        "exact match",
        "Spearman ρ",
        "Kendall τ",
        "ties",
        "unjudged",
      ],
      rows: models.flatMap((model) => [
        ...metricsRow(`${model.id}, fixed set`, model.judgeFixed),
        ...metricsRow(`${model.id}, test set`, model.judge),
        ...metricsRow(`${model.id}, own answers`, model.judgeOwn),
      ]),
    },
  });
}

function judgePoints(
  models: readonly ModelReport[],
  pick: (model: ModelReport) => JudgeMetricsReport | null,
): LinePoint[] {
  return models.flatMap((model, x) => {
    const y = pick(model)?.pairwiseAccuracy ?? null;
    return y === null ? [] : [{ x, y, interval: null }];
  });
}

function metricsRow(
  name: string,
  metrics: JudgeMetricsReport | null,
): (readonly Content[])[] {
  if (metrics === null) return [];
  return [
    [
      name,
      percentCell(metrics.pairwiseAccuracy),
      percentCell(metrics.fiveBest),
      percentCell(metrics.exactMatch),
      decimal(metrics.spearman, 3),
      decimal(metrics.kendall, 3),
      percentCell(metrics.judgeTies),
      metrics.unjudged,
    ],
  ];
}

/** M_i judging the candidates of M_j: rows judge, columns are judged. */
function swapFigure({ judgeSwap }: RunReport): Markup {
  const judges = distinct(judgeSwap.map(({ judge }) => judge));
  const judged = distinct(judgeSwap.map(({ candidatesOf }) => candidatesOf));
  const cellAt = (judge: string, candidatesOf: string) =>
    judgeSwap.find(
      (cell) => cell.judge === judge && cell.candidatesOf === candidatesOf,
    );
  const accuracies = judgeSwap.flatMap(({ pairwiseAccuracy }) =>
    pairwiseAccuracy === null ? [] : [pairwiseAccuracy],
  );
  const truth = judged.map(
    (id) =>
      judgeSwap.find(
        ({ candidatesOf, trueScore }) =>
          candidatesOf === id && trueScore !== null,
      )?.trueScore ?? null,
  );
  const title = "Every judge on every model’s answers";
  return html`<figure class="card">
    <figcaption>
      <h3>${title}</h3>
      <p>
        Read down a column: the same answers under different judges. A judge
        that gives higher scores but orders no better has only become kinder.
        Large: share of pairs in the right order. Small: mean score given.
      </p>
    </figcaption>
    <div class="scroll" tabindex="0" role="region" aria-label="${title}">
      <table class="heat">
        <thead>
          <tr>
            <td></td>
            ${judged.map((id) => html`<th scope="col">answers of ${id}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${judges.map(
            (judge) =>
              html`<tr>
                <th scope="row">${judge} judges</th>
                ${judged.map((id) => {
                  const cell = cellAt(judge, id);
                  return html`<td
                    class="${judge === id ? "own" : ""}"
                    style="--heat:${heat(cell?.pairwiseAccuracy ?? null, accuracies)}%"
                  >
                    <b>${percentCell(cell?.pairwiseAccuracy ?? null, 0)}</b>
                    <small>${decimal(cell?.meanScore ?? null)} given</small>
                  </td>`;
                })}
              </tr>`,
          )}
        </tbody>
        ${
          truth.some((score) => score !== null) &&
          html`<tfoot>
            <tr>
              <th scope="row">verifier</th>
              ${truth.map(
                (score) =>
                  html`<td><small>${decimal(score)} deserved</small></td>`,
              )}
            </tr>
          </tfoot>`
        }
      </table>
    </div>
    ${numbers(title, {
      head: ["judge", "answers of", "right order", "mean score", "true score"],
      rows: judgeSwap.map((cell) => [
        cell.judge,
        cell.candidatesOf,
        percentCell(cell.pairwiseAccuracy),
        decimal(cell.meanScore),
        decimal(cell.trueScore),
      ]),
    })}
  </figure>`;
}

/** Strength of a cell's colour, 6..48 % over the spread of the matrix. */
function heat(value: number | null, all: readonly number[]): string {
  if (value === null || all.length === 0) return "0";
  const low = Math.min(...all);
  // At least ten points from palest to deepest, so that noise stays pale.
  const span = Math.max(Math.max(...all) - low, 0.1);
  return (6 + (42 * (value - low)) / span).toFixed(0);
}

function distinct(ids: readonly string[]): string[] {
  return [...new Set(ids)];
}
