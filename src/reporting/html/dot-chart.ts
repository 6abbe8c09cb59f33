/**
 * @file Rows of dots on one scale: a row a family or an arm, a dot a model or a
 * seed. The same promises as line-chart.ts: stable bytes, both themes.
 */
import { at, linearScale, type Scale } from "./chart-scale.js";
import { html, type Content, type Markup } from "./markup.js";
import { defined } from "../../foundation/defined.js";

export interface Dot {
  readonly x: number;
  /** CSS colour. */
  readonly color: string;
  readonly hollow: boolean;
  /** Drawn smaller: a step on the way. */
  readonly minor: boolean;
  readonly title: string;
}

export interface DotRow {
  readonly name: string;
  readonly dots: readonly Dot[];
  /** A thick line between two values: a change, or an interval. */
  readonly span: {
    readonly from: number;
    readonly to: number;
    readonly color: string;
  } | null;
  /** A tick across the row, e.g. a mean. */
  readonly mark: number | null;
  /** Text at the right end. */
  readonly note: string;
}

export interface DotChart {
  readonly label: string;
  readonly rows: readonly DotRow[];
  readonly width: number;
  readonly format: (value: number, digits: number) => string;
  readonly leastSpan: number;
  readonly bounds?: readonly [number, number];
  /** Draws the line where nothing changed. */
  readonly zero: boolean;
  readonly rowHeight: number;
}

const AXIS_HEIGHT = 26;
const NAME_CHARACTER = 7;
const NOTE_CHARACTER = 6.8;

/** Draws the rows from top to bottom in the order given. */
export function dotChart(chart: DotChart): Markup {
  const longest = Math.max(0, ...chart.rows.map(({ name }) => name.length));
  const longestNote = Math.max(0, ...chart.rows.map(({ note }) => note.length));
  const left = Math.min(longest * NAME_CHARACTER + 14, chart.width * 0.36);
  const right = chart.width - longestNote * NOTE_CHARACTER - 16;
  const height = chart.rows.length * chart.rowHeight + AXIS_HEIGHT + 6;
  const values = chart.rows.flatMap(({ dots, span }) => [
    ...dots.map(({ x }) => x),
    ...(span === null ? [] : [span.from, span.to]),
  ]);
  const x = linearScale({
    values: chart.zero ? [...values, 0] : values,
    range: [left + 8, right - 8],
    leastSpan: chart.leastSpan,
    ...defined({ bounds: chart.bounds }),
    tickCount: chart.width < 420 ? 3 : 6,
  });
  return html`<svg
    class="chart"
    role="img"
    aria-label="${chart.label}"
    viewBox="0 0 ${chart.width} ${height}"
    width="${chart.width}"
    height="${height}"
  >
    ${axis(chart, x, height)}${chart.rows.map((row, index) =>
      drawRow({ chart, row, x, left, right }, index),
    )}
  </svg>`;
}

function axis(chart: DotChart, x: Scale, height: number): Content {
  return x.ticks.map((tick) => {
    const zero = chart.zero && Math.abs(tick) < 1e-9;
    return html`<line
        class="${zero ? "zero" : "grid"}"
        x1="${at(x.at(tick))}"
        x2="${at(x.at(tick))}"
        y1="${AXIS_HEIGHT - 4}"
        y2="${height - 2}"
      /><text class="tick" x="${at(x.at(tick))}" y="14" text-anchor="middle">
        ${chart.format(tick, x.digits)}
      </text>`;
  });
}

function drawRow(
  frame: {
    readonly chart: DotChart;
    readonly row: DotRow;
    readonly x: Scale;
    readonly left: number;
    readonly right: number;
  },
  index: number,
): Content {
  const { chart, row, x, left, right } = frame;
  const y = AXIS_HEIGHT + (index + 0.5) * chart.rowHeight;
  return html`<g>
    <text
      class="row-name"
      x="${at(left - 6)}"
      y="${at(y + 4)}"
      text-anchor="end"
    >
      ${row.name}
    </text>
    ${
      row.span !== null &&
      html`<line
        class="span"
        style="--tone:${row.span.color}"
        x1="${at(x.at(row.span.from))}"
        x2="${at(x.at(row.span.to))}"
        y1="${at(y)}"
        y2="${at(y)}"
      />`
    }
    ${row.dots.map(
      (dot) =>
        html`<circle
          class="${dot.hollow ? "dot hollow" : "dot"}"
          style="--tone:${dot.color}"
          cx="${at(x.at(dot.x))}"
          cy="${at(y)}"
          r="${dot.minor ? 3.5 : 5}"
        >
          <title>${dot.title}</title>
        </circle>`,
    )}
    ${
      row.mark !== null &&
      html`<line
        class="mark"
        x1="${at(x.at(row.mark))}"
        x2="${at(x.at(row.mark))}"
        y1="${at(y - 8)}"
        y2="${at(y + 8)}"
      />`
    }
    <text class="row-note" x="${at(right + 4)}" y="${at(y + 4)}"
      >${row.note}</text
    >
  </g>`;
}
