/**
 * @file `autodidact judge --against`: a judge says of two models' answers to each prompt
 * which is better, in AlpacaEval's file of annotations.
 */
import { rm } from "node:fs/promises";
import type { DeviceName } from "../engine/runtime/device.js";
import {
  preferenceFigures,
  type PreferenceFigures,
} from "../evaluation/preference-figures.js";
import { randomStream } from "../foundation/random.js";
import { writeFileAtomic } from "../foundation/storage.js";
import { requireWritableFile } from "../pipelines/run/output-path.js";
import { comparing, readOpponents } from "../pipelines/stages/comparisons.js";
import type { JudgeSettings } from "../rewarding/judge.js";
import { count, counted, percent } from "../text/number-words.js";
import type { CommandIo } from "./io.js";
import type { AskedJudge } from "./judge-source.js";
import { makeRows } from "./row-stage.js";

/** @throws BAD_INPUT naming file, line and field; and as `judge` does */
export async function compareAnswers(
  values: {
    readonly judge: AskedJudge;
    readonly data: string;
    readonly against: string;
    readonly questions: string | undefined;
    readonly out: string;
    readonly judgeTemplate: string | undefined;
    readonly device: DeviceName | "auto";
    readonly seed: number;
  },
  settings: JudgeSettings,
  io: CommandIo,
): Promise<void> {
  const { judge, data, against, questions, out, seed } = values;
  const { pairs, alone } = await readOpponents(data, against, questions);
  if (alone > 0)
    io.remark(
      `${counted(alone, "answer is", "answers are")} in one of the two files only and ${alone === 1 ? "does" : "do"} not count.`,
    );
  const inputs = [data, against, questions, values.judgeTemplate];
  // AlpacaEval's programs read one array, and the array is whole at the end only.
  const isArray = out.endsWith(".json");
  if (isArray) await requireWritableFile(out, inputs);
  const unfinished = isArray ? `${out}.rows` : out;
  const { rows, seconds, summarize } = await makeRows(io, {
    stage: "judge",
    title: `${judge.name} compares`,
    items: pairs.length,
    unit: "pairs",
    ...{ out: unfinished, device: values.device, inputs },
    open: judge.open(comparing(pairs, settings, judge.name)),
  });
  if (isArray) {
    await writeFileAtomic(out, `${JSON.stringify(rows, null, 2)}\n`);
    await rm(unfinished);
  }
  const figures = preferenceFigures(
    rows.map(({ preference, orders }) => ({
      preference: preference === null ? null : preference - 1,
      orders: orders.map(({ score }) => score),
    })),
    { random: randomStream(seed, "preferences") },
  );
  if (figures.winRate === null)
    io.remark(
      "No verdict could be read in both orders. What the judge wrote is in the rows, under orders: ask a stronger judge, give it more --judge-max-tokens, or sample (--reward samples).",
    );
  summarize(`${shown(figures, rows.length)}: ${out}`);
  io.printJson({
    model: judge.name,
    pairs: rows.length,
    alone,
    ...figures,
    seconds,
    out,
  });
}

function shown(figures: PreferenceFigures, pairs: number): string {
  const { winRate, verdicts, unjudged, consistent, firstPlace } = figures;
  const { win, tie, lose } = verdicts;
  const rate =
    winRate === null
      ? "no verdict"
      : `preferred in ${percent(winRate.mean)} [${percent(winRate.low)}, ${percent(winRate.high)}]`;
  const places =
    firstPlace === null
      ? ""
      : `; the answer shown first got ${percent(firstPlace)}${consistent === null ? "" : `, both orders agree on ${percent(consistent)}`}`;
  return `${counted(pairs, "pair")}: ${rate}; better ${count(win)}, equal ${count(tie)}, worse ${count(lose)}, without verdict ${count(unjudged)}${places}`;
}
