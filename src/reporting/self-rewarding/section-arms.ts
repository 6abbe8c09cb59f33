/**
 * @file Arms side by side: the same start, another reward or another training, one
 * dot a seed.
 */
import type { Interval } from "../../evaluation/interval.js";
import { signed } from "../../text/number-words.js";
import type { ArmGains, ModelMeasure } from "./arm-gains.js";
import {
  armEnds,
  armGains,
  furthestRuns,
  greedyAccuracyOf,
  sampledAccuracyOf,
  seedWords,
} from "./arm-gains.js";
import { pointsRange } from "./comparison.js";
import type { ArmReport, RunReport } from "./schema.js";
import { dotChart, type DotRow } from "../html/dot-chart.js";
import { dataTable, figure, section } from "../html/figure.js";
import { percentCell, signedPoints, UNKNOWN } from "../html/format.js";
import { html, type Content, type Markup } from "../html/markup.js";
import { mean } from "../../foundation/statistics.js";

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
        <p class="lead">
          Levels are means over the seeds that reached the arm’s last model;
          gain, belief and judge are those of the result and count every seed.
        </p>
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
        pointsRange(interval) ?? UNKNOWN,
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
      "seeds",
      ...ids.map((id) => `${id}, right`),
      "gain, points",
      "change of belief",
      "judge, fixed set",
      "warnings",
    ],
    rows: arms.map((arm) => [
      html`${arm.name}${arm.note !== "" && html` <small>${arm.note}</small>`}`,
      seedWords(arm),
      ...ids.map((id) => levelOf(arm, id)),
      signedPoints(armGains(arm, greedyAccuracyOf).mean),
      signedOrUnknown(armGains(arm, beliefOf).mean),
      judgeChange(arm),
      warningCount(arm),
    ]),
  });
}

function judgeChange(arm: ArmReport): string {
  const pairs = arm.runs.flatMap((run) => {
    const { first, last } = armEnds(run);
    const before = first === null ? null : fixedSetOf(first);
    const after = last === null ? null : fixedSetOf(last);
    return before === null || after === null ? [] : [{ before, after }];
  });
  return pairs.length === 0
    ? UNKNOWN
    : `${percentCell(mean(pairs.map(({ before }) => before)))} → ${percentCell(mean(pairs.map(({ after }) => after)))}`;
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

/** Mean accuracy of one model over the furthest runs, with their number when it is not all. */
function levelOf(arm: ArmReport, id: string): string {
  const runs = furthestRuns(arm);
  const values = runs.flatMap(({ models }) => {
    const model = models.find((candidate) => candidate.id === id);
    const value = model === undefined ? null : greedyAccuracyOf(model);
    return value === null ? [] : [value];
  });
  const counted =
    values.length > 0 && runs.length < arm.runs.length
      ? ` (n=${values.length})`
      : "";
  return `${percentCell(mean(values))}${counted}`;
}

function signedOrUnknown(value: number | null): string {
  return value === null ? UNKNOWN : signed(value);
}
