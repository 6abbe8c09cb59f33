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

interface Column {
  readonly head: string;
  readonly width: number;
  readonly cell: (model: ModelReport) => string;
}

const OUTSIDE: Column = {
  ...{ head: "outside", width: 7 },
  cell: ({ outside }) => orDash(outside?.reward?.mean, fixed),
};

/** Truth, the model's own reward and an outside judge's stand side by side, with length. */
function columnsOf(models: readonly ModelReport[]): readonly Column[] {
  const hasOutside = models.some(({ outside }) => outside !== undefined);
  return [
    { head: "model", width: 5, cell: ({ id }) => id },
    {
      ...{ head: "right", width: 7 },
      cell: ({ accuracy }) => orDash(accuracy?.mean, percent),
    },
    {
      ...{ head: "95 % interval", width: 13 },
      cell: ({ accuracy }) => pointsRange(accuracy) ?? "-",
    },
    {
      ...{ head: "sampled", width: 7 },
      cell: ({ sampled }) => orDash(sampled?.accuracy?.mean, percent),
    },
    {
      ...{ head: "deserves", width: 8 },
      cell: ({ self }) => orDash(self?.truth?.mean, fixed),
    },
    {
      ...{ head: "believes", width: 8 },
      cell: ({ selfReward }) => orDash(selfReward, fixed),
    },
    ...(hasOutside ? [OUTSIDE] : []),
    {
      ...{ head: "tokens", width: 6 },
      cell: ({ responseLength }) => orDash(responseLength, oneDigit),
    },
    {
      ...{ head: "judge", width: 7 },
      cell: ({ judgeFixed }) => orDash(judgeFixed?.pairwiseAccuracy, percent),
    },
  ];
}

function oneDigit(value: number): string {
  return fixed(value, 1);
}

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
    ...modelRows(report.models),
    ...(effort.length === 0 ? [] : ["", ...effort]),
    ...(warnings.length === 0 ? [] : [""]),
    ...warnings.flatMap((warning) => wrap(warning, "  ")),
  ].join("\n");
}

function modelRows(models: readonly ModelReport[]): string[] {
  const columns = columnsOf(models);
  const lines = [
    columns.map(({ head }) => head),
    ...models.map((model) => columns.map(({ cell }) => cell(model))),
  ];
  return lines.map(
    (cells) =>
      `  ${cells
        .map((cell, i) => cell.padEnd(columns[i]?.width ?? 0))
        .join(" ")
        .trimEnd()}`,
  );
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
