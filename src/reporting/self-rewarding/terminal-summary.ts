/**
 * @file The report in about fifteen lines of plain text, for the end of a run.
 * Makes the text; whoever calls it prints it.
 */
import { fixed, percent, signed } from "../../text/number-words.js";
import {
  comparisonOf,
  pointsRange,
  type ComparisonVerdict,
} from "./comparison.js";
import {
  effortLines,
  ofAllRounds,
  stageEfforts,
} from "../schema/stage-effort.js";
import type { ModelReport, RunReport } from "./schema.js";
import { runVerdict } from "./verdict.js";

const COLUMNS = [
  { head: "model", width: 6 },
  { head: "right", width: 9 },
  { head: "95 % interval", width: 16 },
  { head: "sampled", width: 9 },
  { head: "believes", width: 9 },
  { head: "deserves", width: 9 },
  { head: "judge", width: 9 },
] as const;

const LINE_LENGTH = 78;

/**
 * Verdict, one row a model, warnings; for a comparison the arms first, and then the one
 * run in full under its own name. Lines are at most 78 characters, without
 * colour and without a newline at the end.
 */
export function terminalSummary(report: RunReport): string {
  const verdict = runVerdict(report);
  const comparison = comparisonOf(report);
  const warnings = report.warnings.map(
    ({ code, where, sentence }) => `! ${code} (${where}): ${sentence}`,
  );
  const effort = effortLines(
    ofAllRounds(stageEfforts(report.usage, report.timings?.stages)),
  );
  return [
    ...(comparison === null
      ? [verdict.title]
      : [
          ...comparisonLines(comparison),
          "",
          ...wrap(`In detail, ${comparison.detail}: ${verdict.title}`, ""),
        ]),
    ...verdict.sentences.flatMap((sentence) => wrap(sentence, "  ")),
    "",
    row(COLUMNS.map(({ head }) => head)),
    ...report.models.map(modelRow),
    ...(effort.length === 0 ? [] : ["", ...effort]),
    ...(warnings.length === 0 ? [] : [""]),
    ...warnings.flatMap((warning) => wrap(warning, "  ")),
  ].join("\n");
}

function modelRow(model: ModelReport): string {
  const { accuracy, sampled, self, judgeFixed } = model;
  return row([
    model.id,
    orDash(accuracy?.mean, percent),
    pointsRange(accuracy) ?? "-",
    orDash(sampled?.accuracy?.mean, percent),
    orDash(model.selfReward, fixed),
    orDash(self?.truth?.mean, fixed),
    orDash(judgeFixed?.pairwiseAccuracy, percent),
  ]);
}

/** The verdict over the arms, and one line an arm. */
function comparisonLines(comparison: ComparisonVerdict): string[] {
  const { title, sentences, arms } = comparison;
  const width = Math.max(...arms.map(({ name }) => name.length));
  return [
    title,
    ...sentences.flatMap((sentence) => wrap(sentence, "  ")),
    "",
    "arms, change in right answers (points, mean over seeds, [95 % interval]):",
    ...arms.map(({ name, gains: { mean, interval }, seeds }) => {
      const range = pointsRange(interval);
      return `  ${name.padEnd(width)}  ${orDash(mean, (value) => signed(value * 100, 1))}${range === null ? "" : `  ${range}`}  ${seeds}`;
    }),
  ];
}

function row(cells: readonly string[]): string {
  return `  ${cells
    .map((cell, index) => cell.padEnd(COLUMNS[index]?.width ?? 0))
    .join(" ")
    .trimEnd()}`;
}

function orDash(
  value: number | null | undefined,
  format: (value: number) => string,
): string {
  return value == null ? "-" : format(value);
}

/** Breaks a sentence at spaces; every line after the first is indented twice. */
function wrap(sentence: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of sentence.split(" ")) {
    if (line.trim() !== "" && line.length + word.length > LINE_LENGTH) {
      lines.push(line.trimEnd());
      line = indent.repeat(2);
    }
    line += `${word} `;
  }
  return [...lines, line.trimEnd()];
}
