/**
 * @file Curves over steps, drawn by uPlot on a canvas in the colours of the page; the last
 * value of each stands beside it as text, for those who do not see the drawing.
 */
import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useWords } from "../language/words.js";
import { colourNow, onThemeChange } from "../theme.js";

export interface Curve {
  readonly name: string;
  /** Step and value, by rising step. */
  readonly points: readonly (readonly [step: number, value: number])[];
}

const HEIGHT = 190;
/** Colours `--curve-1` to this one are in the style sheet; then they begin again. */
const COLOURS = 6;

/** uPlot's form: one axis of steps for all, null where a curve has no value. */
function aligned(curves: readonly Curve[]): uPlot.AlignedData {
  const steps = [
    ...new Set(curves.flatMap(({ points }) => points.map(([step]) => step))),
  ].sort((a, b) => a - b);
  const columns = curves.map(({ points }) => {
    const values = new Map(points);
    return steps.map((step) => values.get(step) ?? null);
  });
  return [steps, ...columns];
}

function optionsOf(
  names: readonly string[],
  width: number,
  write: (value: number) => string,
): uPlot.Options {
  const axis: uPlot.Axis = {
    stroke: () => colourNow("ink-soft"),
    grid: { stroke: () => colourNow("line"), width: 1 },
    ticks: { stroke: () => colourNow("line"), width: 1 },
    font: "12px system-ui, sans-serif",
  };
  return {
    width,
    height: HEIGHT,
    scales: { x: { time: false } },
    axes: [axis, { ...axis, size: 62, values: (_, ticks) => ticks.map(write) }],
    series: [
      { label: "" },
      ...names.map((label, index) => ({
        label,
        spanGaps: true,
        width: 2,
        stroke: () => colourNow(`curve-${(index % COLOURS) + 1}`),
        value: (_: uPlot, value: number | null) =>
          value === null ? "–" : write(value),
      })),
    ],
  };
}

/** A drawing of `names` in `place`, as wide as it. @returns it and what ends it */
function drawIn(
  place: HTMLElement,
  names: readonly string[],
  write: (value: number) => string,
): { readonly chart: uPlot; readonly end: () => void } {
  const chart = new uPlot(
    optionsOf(names, place.clientWidth, write),
    [[], ...names.map(() => [])],
    place,
  );
  const sized = new ResizeObserver(() => {
    chart.setSize({ width: place.clientWidth, height: HEIGHT });
  });
  sized.observe(place);
  const endTheme = onThemeChange(() => {
    chart.redraw();
  });
  return {
    chart,
    end: () => {
      sized.disconnect();
      endTheme();
      chart.destroy();
    },
  };
}

export function CurveChart(props: {
  readonly title: string;
  readonly curves: readonly Curve[];
}): JSX.Element {
  const { number, count } = useWords();
  const { title, curves } = props;
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | null>(null);
  const names = JSON.stringify(curves.map(({ name }) => name));
  useEffect(() => {
    if (place.current === null) return undefined;
    const labels = JSON.parse(names) as string[];
    const { chart, end } = drawIn(place.current, labels, number);
    drawn.current = chart;
    return end;
  }, [names, number]);
  useEffect(() => {
    drawn.current?.setData(aligned(curves));
  }, [curves, names, number]);
  const last = curves.flatMap(({ name, points }) => {
    const [step, value] = points.at(-1) ?? [];
    return step === undefined || value === undefined
      ? []
      : [`${name}: ${number(value)} (${count(step)})`];
  });
  return (
    <figure class="curve">
      <figcaption>{title}</figcaption>
      <div ref={place} aria-hidden="true" />
      <p class="unseen">{last.join("; ")}</p>
    </figure>
  );
}
