/**
 * @file A run in one line: where it began, where it ended, and the change with its
 * interval. For lists of runs, and for the end of a terminal's output.
 */
import { percent, signed } from "../../text/number-words.js";
import { armEnds, gainBetween } from "./arm-gains.js";
import { pointsRange } from "./comparison.js";
import type { ArmRunReport, ModelReport, RunReport } from "./schema.js";

/** `M1 55.1 % → M3 68.4 % right, +13.3 points [10.1, 15.6]`. */
export function runLine(run: ArmRunReport): string {
  const { first, last } = armEnds(run);
  if (first === null || last === null)
    return last === null ? "no model yet" : rightWords(last);
  if (first === last) {
    const why =
      run.gate !== null && !run.gate.passed && !run.gate.forced
        ? "the judge did not pass the gate"
        : run.stop !== null
          ? `stopped, ${first.id} is kept`
          : "no round was run";
    return `${rightWords(first)}; ${why}`;
  }
  if (first.accuracy === null || last.accuracy === null)
    return `${first.id} → ${last.id}, not verified`;
  const range = pointsRange(gainBetween(run, first, last)?.accuracy ?? null);
  const change = last.accuracy.mean - first.accuracy.mean;
  return `${first.id} ${percent(first.accuracy.mean)} → ${last.id} ${percent(last.accuracy.mean)} right, ${signed(change * 100, 1)} points${range === null ? "" : ` ${range}`}`;
}

function rightWords({ id, accuracy }: ModelReport): string {
  return accuracy === null
    ? `${id}, not verified`
    : `${id} ${percent(accuracy.mean)} right`;
}

/** A line for the run, or for each arm and seed of a comparison in the recipe's order. */
export function runLines(report: RunReport): string[] {
  if (report.arms.length === 0)
    return [`${report.name}, seed ${report.seed}: ${runLine(report)}`];
  return report.arms.flatMap(({ name, runs }) =>
    runs.map((run) => `${name}, seed ${run.seed}: ${runLine(run)}`),
  );
}
