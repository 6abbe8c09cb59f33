/**
 * @file How new the instructions are: against the seeds (figure 4 of the paper), and
 * as the pool grows, where a collapse would show.
 */
import { count, fixed, percent } from "../../text/number-words.js";
import type {
  InstructionDataReport,
  TrendWindow,
} from "../../instruct/data-report/report-schema.js";
import { columnChart } from "../html/column-chart.js";
import { figure, section } from "../html/figure.js";
import { lineChart } from "../html/line-chart.js";
import { html, type Markup } from "../html/markup.js";

interface Measure {
  readonly title: string;
  readonly reading: string;
  readonly unit: string;
  readonly pick: (window: TrendWindow) => number;
  readonly format: (value: number) => string;
  /** The least that the axis spans, so that noise is not drawn as a cliff. */
  readonly leastSpan: number;
}

const MEASURES: readonly Measure[] = [
  {
    title: "Similarity to what came before",
    reading:
      "Mean ROUGE-L of each new instruction with the nearest earlier one. Worry when it climbs: the model runs out of ideas.",
    unit: "ROUGE-L",
    pick: ({ similarity }) => similarity,
    format: (value) => fixed(value),
    leastSpan: 0.3,
  },
  {
    title: "Distinct pairs of words",
    reading:
      "Of all neighbouring words in a stretch, the share that occurs once. Worry when it falls: the phrasing becomes uniform.",
    unit: "share",
    pick: ({ distinctPairs }) => distinctPairs,
    format: (value) => percent(value, 0),
    leastSpan: 0.3,
  },
  {
    title: "New words",
    reading:
      "The share of words that no earlier instruction had. It falls in every growing set; at nothing, no new subjects come in.",
    unit: "share",
    pick: ({ newTokens }) => newTokens,
    format: (value) => percent(value, 1),
    leastSpan: 0.1,
  },
];

/**
 * Distance to the seeds; the trend where there is more than one stretch.
 * @param novelty an instruction more similar than this to the pool was refused
 */
export function noveltySection(
  data: InstructionDataReport,
  novelty: number,
): Markup | null {
  const { trend, seedSimilarity } = data;
  const [first] = trend;
  const seeds =
    seedSimilarity.histogram.length > 0 && seedFigure(data, novelty);
  const hasTrend = first !== undefined && trend.length > 1;
  if (seeds === false && !hasTrend) return null;
  return section({
    id: "novelty",
    title: "Are they new, and do they stay so?",
    lead: hasTrend
      ? `A model that reads its own tasks may end up writing the same one for ever. In the curves each point is a stretch of ${count(first.size)} instructions, in the order in which they were accepted; the dashed line is where it began.`
      : "Too few instructions to show whether the pool collapses as it grows.",
    body: html`<div class="grid-2">
      ${seeds}
      ${hasTrend && MEASURES.map((measure) => trendFigure(trend, measure))}
    </div>`,
  });
}

function trendFigure(trend: readonly TrendWindow[], measure: Measure): Markup {
  const { title, reading, pick, format, unit, leastSpan } = measure;
  const points = trend.map((window) => ({
    x: window.from + window.size,
    y: pick(window),
    interval: null,
  }));
  const first = points[0]?.y ?? 0;
  const last = points.at(-1)?.y ?? 0;
  const ends = [trend[0], trend.at(-1)].flatMap((window) =>
    window === undefined ? [] : [window.from + window.size],
  );
  return figure({
    title,
    reading,
    draw: (width) =>
      lineChart({
        label: `${title}, from ${format(first)} to ${format(last)}`,
        lines: [{ name: format(last), color: "var(--data)", points }],
        xTicks: ends.map((x) => ({ x, text: count(x) })),
        width,
        height: 230,
        format,
        formatTick: (value, digits) =>
          unit === "share"
            ? percent(value, Math.max(0, digits - 2))
            : fixed(value, digits),
        leastSpan,
        bounds: [0, 1],
        marked: false,
        reference: { y: first, text: "" },
      }),
    table: {
      head: ["accepted", unit],
      rows: trend.map((window) => [
        `${count(window.from + 1)} to ${count(window.from + window.size)}`,
        format(pick(window)),
      ]),
    },
  });
}

function seedFigure(
  { seedSimilarity, counts }: InstructionDataReport,
  novelty: number,
): Markup {
  const { histogram, mean } = seedSimilarity;
  const title = "How close they are to the seeds";
  return figure({
    title,
    reading: `The largest ROUGE-L of each instruction with any seed task: 0 shares no word order, 1 is the same text. Worry when the pile leans against the limit at ${fixed(novelty)}: then the model rephrases the seeds.`,
    draw: (width) =>
      columnChart({
        label: `Instructions by their largest ROUGE-L with a seed, mean ${fixed(mean)}`,
        columns: histogram,
        width,
        height: 230,
        color: "var(--data)",
        edge: (value) => fixed(Math.min(1, value), 1),
        marks: [{ value: mean, text: `mean ${fixed(mean)}` }],
      }),
    table: {
      head: ["ROUGE-L", "instructions", "share"],
      rows: histogram.map(({ from, to, count: amount }) => [
        `${fixed(from, 1)} to ${fixed(Math.min(1, to ?? 1), 1)}`,
        count(amount),
        percent(amount / counts.instructions),
      ]),
    },
  });
}
