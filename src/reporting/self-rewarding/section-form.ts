/**
 * @file The shape of what each model wrote: how long its answers are, how varied its
 * prompts.
 */
import { fixed } from "../../text/number-words.js";
import { figure, section } from "../html/figure.js";
import { percentCell } from "../html/format.js";
import { lineChart } from "../html/line-chart.js";
import { html, type Markup } from "../html/markup.js";
import type { ModelReport, RunReport } from "./schema.js";

/** Length of answers, variety of prompts. */
export function formSection({ models }: RunReport): Markup | null {
  const figures = [
    formFigure(models, {
      title: "Length of answers",
      reading:
        "Mean tokens an answer, once it follows instructions. A judge that pays for words makes it run away.",
      unit: "tokens",
      pick: ({ method, responseLength }) =>
        method === "base" ? null : responseLength,
      format: (value) => fixed(value, 1),
      leastSpan: 4,
      bounds: [0, Infinity],
    }),
    formFigure(models, {
      title: "Distinct prompts",
      reading:
        "Of the prompts each model wrote for its round, the share that are not repeats.",
      unit: "distinct",
      pick: ({ prompts }) => prompts?.distinct ?? null,
      format: (value) => percentCell(value, 0),
      leastSpan: 0.2,
      bounds: [0, 1],
    }),
    formFigure(models, {
      title: "Closeness to the pool",
      reading:
        "Mean ROUGE-L of its kept prompts to the nearest one in the pool; nearer 1 is less new.",
      unit: "ROUGE-L",
      pick: ({ prompts }) => prompts?.similarity ?? null,
      format: (value) => fixed(value),
      leastSpan: 0.2,
      bounds: [0, 1],
    }),
  ].filter((drawn) => drawn !== null);
  if (figures.length === 0) return null;
  return section({
    id: "form",
    title: "Length and variety",
    lead: "",
    body: html`<div class="grid-3">${figures}</div>`,
  });
}

function formFigure(
  models: readonly ModelReport[],
  measure: {
    readonly title: string;
    readonly reading: string;
    readonly unit: string;
    readonly pick: (model: ModelReport) => number | null;
    readonly format: (value: number) => string;
    readonly leastSpan: number;
    readonly bounds: readonly [number, number];
  },
): Markup | null {
  const measured = models.flatMap((model, x) => {
    const y = measure.pick(model);
    return y === null ? [] : [{ model, x, y }];
  });
  if (measured.length === 0) return null;
  return figure({
    title: measure.title,
    reading: measure.reading,
    draw: (width) =>
      lineChart({
        label: `${measure.title} of each model`,
        lines: [
          {
            name: "",
            color: "var(--ink-soft)",
            points: measured.map(({ x, y }) => ({ x, y, interval: null })),
          },
        ],
        xTicks: measured.map(({ model, x }) => ({ x, text: model.id })),
        width,
        height: 200,
        format: measure.format,
        formatTick: (value, digits) =>
          measure.bounds[1] === 1 && measure.unit === "distinct"
            ? percentCell(value, 0)
            : fixed(value, digits),
        leastSpan: measure.leastSpan,
        bounds: measure.bounds,
        marked: true,
      }),
    table: {
      head: ["model", measure.unit],
      rows: measured.map(({ model, y }) => [model.id, measure.format(y)]),
    },
    width: 360,
  });
}
