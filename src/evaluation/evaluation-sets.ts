/**
 * @file What models are measured on, read and checked: held-out prompts, and two sets of
 * responses that a judge is tried on. Every program reads them here, so that a bad file
 * is told in the same words everywhere.
 */
import { z } from "zod";
import { rowReader, type RowFormat } from "../data/formats/rows.js";
import { TOP_SCORE } from "../rewarding/judgement.js";

const OUT_OF_RANGE = `scores go from 0 to ${TOP_SCORE}`;

/** A score of a person or a verifier, 0 … 5. */
export const scoreField = z
  .number("it must be a number")
  .min(0, OUT_OF_RANGE)
  .max(TOP_SCORE, OUT_OF_RANGE);
export const textField = z.string("it must be text");
export const promptField = textField.min(1, "it must not be empty");

/** Other fields are the verifier's. */
const heldOutRow = z.looseObject({
  prompt: promptField,
  /** Kind of task; empty where the file names none. */
  family: textField.default(""),
});
/** Pairs say the same under other names, and texts may be one message. */
const judgeFixedRow = z.preprocess(
  (row) => {
    if (typeof row !== "object" || row === null) return row;
    const { chosen, rejected, ...named } = row as Record<string, unknown>;
    const fields = { right: chosen, corrupted: rejected, ...named };
    return Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [name, textOf(value)]),
    );
  },
  z.object({ prompt: promptField, right: textField, corrupted: textField }),
);

/** The text of a single message, as generate --chat and pairs leave it; else the value itself. */
function textOf(value: unknown): unknown {
  const only: unknown =
    Array.isArray(value) && value.length === 1 ? value[0] : null;
  return typeof only === "object" && only !== null && "content" in only
    ? only.content
    : value;
}

const judgeTestRow = z.object({
  prompt: promptField,
  responses: z
    .array(
      z.object({ response: textField, score: scoreField }),
      "it must be a list",
    )
    .min(2, "at least two responses are needed"),
});

const HELD_OUT = {
  name: "a held-out set",
  example: '{"prompt": "…"}',
  row: heldOutRow,
};
const JUDGE_FIXED = {
  name: "a fixed judge set",
  example: '{"prompt": "…", "right": "…", "corrupted": "…"}',
  row: judgeFixedRow,
};
const JUDGE_TEST = {
  name: "a judge test set",
  example:
    '{"prompt": "…", "responses": [{"response": "…", "score": 5}, {"response": "…", "score": 2}]}',
  row: judgeTestRow,
};

export type HeldOutPrompt = z.output<typeof heldOutRow>;

export interface EvaluationSets {
  readonly heldOut: readonly HeldOutPrompt[];
  /** Right answers with corrupted ones beside them. */
  readonly judgeFixed: readonly z.output<typeof judgeFixedRow>[];
  /** Responses with their true scores. */
  readonly judgeTest: readonly z.output<typeof judgeTestRow>[];
}

/**
 * Reads the sets; one without a path is empty.
 * @throws BAD_INPUT naming file, line and field
 */
export async function readEvaluationSets(paths: {
  readonly heldOut: string;
  readonly judgeFixed?: string | undefined;
  readonly judgeTest?: string | undefined;
}): Promise<EvaluationSets> {
  return {
    heldOut: await rowsOf(HELD_OUT, paths.heldOut),
    judgeFixed: await rowsOf(JUDGE_FIXED, paths.judgeFixed),
    judgeTest: await rowsOf(JUDGE_TEST, paths.judgeTest),
  };
}

async function rowsOf<T>(
  format: RowFormat<T>,
  path: string | undefined,
): Promise<T[]> {
  if (path === undefined) return [];
  return (await rowReader(format)(path)).map(({ row }) => row);
}

/** Every prompt that a measurement uses; no training row and no written prompt may equal one. */
export function measuredPrompts(sets: EvaluationSets): Set<string> {
  const { heldOut, judgeFixed, judgeTest } = sets;
  return new Set(
    [...heldOut, ...judgeFixed, ...judgeTest].map(({ prompt }) => prompt),
  );
}
