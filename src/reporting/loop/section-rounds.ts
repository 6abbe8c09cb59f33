/**
 * @file What happened inside the rounds: from prompts to pairs, the shape of what
 * was written, and the training curves.
 */
import { count, counted, fixed } from "../../text/number-words.js";
import type {
  ModelReport,
  RoundReport,
  RunReport,
  TrainingCurve,
} from "./schema.js";
import { figure, modelColor, section } from "../html/figure.js";
import { decimal, duration, percent } from "../html/format.js";
import type { Line } from "../html/line-chart.js";
import { lineChart } from "../html/line-chart.js";
import type { Content, Markup } from "../html/markup.js";
import { html } from "../html/markup.js";

/** The way from prompts to pairs, a strip a round. */
export function roundsSection(report: RunReport): Markup | null {
  if (report.rounds.length === 0) return null;
  return section({
    id: "rounds",
    title: "From prompts to pairs",
    lead: "What each round wrote, threw away and kept. Every count is a row in the run’s ledger, with its reason.",
    body: report.rounds.map(roundCard),
  });
}

function roundCard(round: RoundReport): Markup {
  const refused = reasons(round.rejections);
  const lost = reasons({
    ...(round.ties > 0 ? { "best and worst tie": round.ties } : {}),
    ...round.dropped,
  });
  return html`<article class="card round">
    <h3>
      ${round.from} → ${round.to}
      <small
        >reward: ${round.reward}, training:
        ${round.method}${
          round.seconds !== null && html`, ${duration(round.seconds)}`
        }</small
      >
    </h3>
    <ol class="funnel">
      ${
        round.promptsWritten !== null &&
        station(["written", "written"], round.promptsWritten, refused)
      }
      ${station(["prompt", "prompts"], round.prompts, "")}
      ${station(
        ["candidate", "candidates"],
        round.candidates,
        round.merged > 0 ? `${count(round.merged)} identical, merged` : "",
      )}
      ${station(
        ["judgement", "judgements"],
        round.judgements,
        `${count(round.malformed)} malformed (${percent(round.judgements === 0 ? null : round.malformed / round.judgements)})`,
      )}
      ${station(["pair", "pairs"], round.pairs, lost)}
    </ol>
    <div class="round-foot">
      ${round.pairTruth !== null && pairTruthBar(round.pairTruth)}
      ${round.scoreHistogram !== null && histogram(round.from, round.scoreHistogram)}
    </div>
  </article>`;
}

/** @param names for one and for several */
function station(
  [one, many]: readonly [string, string],
  amount: number,
  note: string,
): Content {
  return html`<li>
    <b>${count(amount)}</b> <span>${amount === 1 ? one : many}</span>
    ${note !== "" && html`<small>${note}</small>`}
  </li>`;
}

function reasons(counts: Readonly<Record<string, number>>): string {
  const named = Object.entries(counts)
    .filter(([, amount]) => amount > 0)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(
      ([reason, amount]) => `${count(amount)} ${reason.replaceAll("-", " ")}`,
    );
  return named.length === 0 ? "" : `dropped: ${named.join(", ")}`;
}

function pairTruthBar(truth: NonNullable<RoundReport["pairTruth"]>): Content {
  const total = truth.right + truth.tied + truth.wrong;
  if (total === 0) return null;
  const parts = [
    { name: "right way round", tone: "win", amount: truth.right },
    { name: "equally good", tone: "tie", amount: truth.tied },
    { name: "backwards", tone: "lose", amount: truth.wrong },
  ];
  return html`<div class="mini">
    <h4>The pairs, by the verifier <small>(never used to train)</small></h4>
    <div
      class="stack"
      role="img"
      aria-label="${parts
        .map(({ name, amount }) => `${percent(amount / total, 0)} ${name}`)
        .join(", ")}"
    >
      ${parts.map(
        ({ name, tone, amount }) =>
          amount > 0 &&
          html`<i
            class="${tone}"
            style="flex:${fixed(amount / total, 4)}"
            title="${name}: ${amount} of ${total}"
            >${amount / total >= 0.07 && fixed((amount / total) * 100, 0)}</i
          >`,
      )}
    </div>
    <p class="key" aria-hidden="true">
      ${parts.map(({ name, tone }) => html`<span class="${tone}">${name}</span>`)}
    </p>
  </div>`;
}

function histogram(judge: string, counts: readonly number[]): Content {
  const largest = Math.max(1, ...counts);
  return html`<div class="mini">
    <h4>Scores ${judge} gave</h4>
    <ol class="histogram" start="0">
      ${counts.map(
        (amount, score) =>
          html`<li title="score ${score}: ${count(amount)}">
            <i style="height:${fixed((amount / largest) * 100, 1)}%"></i
            ><span>${score}</span
            ><span class="hidden">: ${counted(amount, "candidate")}</span>
          </li>`,
      )}
    </ol>
  </div>`;
}

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
      format: (value) => percent(value, 0),
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
            ? percent(value, 0)
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
        ...(curve.bounds ? { bounds: curve.bounds } : {}),
        marked: false,
        ...(curve.reference ? { reference: curve.reference } : {}),
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
