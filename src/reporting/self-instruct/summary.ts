/**
 * @file A Self-Instruct run with training in words: what it shows, and the plain text
 * that ends the terminal's output.
 */
import type { Interval } from "../../evaluation/interval.js";
import { seedInterval } from "../../evaluation/seed-interval.js";
import { percent, rangeInPoints, signed } from "../../text/number-words.js";
import {
  effortLines,
  ofAllRounds,
  stageEfforts,
} from "../schema/stage-effort.js";
import type { TrainingReport, TrainingRun } from "./schema.js";

/** The same in about fifteen lines of plain text, for the end of a run. */
export function trainingSummary(report: TrainingReport): string {
  const runs = runsOf(report);
  const width = Math.max(
    ...report.models.map(({ id }) => id.length),
    "model".length,
  );
  const tables = runs.flatMap((run) => [
    "",
    ...(runs.length > 1 ? [`seed ${run.seed}`] : []),
    `  ${"model".padEnd(width)}  right    95 % interval   sampled  rows`,
    ...run.models.map(
      ({ id, accuracy, sampled, rows }) =>
        `  ${id.padEnd(width)}  ${shown(accuracy).padEnd(8)} ${range(accuracy).padEnd(15)} ${shown(sampled?.accuracy ?? null).padEnd(8)} ${rows}`,
    ),
  ]);
  const effort = effortLines(
    ofAllRounds(stageEfforts(report.usage, report.timings?.stages)),
  );
  return [
    ...trainingSentences(report),
    ...tables,
    ...(effort.length === 0 ? [] : ["", ...effort]),
  ].join("\n");
}

export function runsOf(report: TrainingReport): readonly TrainingRun[] {
  return report.runs.length === 0 ? [report] : report.runs;
}

/** What the run shows, most important first. */
export function trainingSentences(report: TrainingReport): string[] {
  const runs = runsOf(report);
  if (report.world === null) {
    return [
      "Nobody knows the right answers here, so this report can show the data but not whether the model got better.",
    ];
  }
  return report.gains.flatMap(({ from: id }) => {
    const after = accuracies(runs, "M1");
    const before = accuracies(runs, id);
    const difference = changeFrom(runs, id);
    if (difference === null) return [];
    const change =
      difference.low > 0
        ? "more"
        : difference.high < 0
          ? "fewer"
          : "no clear difference";
    return [
      `M1, fine-tuned on its own data, answers ${percent(mean(after))} right, ${id} ${percent(mean(before))}: ${signed(difference.mean * 100, 1)} points ${rangeInPoints(difference)}${runs.length > 1 ? ` over ${runs.length} seeds` : ""}, ${change}.`,
    ];
  });
}

/** M1 minus the model `id`: over seeds where there are several, over prompts where there is one. */
function changeFrom(runs: readonly TrainingRun[], id: string): Interval | null {
  const gains = runs.flatMap((run) =>
    run.gains.filter(({ from }) => from === id),
  );
  const [only] = gains;
  if (gains.length === 1 && only !== undefined) return only.accuracy;
  return seedInterval(gains.map(({ accuracy }) => accuracy.mean));
}

function accuracies(runs: readonly TrainingRun[], id: string): number[] {
  return runs.flatMap(({ models }) =>
    models.flatMap((model) =>
      model.id === id && model.accuracy !== null ? [model.accuracy.mean] : [],
    ),
  );
}

export function shown(interval: Interval | null): string {
  return interval === null ? "–" : percent(interval.mean);
}

export function range(interval: Interval | null): string {
  return interval === null ? "–" : rangeInPoints(interval);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
