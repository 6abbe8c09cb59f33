/**
 * @file Lines over models (M0, M1, …) or over training steps, drawn as SVG text.
 *
 * Positions are rounded and nothing is random, so one report is always the same
 * bytes. Colours come from the page's custom properties: a chart is right in both
 * themes. Each line is named where it ends; there is no legend to look up.
 */
import { at, linearScale, type Scale } from "./chart-scale.js";
import { html, type Content, type Markup } from "./markup.js";
import { defined } from "../../foundation/defined.js";

export interface LinePoint {
  /** Position along x, in the unit of `xTicks`. */
  readonly x: number;
  readonly y: number;
  /** Interval around y; null draws no bar. */
  readonly interval: readonly [number, number] | null;
}

export interface Line {
  /** Written where the line ends; empty for a chart whose title says it. */
  readonly name: string;
  /** CSS colour, normally `var(--…)`. */
  readonly color: string;
  readonly points: readonly LinePoint[];
  readonly dashed?: boolean;
}

export interface LineChart {
  /** What the picture shows, read aloud in place of it. */
  readonly label: string;
  readonly lines: readonly Line[];
  readonly xTicks: readonly { readonly x: number; readonly text: string }[];
  readonly width: number;
  readonly height: number;
  /** A value as its labels show it. */
  readonly format: (value: number) => string;
  /** A tick of the axis; `digits` tell neighbouring ticks apart. */
  readonly formatTick?: (value: number, digits: number) => string;
  readonly leastSpan: number;
  readonly bounds?: readonly [number, number];
  /** Marks every point and writes its value beside it. */
  readonly marked: boolean;
  /** Shades between the first two lines where the second is above the first. */
  readonly shadeExcess?: boolean;
  /** A horizontal line with a meaning, e.g. ln 2. */
  readonly reference?: { readonly y: number; readonly text: string };
}

const MARGIN = { top: 24, bottom: 48, left: 46 };
const LABEL_GAP = 15;
/** Width of one character of a line's name, generously. */
const CHARACTER = 6.9;

/** Room at the right for the longest line name, with its value. */
function rightMargin(chart: LineChart): number {
  const longest = Math.max(0, ...chart.lines.map(({ name }) => name.length));
  if (longest === 0) return 10;
  const room = longest + (valuesAtEnds(chart) ? 5 : 0);
  return Math.min(Math.max(46, room * CHARACTER + 14), chart.width * 0.4);
}

/** Beside the points there is room for the values of two lines, not of three. */
function valuesAtEnds({ marked, lines }: LineChart): boolean {
  return marked && lines.length > 2;
}

interface Frame {
  readonly chart: LineChart;
  readonly x: Scale;
  readonly y: Scale;
  readonly right: number;
}

/** Draws the chart; lines without points are left out. */
export function lineChart(given: LineChart): Markup {
  const chart = {
    ...given,
    lines: given.lines.filter(({ points }) => points.length > 0),
  };
  const right = chart.width - rightMargin(chart);
  const values = chart.lines.flatMap(({ points }) =>
    points.flatMap(({ y, interval }) => [y, ...(interval ?? [])]),
  );
  const y = linearScale({
    values: chart.reference ? [...values, chart.reference.y] : values,
    range: [chart.height - MARGIN.bottom, MARGIN.top],
    leastSpan: chart.leastSpan,
    ...defined({ bounds: chart.bounds }),
    tickCount: chart.height < 200 ? 3 : 5,
  });
  const frame: Frame = { chart, x: xScale(chart, right), y, right };
  return html`<svg
    class="chart"
    role="img"
    aria-label="${chart.label}"
    viewBox="0 0 ${chart.width} ${chart.height}"
    width="${chart.width}"
    height="${chart.height}"
  >
    ${yAxis(frame)}${xAxis(frame)}${reference(frame)}${excess(frame)}${chart.lines.map(
      (line, index) => drawLine(frame, line, index),
    )}${endLabels(frame)}
  </svg>`;
}

function xScale(chart: LineChart, right: number): Scale {
  const xs = [
    ...chart.xTicks.map(({ x }) => x),
    ...chart.lines.flatMap(({ points }) => points.map(({ x }) => x)),
  ];
  const low = Math.min(...xs);
  const high = Math.max(...xs);
  // Marked points need air on both sides; a curve may touch its frame.
  const inset = chart.marked ? Math.min(34, chart.width * 0.07) : 2;
  const start = MARGIN.left + inset;
  const end = right - inset;
  return {
    at: (value) =>
      high === low
        ? (start + end) / 2
        : start + ((value - low) / (high - low)) * (end - start),
    ticks: [],
    digits: 0,
  };
}

function yAxis({ chart, y, right }: Frame): Content {
  const format = chart.formatTick ?? chart.format;
  return y.ticks.map(
    (tick) =>
      html`<line
          class="grid"
          x1="${MARGIN.left}"
          x2="${at(right)}"
          y1="${at(y.at(tick))}"
          y2="${at(y.at(tick))}"
        /><text
          class="tick"
          x="${MARGIN.left - 8}"
          y="${at(y.at(tick) + 4)}"
          text-anchor="end"
        >
          ${format(tick, y.digits)}
        </text>`,
  );
}

function xAxis({ chart, x }: Frame): Content {
  return chart.xTicks.map(
    (tick) =>
      html`<text
        class="${chart.marked ? "tick strong" : "tick"}"
        x="${at(x.at(tick.x))}"
        y="${chart.height - 8}"
        text-anchor="middle"
      >
        ${tick.text}
      </text>`,
  );
}

function reference({ chart, y, right }: Frame): Content {
  if (chart.reference === undefined) return null;
  const position = y.at(chart.reference.y);
  return html`<line
      class="reference"
      x1="${MARGIN.left}"
      x2="${at(right)}"
      y1="${at(position)}"
      y2="${at(position)}"
    /><text
      class="tick note"
      x="${at(right - 4)}"
      y="${at(position - 5)}"
      text-anchor="end"
    >
      ${chart.reference.text}
    </text>`;
}

/** The area by which line 2 lies above line 1, cut where they cross. */
function excess({ chart, x, y }: Frame): Content {
  const [truth, belief] = chart.lines;
  if (!chart.shadeExcess || truth === undefined || belief === undefined)
    return null;
  const both = truth.points.flatMap((point) => {
    const other = belief.points.find((candidate) => candidate.x === point.x);
    return other === undefined
      ? []
      : [{ x: point.x, low: point.y, high: other.y }];
  });
  return both.slice(1).map((end, index) => {
    const start = both[index] as (typeof both)[number];
    const shape = positivePart(start, end);
    return (
      shape !== null &&
      html`<path
        class="excess"
        d="${shape
          .map(
            ([px, py], corner) =>
              `${corner === 0 ? "M" : "L"}${at(x.at(px))},${at(y.at(py))}`,
          )
          .join("")}Z"
      />`
    );
  });
}

interface Span {
  readonly x: number;
  readonly low: number;
  readonly high: number;
}

/** Corners of the part of a span between two points where high is above low. */
function positivePart(
  start: Span,
  end: Span,
): (readonly [number, number])[] | null {
  const before = start.high - start.low;
  const after = end.high - end.low;
  if (before <= 0 && after <= 0) return null;
  const share = before / (before - after);
  const crossing: readonly [number, number] = [
    start.x + share * (end.x - start.x),
    start.low + share * (end.low - start.low),
  ];
  const left: (readonly [number, number])[] =
    before > 0
      ? [
          [start.x, start.low],
          [start.x, start.high],
        ]
      : [crossing];
  const right: (readonly [number, number])[] =
    after > 0
      ? [
          [end.x, end.high],
          [end.x, end.low],
        ]
      : [crossing];
  return [...left, ...right];
}

function drawLine(frame: Frame, line: Line, index: number): Content {
  const { chart, x, y } = frame;
  // Neighbouring lines step aside a little, so that their error bars stay apart.
  const aside = chart.marked ? (index - (chart.lines.length - 1) / 2) * 5 : 0;
  const path = line.points
    .map(
      (point, step) =>
        `${step === 0 ? "M" : "L"}${at(x.at(point.x) + aside)},${at(y.at(point.y))}`,
    )
    .join("");
  return html`<g style="--tone:${line.color}">
    <path class="${line.dashed ? "line dashed" : "line"}" d="${path}" />
    ${
      chart.marked &&
      line.points.map((point) =>
        drawPoint(frame, { line, index, point, aside }),
      )
    }
  </g>`;
}

function drawPoint(
  { chart, x, y }: Frame,
  drawn: {
    readonly line: Line;
    readonly index: number;
    readonly point: LinePoint;
    readonly aside: number;
  },
): Content {
  const { line, index, point, aside } = drawn;
  const px = at(x.at(point.x) + aside);
  // The highest value of a column stands above its point, the others below; of
  // equal ones the first.
  const above = chart.lines.every((other, position) =>
    other.points.every(
      ({ x: column, y: value }) =>
        column !== point.x ||
        value < point.y ||
        (value === point.y && position >= index),
    ),
  );
  const [low, high] = point.interval ?? [point.y, point.y];
  const labelY = above ? y.at(high) - 7 : y.at(low) + 15;
  const name =
    chart.xTicks.find((tick) => tick.x === point.x)?.text ?? String(point.x);
  const range =
    point.interval === null
      ? ""
      : ` [${chart.format(low)}, ${chart.format(high)}]`;
  return html`<g>
    <title>${name}, ${line.name}: ${chart.format(point.y)}${range}</title>
    ${
      point.interval !== null &&
      html`<path
        class="bar"
        d="M${px},${at(y.at(low))}V${at(y.at(high))}M${at(Number(px) - 3.5)},${at(y.at(low))}h7M${at(Number(px) - 3.5)},${at(y.at(high))}h7"
      />`
    }
    <circle class="point" cx="${px}" cy="${at(y.at(point.y))}" r="4.5" />
    ${
      !valuesAtEnds(chart) &&
      html`<text class="value" x="${px}" y="${at(labelY)}" text-anchor="middle">
        ${chart.format(point.y)}
      </text>`
    }
  </g>`;
}

function endLabels({ chart, x, y, right }: Frame): Content {
  const ends = chart.lines.map((line) => {
    const end = line.points.at(-1) as LinePoint;
    return { line, y: y.at(end.y), end };
  });
  const latest = Math.max(...ends.map(({ end }) => end.x));
  const positions = spread(
    ends.map((end) => end.y),
    LABEL_GAP,
  );
  return ends.map(({ line, end }, index) => {
    if (line.name === "") return null;
    const labelY = positions[index] as number;
    const fromX = x.at(end.x) + (chart.marked ? 10 : 2);
    return html`<g style="--tone:${line.color}">
      <path
        class="${end.x === latest && chart.marked ? "leader" : "leader far"}"
        d="M${at(fromX)},${at(y.at(end.y))}L${at(right + 2)},${at(labelY)}"
      />
      <text class="name" x="${at(right + 6)}" y="${at(labelY + 4)}">
        ${valuesAtEnds(chart) && `${chart.format(end.y)} `}${line.name}
      </text>
    </g>`;
  });
}

/** Moves positions apart to at least `gap`, keeping their order and their middle. */
export function spread(positions: readonly number[], gap: number): number[] {
  const order = positions
    .map((position, index) => ({ position, index }))
    .sort((a, b) => a.position - b.position);
  // Neighbours that are too close form a block, centred on its members' mean.
  const blocks: { middle: number; members: number[] }[] = [];
  for (const { position, index } of order) {
    let block = { middle: position, members: [index] };
    for (
      let last = blocks.at(-1);
      last !== undefined &&
      block.middle - last.middle <
        (gap * (block.members.length + last.members.length)) / 2;
      last = blocks.at(-1)
    ) {
      blocks.pop();
      const size = last.members.length + block.members.length;
      block = {
        middle:
          (last.middle * last.members.length +
            block.middle * block.members.length) /
          size,
        members: [...last.members, ...block.members],
      };
    }
    blocks.push(block);
  }
  const moved = [...positions];
  for (const { middle, members } of blocks) {
    for (const [place, index] of members.entries()) {
      moved[index] = middle + (place - (members.length - 1) / 2) * gap;
    }
  }
  return moved;
}
