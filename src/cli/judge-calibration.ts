/**
 * @file `autodidact judge --calibrate`: a judge tried on pairs of which the better
 * answer is known, and what follows for a loop that would train on it.
 */
import {
  calibrate,
  type Agreement,
  type Calibration,
  type Leaning,
} from "../evaluation/calibration.js";
import {
  cheapestCure,
  type CureWords,
  type MeasuredJudge,
} from "../evaluation/judge-cure.js";
import { readCalibrationSet } from "../evaluation/calibration-set.js";
import { scoring } from "../pipelines/stages/judge.js";
import type { JudgedRow } from "../pipelines/stages/prompt-rows.js";
import type { JudgeSettings } from "../rewarding/judge.js";
import { count, counted, percent, points } from "../text/number-words.js";
import type { DeviceName } from "../engine/runtime/device.js";
import type { CommandIo } from "./io.js";
import type { AskedJudge } from "./judge-source.js";
import { makeRows } from "./row-stage.js";

/** The gate of the recipes: below it a loop trains on noise (src/evaluation/gate.ts). */
const GATE = 0.8;

/** @throws BAD_INPUT naming file, line and field; and as `judge` does */
export async function calibrateJudge(
  values: {
    readonly calibrate: string;
    readonly judge: AskedJudge;
    readonly out: string | undefined;
    readonly limit: number | undefined;
    readonly own: string | undefined;
    readonly judgeTemplate: string | undefined;
    readonly device: DeviceName | "auto";
  },
  settings: JudgeSettings,
  io: CommandIo,
): Promise<void> {
  const prompts = await readCalibrationSet(values.calibrate, values.limit);
  const placed = prompts.flatMap(({ path, line, prompt, category, answers }) =>
    answers.map((answer) => ({
      path,
      line,
      row: { prompt, category, ...answer },
    })),
  );
  const { rows, seconds, summarize } = await makeRows(io, {
    stage: "judge",
    title: `${values.judge.name} judges`,
    items: placed.length,
    unit: "responses",
    ...{ out: values.out, device: values.device },
    inputs: [values.calibrate, values.judgeTemplate],
    open: values.judge.open(scoring(placed, settings)),
  });
  let next = 0;
  const calibration = calibrate(
    prompts.map(({ category, answers }) => ({
      category,
      answers: answers.map(({ response, truth, model }) => ({
        score: rows[next++]?.score ?? null,
        truth,
        length: [...response].length,
        model,
      })),
    })),
    values.own ?? null,
  );
  const unread = ofKind(rows, "malformed");
  const abstentions = ofKind(rows, "abstention");
  const { accuracy, ties, longer } = calibration;
  const { kind } = values.judge;
  const verdict = verdictOn({
    ...{ kind, accuracy, ties: ties ?? 0 },
    sampled: kind !== "reward-model" && settings.reward === "samples",
    unread: rows.length === 0 ? 0 : unread / rows.length,
    leansLong: longer === null ? 0 : longer.judge - longer.truth,
  });
  summarize(
    [
      `${counted(rows.length, "answer")}: ${count(unread)} malformed, ${counted(abstentions, "abstention")}; ${count(calibration.unjudged)} of ${counted(calibration.pairs + calibration.unjudged, "pair")} without both scores`,
      ...shown(calibration),
      verdict.sentence,
    ].join("\n"),
  );
  io.printJson({
    model: values.judge.name,
    answers: rows.length,
    malformed: unread,
    abstentions,
    ...calibration,
    ...verdict,
    seconds,
    out: values.out,
  });
}

function ofKind(rows: readonly JudgedRow[], kind: JudgedRow["kind"]): number {
  return rows.filter((row) => row.kind === kind).length;
}

/** Whether a loop may trust the judge, and the cheapest thing that would help. */
function verdictOn(judge: MeasuredJudge): {
  readonly fit: boolean;
  readonly sentence: string;
} {
  const { accuracy } = judge;
  const gate = percent(GATE, 0);
  if (accuracy !== null && accuracy.low >= GATE)
    return {
      fit: true,
      sentence: `Fit for the loop: even the lower bound is at least the gate of ${gate}.`,
    };
  const state =
    accuracy !== null && accuracy.high >= GATE
      ? `Not shown to be fit for the loop: the gate of ${gate} lies within the interval.`
      : `Not fit for the loop, whose gate is ${gate}.`;
  return {
    fit: false,
    sentence: `${state} ${cheapestCure(judge, GATE, OPTIONS)}`,
  };
}

/** Options of this command, and of others for what it cannot do. */
const OPTIONS: CureWords = {
  expected: "--reward expected",
  samples: "--samples",
  answer: "--judge-answer",
  template: "--judge-template",
  teach: "autodidact rankings and eft, then train sft",
  rank: "autodidact train reward",
};

function shown(calibration: Calibration): string[] {
  const { accuracy, prompts, pairs, ties, categories, gaps } = calibration;
  if (accuracy === null) return ["No pair has a score on both sides."];
  return [
    `${"right".padEnd(WIDTH)}${percent(accuracy.mean)}  [${percent(accuracy.low)}, ${percent(accuracy.high)}] over ${counted(prompts, "prompt")}, ${counted(pairs, "pair")}; ${percent(ties ?? 0)} ties, counted half`,
    ...gaps.map(({ gap, ...one }) => agreement(`scores ≤ ${gap} apart`, one)),
    ...categories.map(({ category, ...one }) => agreement(category, one)),
    ...leaning("the longer one", calibration.longer),
    ...leaning("the first one", calibration.first),
    ...leaning("its own", calibration.own),
  ];
}

const WIDTH = 24;

function agreement(label: string, { pairs, accuracy }: Agreement): string {
  return `${label.padEnd(WIDTH)}${accuracy === null ? "-" : percent(accuracy)} of ${counted(pairs, "pair")}`;
}

function leaning(label: string, found: Leaning | null): string[] {
  if (found === null) return [];
  const { judge, truth, pairs } = found;
  return [
    `${`prefers ${label}`.padEnd(WIDTH)}${percent(judge)}, in truth ${percent(truth)}: ${points(judge - truth)} off, ${counted(pairs, "pair")}`,
  ];
}
