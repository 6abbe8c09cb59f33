/**
 * @file The files a run begins from, read and checked: IFT and EFT rows to learn from,
 * held-out prompts and judge sets to measure with.
 */
import { z } from "zod";
import { AutodidactError } from "../../foundation/error.js";
import { readJsonLines } from "../../foundation/json-lines.js";
import type { SelfRewardingRecipe } from "../../recipes/self-rewarding.js";
import { instructionRow } from "./instruction-rows.js";

const judgeRow = z.object({
  prompt: z.string().min(1),
  response: z.string(),
  score: z.number().min(0).max(5),
  /** Reasons, or the answer the judge should have expected. */
  rationale: z.string().optional(),
});

const heldOutRow = z.object({
  prompt: z.string().min(1),
  family: z.string().default(""),
});

const judgeFixedRow = z.object({
  prompt: z.string().min(1),
  right: z.string(),
  corrupted: z.string(),
});

const judgeTestRow = z.object({
  prompt: z.string().min(1),
  responses: z
    .array(z.object({ response: z.string(), score: z.number().min(0).max(5) }))
    .min(2),
});

export interface LoopData {
  readonly ift: readonly z.output<typeof instructionRow>[];
  readonly eft: readonly z.output<typeof judgeRow>[];
  readonly heldOut: readonly z.output<typeof heldOutRow>[];
  readonly judgeFixed: readonly z.output<typeof judgeFixedRow>[];
  readonly judgeTest: readonly z.output<typeof judgeTestRow>[];
}

/** Reads every file of the recipe. @throws BAD_INPUT naming file, line and field */
export async function loadLoopData(
  files: SelfRewardingRecipe["data"],
): Promise<LoopData> {
  const [ift, eft, heldOut, judgeFixed, judgeTest] = await Promise.all([
    readRows(files.ift, instructionRow),
    readRows(files.eft, judgeRow),
    readRows(files.heldOut, heldOutRow),
    readRows(files.judgeFixed, judgeFixedRow),
    readRows(files.judgeTest, judgeTestRow),
  ]);
  const data = {
    ift: ift.slice(0, files.iftRows ?? undefined),
    eft: eft.slice(0, files.eftRows ?? undefined),
    heldOut,
    judgeFixed,
    judgeTest,
  };
  refuseLeaks(data, files);
  return {
    ...data,
    heldOut: heldOut.slice(0, files.heldOutRows ?? undefined),
    judgeFixed: judgeFixed.slice(0, files.judgeFixedRows ?? undefined),
    judgeTest: judgeTest.slice(0, files.judgeTestRows ?? undefined),
  };
}

async function readRows<S extends z.ZodType>(
  path: string,
  schema: S,
): Promise<z.output<S>[]> {
  const rows: z.output<S>[] = [];
  for await (const { line, value } of readJsonLines(path)) {
    const parsed = schema.safeParse(value);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      const field = issue?.path.join(".") ?? "";
      throw new AutodidactError(
        "BAD_INPUT",
        `${path}, line ${line}: ${field === "" ? "the row" : `field "${field}"`}: ${issue?.message ?? "is not as expected"}. Mend the line or remove it.`,
        { path, line, field },
      );
    }
    rows.push(parsed.data);
  }
  if (rows.length === 0) {
    throw new AutodidactError(
      "BAD_INPUT",
      `${path} has no rows. The loop needs at least one; check that the right file is named in the recipe.`,
      { path },
    );
  }
  return rows;
}

/** Nothing that is measured on may be learned from. */
function refuseLeaks(data: LoopData, files: SelfRewardingRecipe["data"]): void {
  const measured = measuredPrompts(data);
  for (const [path, rows] of [
    [files.ift, data.ift],
    [files.eft, data.eft],
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

/** Every prompt that a measurement uses; no training row and no written prompt may equal one. */
export function measuredPrompts(data: LoopData): Set<string> {
  return new Set(
    [...data.heldOut, ...data.judgeFixed, ...data.judgeTest].map(
      ({ prompt }) => prompt,
    ),
  );
}
