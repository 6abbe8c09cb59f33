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
import type { VerifiedPrompt } from "../../evaluation/verifiers/verifier.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import { readJudgeData, type JudgeDataFile } from "./judge-data-file.js";
import { readPromptFile } from "./prompt-file.js";

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
  /** Rows that the rounds take their prompts from; null where the models write them. */
  readonly prompts: readonly VerifiedPrompt[] | null;
  readonly ift: readonly z.output<typeof instructionRow>[];
  readonly eft: readonly z.output<typeof judgeRow>[];
  /** Absent where the recipe names no file of them. */
  readonly rankings?: readonly RankedPair[];
  /** What judge data are made of; absent where the recipe makes none. */
  readonly judgeData?: JudgeDataFile;
}

/**
 * Reads every file of the recipe.
 * @throws BAD_INPUT naming file, line and field; for prompts that the verifier cannot read
 *   or that are too few
 */
export async function loadLoopData(
  recipe: Pick<
    SelfRewardingRecipe,
    "data" | "judgeData" | "prompts" | "rounds" | "verifier"
  >,
): Promise<LoopData> {
  const { data: files } = recipe;
  const [ift, eft, sets, prompts] = await Promise.all([
    files.ift === undefined ? [] : readInstructionRows(files.ift),
    files.eft === undefined ? [] : readJudgeRows(files.eft),
    readEvaluationSets(files),
    readPromptFile(recipe),
  ]);
  const rankings =
    files.rankings === undefined ? null : await readRankings(files.rankings);
  const taught = ift.slice(0, files.iftRows ?? undefined);
  const judgeData = await readJudgeData(recipe, taught);
  const data: LoopData = {
    ...(rankings === null ? {} : { rankings: rankings.map(({ row }) => row) }),
    ...(judgeData === null ? {} : { judgeData }),
    ift: taught.map(({ row }) => row),
    eft: eft.slice(0, files.eftRows ?? undefined).map(({ row }) => row),
    ...sets,
    prompts,
  };
  refuseLeaks(data, {
    ...files,
    prompts: recipe.prompts.file,
    judgeData: recipe.judgeData?.file,
  });
  return {
    ...data,
    heldOut: sets.heldOut.slice(0, files.heldOutRows ?? undefined),
    judgeFixed: sets.judgeFixed.slice(0, files.judgeFixedRows ?? undefined),
    judgeTest: sets.judgeTest.slice(0, files.judgeTestRows ?? undefined),
  };
}

/** Whether M1 is the base as it is. */
export function nothingToTeach({
  ift,
  eft,
}: Pick<LoopData, "ift" | "eft">): boolean {
  return ift.length + eft.length === 0;
}

/** Nothing that is measured on may be learned from. */
function refuseLeaks(
  data: LoopData,
  files: Partial<
    Record<
      "ift" | "eft" | "rankings" | "prompts" | "judgeData",
      string | undefined
    >
  >,
): void {
  const measured = measuredPrompts(data);
  for (const [path, rows] of [
    [files.ift, data.ift],
    [files.eft, data.eft],
    [files.rankings, data.rankings ?? []],
    [files.prompts, data.prompts ?? []],
    [files.judgeData, data.judgeData?.prompts ?? []],
  ] as const) {
    const leak = rows.find(({ prompt }) => measured.has(prompt));
    if (leak === undefined || path === undefined) continue;
    throw new AutodidactError(
      "BAD_INPUT",
      `${path} holds the prompt "${leak.prompt}", which is also in an evaluation file. Measuring on what was trained on proves nothing: remove it from one of them.`,
      { path, prompt: leak.prompt },
    );
  }
}
