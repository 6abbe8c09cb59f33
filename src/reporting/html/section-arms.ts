/**
 * @file Arms side by side: the same start, another reward or another training, one
 * dot a seed.
 */
import type { Interval } from "../../evaluation/interval.js";
import { mean } from "../../evaluation/interval.js";
import { fixed, signed } from "../../evaluation/number-words.js";
import { seedInterval } from "../../evaluation/seed-interval.js";
import type {
  ArmReport,
  ArmRunReport,
  ModelReport,
  RunReport,
} from "../report.js";
import { dotChart } from "./dot-chart.js";
import { dataTable, figure, section } from "./figure.js";
import { decimal, percent, signedPoints, UNKNOWN } from "./format.js";
import type { Content, Markup } from "./markup.js";
import { html } from "./markup.js";

/** Gains of every arm, greedy, sampled, and as the arm's own judge sees it. */
export function armsSection({ arms }: RunReport): Markup | null {
  if (arms.length === 0) return null;
  const seeds = Math.max(...arms.map(({ runs }) => runs.length));
  return section({
    id: "arms",
    title: "The arms side by side",
    lead: `Every arm starts from the same models and differs in one thing. One dot is one seed, the tick is the mean, the band its 95\u202F% interval over ${seeds === 1 ? "seeds (one seed has none)" : `${seeds} seeds (Student’s t)`}.`,
    body: html`<div class="grid-2">
        ${gainFigure(arms, "Gain in right answers, greedy", greedyOf)}
        ${gainFigure(arms, "Gain in right answers, sampled", sampledOf)}
      </div>
      <div class="card">
        <h3>Every arm in numbers</h3>
        ${armTable(arms)}
      </div>`,
  });
}

type Measure = (model: ModelReport) => number | null;

const greedyOf: Measure = ({ accuracy }) => accuracy?.mean ?? null;
const sampledOf: Measure = ({ sampled }) => sampled?.accuracy?.mean ?? null;
const fixedSetOf: Measure = ({ judgeFixed }) =>
  judgeFixed?.pairwiseAccuracy ?? null;
const beliefOf: Measure = ({ selfReward }) => selfReward;

function gainFigure(
  arms: readonly ArmReport[],
  title: string,
  measure: Measure,
): Markup {
  const gains = arms.map((arm) => ({ arm, gains: gainsOf(arm, measure) }));
  return figure({
    title,
    reading:
      "Last model minus first trained model of the same seed, in points.",
    draw: (width) =>
      dotChart({
        label: `${title}, by arm and seed`,
        rows: gains.map(({ arm, gains: perSeed }) => {
          const interval = seedInterval(perSeed.map(({ gain }) => gain));
          const center = mean(perSeed.map(({ gain }) => gain));
          return {
            name: arm.name,
            dots: perSeed.map(({ seed, gain }) => ({
              x: gain,
              color: "var(--truth)",
              hollow: true,
              minor: false,
              title: `${arm.name}, seed ${seed}: ${signedPoints(gain)} points`,
            })),
            span:
              interval === null
                ? null
                : {
                    from: interval.low,
                    to: interval.high,
                    color: toneOf(interval),
                  },
            mark: center,
            note: signedPoints(center),
          };
        }),
        width,
        format: (value) =>
          Math.abs(value) < 1e-9 ? "0" : signed(value * 100, 0),
        leastSpan: 0.1,
        zero: true,
        rowHeight: 34,
      }),
    table: {
      head: ["arm", "mean", "95\u202F% interval", "by seed"],
      rows: gains.map(({ arm, gains: perSeed }) => {
        const interval = seedInterval(perSeed.map(({ gain }) => gain));
        return [
          arm.name,
          signedPoints(mean(perSeed.map(({ gain }) => gain))),
          interval === null
            ? UNKNOWN
            : `[${fixed(interval.low * 100, 1)}, ${fixed(interval.high * 100, 1)}]`,
          perSeed
            .map(({ seed, gain }) => `${seed}: ${signedPoints(gain)}`)
            .join(", "),
        ];
      }),
    },
  });
}

/** Only an interval clear of zero has a direction. */
function toneOf({ low, high }: Interval): string {
  return low > 0 ? "var(--good)" : high < 0 ? "var(--bad)" : "var(--ink-faint)";
}

function armTable(arms: readonly ArmReport[]): Markup {
  const ids = [
    ...new Set(
      arms.flatMap(({ runs }) =>
        runs.flatMap(({ models }) => models.map(({ id }) => id)),
      ),
    ),
  ];
  return dataTable("Every arm in numbers", {
    head: [
      "arm",
      ...ids.map((id) => `${id}, right`),
      "change of belief",
      "judge, fixed set",
      "warnings",
    ],
    rows: arms.map((arm) => [
      html`${arm.name}${arm.note !== "" && html` <small>${arm.note}</small>`}`,
      ...ids.map((id) => percent(meanOf(arm, id, greedyOf))),
      signedOrUnknown(mean(gainsOf(arm, beliefOf).map(({ gain }) => gain))),
      judgeChange(arm),
      warningCount(arm),
    ]),
  });
}

function judgeChange(arm: ArmReport): string {
  const ends = arm.runs.map(endsOf);
  const before = mean(
    ends.flatMap(({ first }) =>
      known(first === null ? null : fixedSetOf(first)),
    ),
  );
  const after = mean(
    ends.flatMap(({ last }) => known(last === null ? null : fixedSetOf(last))),
  );
  return before === null && after === null
    ? UNKNOWN
    : `${percent(before)} → ${percent(after)}`;
}

function warningCount({ runs }: ArmReport): Content {
  const affected = runs.filter(({ warnings }) => warnings.length > 0);
  if (affected.length === 0) return "none";
  const codes = [
    ...new Set(
      affected.flatMap(({ warnings }) => warnings.map(({ code }) => code)),
    ),
  ];
  return html`<span class="bad-text"
    ><span aria-hidden="true">⚠</span> ${affected.length} of ${runs.length}:
    ${codes.join(", ")}</span
  >`;
}

function endsOf({ models, stop }: ArmRunReport): {
  readonly first: ModelReport | null;
  readonly last: ModelReport | null;
} {
  const kept = models.find(({ id }) => id === stop?.kept);
  return {
    first: models.find(({ method }) => method !== "base") ?? null,
    last: kept ?? models.at(-1) ?? null,
  };
}

function gainsOf(
  arm: ArmReport,
  measure: Measure,
): { readonly seed: number; readonly gain: number }[] {
  return arm.runs.flatMap((run) => {
    const { first, last } = endsOf(run);
    const before = first === null ? null : measure(first);
    const after = last === null ? null : measure(last);
    return before === null || after === null
      ? []
      : [{ seed: run.seed, gain: after - before }];
  });
}

function meanOf(arm: ArmReport, id: string, measure: Measure): number | null {
  return mean(
    arm.runs.flatMap(({ models }) => {
      const model = models.find((candidate) => candidate.id === id);
      return known(model === undefined ? null : measure(model));
    }),
  );
}

function known(value: number | null): number[] {
  return value === null ? [] : [value];
}

function signedOrUnknown(value: number | null): string {
  return value === null ? UNKNOWN : `${value < 0 ? "" : "+"}${decimal(value)}`;
}
