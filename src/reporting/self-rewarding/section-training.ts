/**
 * @file The curves of every training.
 */
import { count, fixed } from "../../text/number-words.js";
import { figure, modelColor, section } from "../html/figure.js";
import { decimal } from "../html/format.js";
import { lineChart, type Line } from "../html/line-chart.js";
import { html, type Markup } from "../html/markup.js";
import type { ModelReport, RunReport, TrainingCurve } from "./schema.js";
import { defined } from "../../foundation/defined.js";

type Step = TrainingCurve["steps"][number];

/** Loss, reward margin and reward accuracy over the steps of each training. */
export function trainingSection(report: RunReport): Markup | null {
  const supervised = report.training.filter(
    ({ method, steps }) => method !== "dpo" && steps.length > 0,
  );
  const preference = report.training.filter(
    ({ method, steps }) => method === "dpo" && steps.length > 0,
  );
  if (supervised.length + preference.length === 0) return null;
  const draw = (
    runs: readonly TrainingCurve[],
    curve: Omit<CurveFigure, "runs" | "models">,
  ): Markup | null => curveFigure({ ...curve, runs, models: report.models });
  return section({
    id: "training",
    title: "Training",
    lead: "",
    body: html`<div class="grid-2">
      ${draw(supervised, {
        title: "Supervised loss",
        reading: "Mean negative log-likelihood of completion tokens, in nats.",
        pick: ({ loss }) => loss,
        leastSpan: 0.2,
      })}
      ${draw(preference, {
        title: "DPO loss",
        reading:
          "The preference part starts at ln 2, where policy and reference agree; an NLL term on the chosen answers, if the recipe has one, comes on top.",
        pick: ({ loss }) => loss,
        leastSpan: 0.1,
        reference: { y: Math.LN2, text: "ln 2" },
      })}
      ${draw(preference, {
        title: "Reward margin",
        reading: "β × (chosen log-ratio − rejected log-ratio), batch mean.",
        pick: ({ rewardMargin }) => rewardMargin,
        leastSpan: 0.2,
      })}
      ${draw(preference, {
        title: "Reward accuracy",
        reading:
          "Share of training pairs the policy prefers the right way round. Policy and reference agree at the first step, so it says nothing there; later it measures fit to the judge’s labels, not truth.",
        pick: ({ rewardAccuracy }) => rewardAccuracy,
        leastSpan: 0.3,
        bounds: [0, 1],
      })}
    </div>`,
  });
}

interface CurveFigure {
  readonly runs: readonly TrainingCurve[];
  readonly models: readonly ModelReport[];
  readonly title: string;
  readonly reading: string;
  readonly pick: (step: Step) => number | null;
  readonly leastSpan: number;
  readonly bounds?: readonly [number, number];
  readonly reference?: { readonly y: number; readonly text: string };
}

function curveFigure(curve: CurveFigure): Markup | null {
  const longest = Math.max(...curve.runs.map(({ steps }) => steps.length), 0);
  const stretch = Math.max(1, Math.ceil(longest / MOST_POINTS));
  const lines: Line[] = curve.runs.flatMap((run) => {
    const points = thinned(
      run.steps.flatMap((step) => {
        const y = curve.pick(step);
        return y === null ? [] : [{ x: step.step, y }];
      }),
      stretch,
    ).map((point) => ({ ...point, interval: null }));
    const place = curve.models.findIndex(({ id }) => id === run.model);
    return points.length === 0
      ? []
      : [
          {
            name: run.model,
            color: modelColor(Math.max(0, place), curve.models.length),
            points,
          },
        ];
  });
  if (lines.length === 0) return null;
  const steps = lines.flatMap(({ points }) => points.map(({ x }) => x));
  const first = Math.min(...steps);
  const last = Math.max(...steps);
  return figure({
    title: curve.title,
    reading:
      stretch === 1
        ? curve.reading
        : `${curve.reading} Drawn as means of ${stretch} steps, the first apart.`,
    draw: (width) =>
      lineChart({
        label: `${curve.title} over training steps`,
        lines,
        xTicks: [
          { x: first, text: count(first) },
          { x: (first + last) / 2, text: `step ${count((first + last) / 2)}` },
          { x: last, text: count(last) },
        ],
        width,
        height: 230,
        format: (value) => fixed(value),
        formatTick: (value, digits) => fixed(value, digits),
        leastSpan: curve.leastSpan,
        ...defined({ bounds: curve.bounds }),
        marked: false,
        ...defined({ reference: curve.reference }),
      }),
    table: {
      head: ["training", "steps", "first", "last"],
      rows: curve.runs.map((run) => {
        const values = run.steps
          .map(curve.pick)
          .filter((value) => value !== null);
        return [
          `${run.from} → ${run.model}`,
          run.steps.length,
          decimal(values[0] ?? null, 4),
          decimal(values.at(-1) ?? null, 4),
        ];
      }),
    },
  });
}

/** The longest curve of a figure is drawn with about this many points. */
const MOST_POINTS = 120;

/**
 * A curve as means over stretches of `size` steps, so that a page of ten thousand
 * steps stays small and runs of different length are smoothed alike. The first step
 * stands alone: its value has a meaning (ln 2).
 */
export function thinned(
  points: readonly { readonly x: number; readonly y: number }[],
  size: number,
): { readonly x: number; readonly y: number }[] {
  const [start, ...rest] = points;
  if (start === undefined || size === 1) return [...points];
  const means = [start];
  for (let begin = 0; begin < rest.length; begin += size) {
    const stretch = rest.slice(begin, begin + size);
    means.push({
      x: stretch.reduce((sum, { x }) => sum + x, 0) / stretch.length,
      y: stretch.reduce((sum, { y }) => sum + y, 0) / stretch.length,
    });
  }
  return means;
}
