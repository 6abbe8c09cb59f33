/**
 * @file Histograms: columns of equal width whose edges are named, however wide the
 * bins are in data. The same promises as line-chart.ts: stable bytes, both themes.
 */
import { count } from "../../text/number-words.js";
import { at } from "./chart-scale.js";
import { html, type Content, type Markup } from "./markup.js";

export interface Column {
  /** Values in [from, to); null for a last bin without an end. */
  readonly from: number;
  readonly to: number | null;
  readonly count: number;
}

export interface ColumnChart {
  /** What the picture shows, read aloud in place of it. */
  readonly label: string;
  /** Neighbouring bins in rising order. */
  readonly columns: readonly Column[];
  readonly width: number;
  readonly height: number;
  readonly color: string;
  /** An edge as its label shows it. */
  readonly edge: (value: number) => string;
  /** Lines with a meaning across the columns, e.g. the median. */
  readonly marks: readonly { readonly value: number; readonly text: string }[];
}

const MARGIN = { side: 16, bottom: 24 };
/** Room above the columns: their counts, and a line of text for each mark. */
const COUNT_HEIGHT = 18;
const MARK_HEIGHT = 17;
/** Widths of one character of a count or an edge, and of a mark's text, generously. */
const CHARACTER = 7;
const GAP = 2;

interface Frame {
  readonly chart: ColumnChart;
  readonly step: number;
  readonly top: number;
  readonly floor: number;
}

/** Draws the bins from left to right; marks outside of them are left out. */
export function columnChart(chart: ColumnChart): Markup {
  const { columns, width, height, label } = chart;
  const frame: Frame = {
    chart,
    step: (width - 2 * MARGIN.side) / Math.max(1, columns.length),
    top: COUNT_HEIGHT + MARK_HEIGHT * chart.marks.length,
    floor: height - MARGIN.bottom,
  };
  return html`<svg
    class="chart"
    role="img"
    aria-label="${label}"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    height="${height}"
  >
    ${columns.map((column, index) => drawColumn(frame, column, index))}
    <line
      class="zero"
      x1="${MARGIN.side}"
      x2="${at(width - MARGIN.side)}"
      y1="${at(frame.floor)}"
      y2="${at(frame.floor)}"
    />
    ${edges(frame)}${chart.marks.map((mark, index) => drawMark(frame, mark, index))}
  </svg>`;
}

function drawColumn(
  { chart, step, top, floor }: Frame,
  column: Column,
  index: number,
): Content {
  const most = Math.max(1, ...chart.columns.map((each) => each.count));
  const y = floor - (column.count / most) * (floor - top);
  const x = MARGIN.side + index * step;
  const amount = count(column.count);
  const range =
    column.to !== null
      ? `${chart.edge(column.from)} to ${chart.edge(column.to)}`
      : `${chart.edge(column.from)} and more`;
  return html`<g style="--tone:${chart.color}">
    <title>${range}: ${amount}</title>
    <rect
      class="column"
      x="${at(x + GAP / 2)}"
      y="${at(y)}"
      width="${at(Math.max(1, step - GAP))}"
      height="${at(floor - y)}"
    />
    ${
      column.count > 0 &&
      amount.length * CHARACTER <= step + GAP &&
      html`<text
        class="value"
        x="${at(x + step / 2)}"
        y="${at(y - 5)}"
        text-anchor="middle"
      >
        ${amount}
      </text>`
    }
  </g>`;
}

/** As many edge labels as there is room for, evenly, the first always. */
function edges({ chart, step, floor }: Frame): Content {
  const { columns, edge } = chart;
  const values = columns.map(({ from }) => from);
  const last = columns.at(-1)?.to;
  if (last != null) values.push(last);
  const longest = Math.max(1, ...values.map((value) => edge(value).length));
  const every = Math.max(1, Math.ceil(((longest + 0.6) * CHARACTER) / step));
  return values.map(
    (value, index) =>
      index % every === 0 &&
      html`<text
        class="tick"
        x="${at(MARGIN.side + index * step)}"
        y="${at(floor + 16)}"
        text-anchor="middle"
      >
        ${edge(value)}
      </text>`,
  );
}

function drawMark(
  { chart, step, floor }: Frame,
  { value, text }: ColumnChart["marks"][number],
  index: number,
): Content {
  const place = placeOf(chart.columns, value);
  if (place === null) return null;
  const x = MARGIN.side + place * step;
  const y = 12 + index * MARK_HEIGHT;
  // The text stands on the side where there is room for it.
  const fits = x + text.length * CHARACTER < chart.width;
  return html`<line
      class="reference"
      x1="${at(x)}"
      x2="${at(x)}"
      y1="${at(y - 8)}"
      y2="${at(floor)}"
    /><text
      class="tick note"
      x="${at(fits ? x + 5 : x - 5)}"
      y="${at(y)}"
      text-anchor="${fits ? "start" : "end"}"
    >
      ${text}
    </text>`;
}

/** Where a value lies, in columns from the left; null when no bin holds it. */
function placeOf(columns: readonly Column[], value: number): number | null {
  const index = columns.findIndex(
    ({ from, to }) => value >= from && (to === null || value < to),
  );
  const column = columns[index];
  if (column === undefined) {
    const end = columns.at(-1)?.to;
    return value === end ? columns.length : null;
  }
  const { from, to } = column;
  return index + (to === null ? 0.5 : (value - from) / (to - from));
}
