/**
 * @file The measured sections of docs/results/engines.md; what stands around them is
 * written by hand.
 */
import { describeLoad, describeMachine, median } from "../client/statistics.js";
import type { LoopRun, StageName } from "./loop.js";
import type { TrainingTimes } from "./training.js";

/** The page with another text between a section's marks. */
export function withSection(page: string, name: string, text: string): string {
  const begin = `<!-- ${name} -->\n`;
  const start = page.indexOf(begin);
  const end = page.indexOf("<!-- end -->", start);
  if (start < 0 || end < 0) throw new Error(`The page has no part ${name}.`);
  return `${page.slice(0, start)}${begin}\n${text}\n${page.slice(end)}`;
}

export function loopSection(
  ours: readonly LoopRun[],
  plain: readonly Readonly<Record<StageName, number>>[],
): string {
  const row = (title: string, stage: StageName): readonly string[] => {
    const { steps, ran, waited } = (ours[0] as LoopRun).occupancy[stage];
    const each = [(ran / steps).toFixed(0), (waited / steps).toFixed(0)];
    const seconds = ours.map((run) => run.seconds[stage]);
    const other = plain.map((run) => run[stage]);
    return [title, ...compared(seconds, other), ...each];
  };
  return [
    table(
      ["Stage", "Ours, s", "Plain script, s", "Ratio", "Running", "Waiting"],
      [
        row("768 prompts, 4 answers each", "candidates"),
        row("Their 3,072 judgements, with reasons", "judgements"),
      ],
    ),
    measuredOn(ours.length),
  ].join("\n\n");
}

export function trainingSection({ ours, plain }: TrainingTimes): string {
  return [
    table(
      ["Stage", "Ours, s", "Plain script, s", "Ratio"],
      [["DPO, 2 processes", ...compared(ours, plain)]],
    ),
    measuredOn(ours.length),
  ].join("\n\n");
}

/** Both medians, and the median of the ratios of neighbours in time. */
function compared(ours: readonly number[], plain: readonly number[]) {
  const ratios = ours.map((seconds, i) => seconds / (plain[i] ?? Number.NaN));
  return [
    median(ours).toFixed(1),
    median(plain).toFixed(1),
    `${median(ratios).toFixed(3)} (${ratios.map((each) => each.toFixed(3)).join(", ")})`,
  ];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]) {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rule = head.map((_, column) => (column === 0 ? "---" : "---:"));
  return [head, rule, ...rows].map(line).join("\n");
}

function measuredOn(rounds: number): string {
  return `${rounds} rounds, taking turns. ${describeMachine()}; ${new Date().toISOString().slice(0, 10)}; load average at the end ${describeLoad()}.`;
}
