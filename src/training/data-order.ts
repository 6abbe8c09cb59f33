/**
 * @file The order in which rows are seen: a function of seed and epoch alone, so that
 * a resumed run continues with the very next rows.
 */
import { randomStream } from "../foundation/random.js";
import type { DpoSettings } from "./trainer.js";

export interface DataOrder {
  readonly rowCount: number;
  /** Rows in one optimizer step. */
  readonly stepSize: number;
  readonly epochs: number;
  readonly shuffle: boolean;
  readonly seed: number;
}

/** Optimizer steps of the whole run; the last step of an epoch may be smaller. */
export function totalSteps({ rowCount, stepSize, epochs }: DataOrder): number {
  return Math.ceil(Math.ceil(rowCount / stepSize) * epochs);
}

/** Row indices of every step, in order, beginning with step `from`. */
export function* stepRows(
  order: DataOrder,
  from = 0,
): Generator<readonly number[]> {
  const { rowCount, stepSize, shuffle, seed } = order;
  const stepsPerEpoch = Math.ceil(rowCount / stepSize);
  const identity = Array.from({ length: rowCount }, (_, i) => i);
  let epoch = -1;
  let rows: readonly number[] = identity;
  for (let step = from; step < totalSteps(order); step++) {
    const current = Math.floor(step / stepsPerEpoch);
    if (current !== epoch) {
      epoch = current;
      rows = shuffle
        ? randomStream(seed, "data-order", epoch).shuffle(identity)
        : identity;
    }
    const start = (step % stepsPerEpoch) * stepSize;
    yield rows.slice(start, start + stepSize);
  }
}

/** Indices of the rehearsal rows, of `rowCount`, whose update follows a step; mostly none. */
export function rehearsedRows(
  {
    seed,
    rehearsalEvery,
    rehearsalBatchSize,
  }: Pick<DpoSettings, "seed" | "rehearsalEvery" | "rehearsalBatchSize">,
  step: number,
  rowCount: number,
): readonly number[] {
  const due = rehearsalEvery > 0 && step % rehearsalEvery === 0;
  if (!due || rowCount === 0) return [];
  const all = Array.from({ length: rowCount }, (_, i) => i);
  return randomStream(seed, "rehearsal", step).sample(all, rehearsalBatchSize);
}

/** What a micro-batch may hold besides its number of rows. */
export interface TokenLimit<T> {
  readonly tokensOf: (row: T) => number;
  readonly most: number;
}

/** Splits the rows of a step into micro-batches of at most `size`; a single row may exceed the limit. */
export function microBatches<T>(
  rows: readonly T[],
  size: number,
  { tokensOf, most }: TokenLimit<T> = {
    tokensOf: () => 0,
    most: Number.POSITIVE_INFINITY,
  },
): T[][] {
  const parts: T[][] = [];
  let tokens = 0;
  for (const row of rows) {
    const part = parts.at(-1);
    const more = tokensOf(row);
    if (part === undefined || part.length >= size || tokens + more > most) {
      parts.push([row]);
      tokens = more;
    } else {
      part.push(row);
      tokens += more;
    }
  }
  return parts;
}
