/**
 * @file The files a run begins from, read and checked: IFT and EFT rows to learn from,
 * and the sets to measure with.
 */
import { z } from "zod";
import {
  readInstructionRows,
  type instructionRow,
} from "../../data/formats/instruction-rows.js";
import { rowReader } from "../../data/formats/rows.js";
import {
  measuredPrompts,
  promptField,
  readEvaluationSets,
  scoreField,
  textField,
  type EvaluationSets,
} from "../../evaluation/evaluation-sets.js";
import { AutodidactError } from "../../foundation/error.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";

const judgeRow = z.object({
  prompt: promptField,
  response: textField,
  score: scoreField,
  /** Reasons, or the answer the judge should have expected. */
  rationale: textField.optional(),
});

const readJudgeRows = rowReader({
  name: "an EFT file",
  example: '{"prompt": "…", "response": "…", "score": 4}',
  row: judgeRow,
});

const readRankings = rowReader({
  name: "a file of rankings",
  example: '{"prompt": "…", "chosen": "…", "rejected": "…"}',
  row: z.object({
    prompt: promptField,
    chosen: textField,
    rejected: textField,
  }),
});

type RankedPair = Awaited<ReturnType<typeof readRankings>>[number]["row"];

export interface LoopData extends EvaluationSets {
  readonly ift: readonly z.output<typeof instructionRow>[];
  readonly eft: readonly z.output<typeof judgeRow>[];
  /** Absent where the recipe names no file of them. */
  readonly rankings?: readonly RankedPair[];
}

/** Reads every file of the recipe. @throws BAD_INPUT naming file, line and field */
export async function loadLoopData(
  files: SelfRewardingRecipe["data"],
): Promise<LoopData> {
  const [ift, eft, sets] = await Promise.all([
    readInstructionRows(files.ift),
    readJudgeRows(files.eft),
    readEvaluationSets(files),
  ]);
  const rankings =
    files.rankings === undefined ? null : await readRankings(files.rankings);
  const data: LoopData = {
    ...(rankings === null ? {} : { rankings: rankings.map(({ row }) => row) }),
    ift: ift.slice(0, files.iftRows ?? undefined).map(({ row }) => row),
    eft: eft.slice(0, files.eftRows ?? undefined).map(({ row }) => row),
    ...sets,
  };
  refuseLeaks(data, files);
  return {
    ...data,
    heldOut: sets.heldOut.slice(0, files.heldOutRows ?? undefined),
    judgeFixed: sets.judgeFixed.slice(0, files.judgeFixedRows ?? undefined),
    judgeTest: sets.judgeTest.slice(0, files.judgeTestRows ?? undefined),
  };
}

/** Nothing that is measured on may be learned from. */
function refuseLeaks(data: LoopData, files: SelfRewardingRecipe["data"]): void {
  const measured = measuredPrompts(data);
  for (const [path, rows] of [
    [files.ift, data.ift],
    [files.eft, data.eft],
    [files.rankings ?? "", data.rankings ?? []],
  ] as const) {
    const leak = rows.find(({ prompt }) => measured.has(prompt));
    if (leak === undefined) continue;
    throw new AutodidactError(
      "BAD_INPUT",
      `${path} holds the prompt "${leak.prompt}", which is also in an evaluation file. Measuring on what was trained on proves nothing: remove it from one of them.`,
      { path, prompt: leak.prompt },
    );
  }
}
