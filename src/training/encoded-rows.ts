/**
 * @file The rows of a job as tokens: those that teach something, in the order given.
 * Every trainer begins here, so that all see the same tokens.
 */
import type { TextTokenizer } from "../checkpoints/tokenizer/tokenizer.js";
import { AutodidactError } from "../foundation/error.js";
import { encodeSupervised } from "../models/encode-rows.js";
import { targetCount, type TokenSequence } from "../models/token-sequence.js";
import type { DataOrder } from "./data-order.js";
import { encodePreference, type EncodedPair } from "./preference-pair.js";
import type { DpoJob, OptimizationSettings, SftJob } from "./trainer.js";

/** Rows of SFT without those that teach nothing; TRL leaves them out too. @throws BAD_INPUT when none is left */
export async function encodedRows(
  tokenizer: TextTokenizer,
  { rows, settings }: Pick<SftJob, "rows" | "settings">,
): Promise<TokenSequence[]> {
  const sequences = await encodedSequences(tokenizer, rows, settings.maxLength);
  return someOf(
    sequences.filter((sequence) => targetCount(sequence) > 0),
    `the ${rows.length} training rows`,
  );
}

/** Every row, whatever it teaches. */
export function encodedSequences(
  tokenizer: TextTokenizer,
  rows: SftJob["rows"],
  maxLength: number,
): Promise<TokenSequence[]> {
  return Promise.all(
    rows.map((row) => encodeSupervised(tokenizer, row, maxLength)),
  );
}

/** The pairs whose prompt leaves room for an answer, as in TRL. @throws BAD_INPUT when none does */
export async function encodedPairs(
  tokenizer: TextTokenizer,
  { rows, settings: { maxLength } }: Pick<DpoJob, "rows" | "settings">,
): Promise<EncodedPair[]> {
  const pairs = await Promise.all(
    rows.map((row) => encodePreference(tokenizer, row, maxLength)),
  );
  return someOf(
    pairs.filter(({ chosen }) => chosen.completionStart < maxLength),
    `the ${rows.length} preference pairs`,
  );
}

/** How a job goes through so many rows. */
export function orderOf(
  settings: OptimizationSettings,
  rowCount: number,
): DataOrder {
  const { batchSize, gradientAccumulation, epochs, shuffle, seed } = settings;
  const stepSize = batchSize * gradientAccumulation;
  return { rowCount, stepSize, epochs, shuffle, seed };
}

function someOf<T>(kept: T[], all: string): T[] {
  if (kept.length > 0) return kept;
  throw new AutodidactError(
    "BAD_INPUT",
    `None of ${all} has a completion token within the maximum length. Check the rows, or allow longer ones.`,
  );
}
