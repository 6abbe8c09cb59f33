/**
 * @file What the stages of a run took, as a table of a page.
 */
import { dataTable } from "../html/figure.js";
import { duration } from "../html/format.js";
import type { Content, Markup } from "../html/markup.js";
import { effortColumns, RATE, type StageEffort } from "./stage-effort.js";

/** A row a stage. @param more columns of the report's own, at the end */
export function effortTable(
  efforts: readonly StageEffort[],
  more: readonly {
    readonly head: string;
    readonly of: (effort: StageEffort) => Content;
  }[] = [],
): Markup {
  const columns = [...effortColumns(efforts), RATE, ...more];
  return dataTable("What each stage took", {
    head: ["stage", "time", ...columns.map(({ head }) => head)],
    rows: efforts.map((effort) => [
      effort.stage,
      duration(effort.seconds),
      ...columns.map(({ of }) => of(effort)),
    ]),
  });
}
