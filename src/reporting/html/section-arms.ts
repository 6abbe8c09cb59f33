/**
 * @file Arms side by side: the same start, another reward or another training, one
 * dot a seed.
 */
import type { Interval } from "../../evaluation/interval.js";
import { mean } from "../../evaluation/interval.js";
import { fixed, signed } from "../../evaluation/number-words.js";
import type { ArmGains, ModelMeasure } from "../arm-gains.js";
import {
  armEnds,
  armGains,
  greedyAccuracyOf,
  sampledAccuracyOf,
} from "../arm-gains.js";
import type { ArmReport, RunReport } from "../report.js";
import type { DotRow } from "./dot-chart.js";
import { dotChart } from "./dot-chart.js";
import { dataTable, figure, section } from "./figure.js";
import { percent, signedPoints, UNKNOWN } from "./format.js";
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
        ${gainFigure(arms, "Gain in right answers, greedy", greedyAccuracyOf)}
        ${gainFigure(arms, "Gain in right answers, sampled", sampledAccuracyOf)}
      </div>
      <div class="card">
        <h3>Every arm in numbers</h3>
        ${armTable(arms)}
      </div>`,
  });
}

const fixedSetOf: ModelMeasure = ({ judgeFixed }) =>
  judgeFixed?.pairwiseAccuracy ?? null;
const beliefOf: ModelMeasure = ({ selfReward }) => selfReward;

function gainFigure(
  arms: readonly ArmReport[],
  title: string,
  measure: ModelMeasure,
): Markup {
  const rows = arms.map((arm) => ({ arm, gains: armGains(arm, measure) }));
  return figure({
    title,
    reading:
      "The run’s result minus the first trained model of the same seed, in points.",
    draw: (width) =>
      dotChart({
        label: `${title}, by arm and seed`,
        rows: rows.map(({ arm, gains }) => gainRow(arm.name, gains)),
        width,
        format: (value) =>
          Math.abs(value) < 1e-9 ? "0" : signed(value * 100, 0),
        leastSpan: 0.1,
        zero: true,
        rowHeight: 34,
      }),
    table: {
      head: ["arm", "mean", "95\u202F% interval", "by seed"],
      rows: rows.map(({ arm, gains: { bySeed, mean: center, interval } }) => [
        arm.name,
        signedPoints(center),
        interval === null
          ? UNKNOWN
          : `[${fixed(interval.low * 100, 1)}, ${fixed(interval.high * 100, 1)}]`,
        bySeed
          .map(({ seed, gain }) => `${seed}: ${signedPoints(gain)}`)
          .join(", "),
      ]),
    },
  });
}

function gainRow(name: string, gains: ArmGains): DotRow {
  const { bySeed, mean: center, interval } = gains;
  return {
    name,
    dots: bySeed.map(({ seed, gain }) => ({
      x: gain,
      color: "var(--truth)",
      hollow: true,
      minor: false,
      title: `${name}, seed ${seed}: ${signedPoints(gain)} points`,
    })),
    span:
      interval === null
        ? null
        : { from: interval.low, to: interval.high, color: toneOf(interval) },
    mark: center,
    note: signedPoints(center),
  };
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
      ...ids.map((id) => percent(meanOf(arm, id, greedyAccuracyOf))),
      signedOrUnknown(armGains(arm, beliefOf).mean),
      judgeChange(arm),
      warningCount(arm),
    ]),
  });
}

function judgeChange(arm: ArmReport): string {
  const ends = arm.runs.map(armEnds);
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

function meanOf(
  arm: ArmReport,
  id: string,
  measure: ModelMeasure,
): number | null {
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
  return value === null ? UNKNOWN : signed(value);
}
