/**
 * @file Packing sequences of different lengths into a batch without
 * cross-contamination.
 *
 * Tokens lie one after the other, without padding: this is the axis along which a model
 * multiplies. Attention alone needs rows of equal length; there each token has a cell of
 * a rectangle, whole bundles in one row, and cells may stay blank. A sequence keeps its
 * own positions from 0 and attends to itself only; so a packed batch gives the numbers
 * of its sequences run one by one. Row lengths are rounded up to a few steps, because
 * one graph is compiled for each. Targets are rounded up too: how many rows a matrix
 * product has can change its last bits, and few sizes keep that rare.
 */
import { alone, bundle, type Groups } from "./bundles.js";
import { targetCount, type TokenSequence } from "./token-sequence.js";

/** Tokens of one sequence, or of the beginning several share, in neighbouring cells. */
export interface Run {
  /** First token, and how many. */
  readonly token: number;
  readonly size: number;
  /** Cell of the first token. */
  readonly cell: number;
  /** Position of the first token in its sequence. */
  readonly position: number;
  /** The run that these tokens go on from, if any. */
  readonly after: Run | null;
}

export interface PackedBatch {
  readonly rows: number;
  /** Cells in a row. */
  readonly length: number;
  readonly runs: readonly Run[];
  /** [tokens] */
  readonly ids: Int32Array;
  /** [tokens], position within its own sequence */
  readonly positions: Int32Array;
  /** [tokens], cell of the token */
  readonly cellOfToken: Int32Array;
  /** [rows · length], token in the cell, −1 for none */
  readonly tokenInCell: Int32Array;
  /** [predictors], the tokens after which something is predicted, ascending */
  readonly predictors: Int32Array;
  /** Slots for targets; the first `targetCount` are used, the rest repeat predictor 0 with weight 0. */
  readonly targetSlots: number;
  readonly targetCount: number;
  /** [targetSlots], index into `predictors` */
  readonly sources: Int32Array;
  /** [targetSlots], token to predict */
  readonly targets: Int32Array;
  /** [targetSlots], loss weight of the target */
  readonly weights: Float32Array;
  /** [targetSlots], index of the sequence the target belongs to */
  readonly targetOwners: Int32Array;
}

const SHORTEST_ROW = 32;
const TARGET_STEP = 64;

/** Longest rows for which a whole data set shares one row length. */
const LONGEST_SHARED_ROW = 512;

function roundUp(value: number, step: number): number {
  return Math.max(step, Math.ceil(value / step) * step);
}

/** The next of 1, 2, 3, 4, 6, 8, 12, 16, 24, …: at most a third is blank. */
function sizeClass(value: number): number {
  let power = 1;
  while (power * 2 <= value) power *= 2;
  const sizes = [power, power * 1.5, power * 2];
  return sizes.find((size) => size >= value && Number.isInteger(size)) ?? value;
}

/**
 * What the products of a token with all weights cost, in cells that attention compares:
 * measured at 6 million parameters, more with larger models.
 */
const CELLS_OF_A_TOKEN = 500;

/**
 * One row length for all batches of a data set, so that they share few graphs; 0 when
 * the longest row is so long that short batches had better have their own.
 */
export function sharedRowLength(
  sequences: readonly TokenSequence[],
  groups = alone(sequences),
): number {
  const length = bestRowLength(sequences, groups);
  return length <= LONGEST_SHARED_ROW ? length : 0;
}

/**
 * The row length that costs least. Longer rows hold larger bundles and so need fewer
 * tokens, but every token of a row is held against all of its cells.
 */
function bestRowLength(
  sequences: readonly TokenSequence[],
  groups: Groups,
): number {
  const longest = sequences.reduce(
    (most, { ids }) => Math.max(most, ids.length),
    1,
  );
  const sizes = bundle(sequences, groups).map(({ size }) => size);
  const lengths = new Set(
    [longest, ...sizes.filter((size) => size > longest)].map((size) =>
      sizeClass(Math.max(SHORTEST_ROW, size)),
    ),
  );
  const cost = (length: number): number => {
    const tokens = bundle(sequences, groups, length).reduce(
      (sum, { size }) => sum + size,
      0,
    );
    return tokens * (CELLS_OF_A_TOKEN + length);
  };
  return [...lengths]
    .map((length) => ({ length, cost: cost(length) }))
    .reduce((best, next) =>
      next.cost < best.cost ||
      (next.cost === best.cost && next.length < best.length)
        ? next
        : best,
    ).length;
}

/**
 * Packs by first-fit decreasing.
 *
 * @param rowLength cells in a row; a longer sequence makes the rows longer
 * @param groups sequences whose common beginning is computed once where the row holds
 * them all; each by itself when not given
 */
export function packSequences(
  sequences: readonly TokenSequence[],
  rowLength = 0,
  groups = alone(sequences),
): PackedBatch {
  const fits = sequences.every(({ ids }) => ids.length <= rowLength);
  const length = fits
    ? Math.max(SHORTEST_ROW, rowLength)
    : bestRowLength(sequences, groups);
  const bundles = bundle(sequences, groups, length);
  const sizes = bundles.map(({ size }) => size);
  const layout = firstFit(sizes, length);
  const runs: Run[] = [];
  /** Runs of each sequence: the shared beginning, if any, and its own. */
  const runsOf = new Array<readonly Run[]>(sequences.length);
  let token = 0;
  const lay = (place: Omit<Run, "token">): Run => {
    const run = { token, ...place };
    token += run.size;
    runs.push(run);
    return run;
  };
  bundles.forEach(({ shared, members }, index) => {
    let cell = layout.starts[index] ?? 0;
    const after =
      shared > 0 ? lay({ size: shared, cell, position: 0, after: null }) : null;
    cell += shared;
    for (const member of members) {
      const size = (sequences[member]?.ids.length ?? 0) - shared;
      const own = lay({ size, cell, position: shared, after });
      runsOf[member] = after === null ? [own] : [after, own];
      cell += size;
    }
  });
  return {
    rows: layout.rows,
    length,
    runs,
    ...placeTokens(sequences, runsOf, {
      tokens: token,
      cells: layout.rows * length,
    }),
    ...placeTargets(sequences, runsOf),
  };
}

function placeTokens(
  sequences: readonly TokenSequence[],
  runsOf: readonly (readonly Run[])[],
  sizes: { readonly tokens: number; readonly cells: number },
): Pick<PackedBatch, "ids" | "positions" | "cellOfToken" | "tokenInCell"> {
  const ids = new Int32Array(sizes.tokens);
  const positions = new Int32Array(sizes.tokens);
  const cellOfToken = new Int32Array(sizes.tokens);
  const tokenInCell = new Int32Array(sizes.cells).fill(-1);
  sequences.forEach((sequence, owner) => {
    for (const { token, size, cell, position } of runsOf[owner] ?? []) {
      for (let t = 0; t < size; t++) {
        ids[token + t] = sequence.ids[position + t] ?? 0;
        positions[token + t] = position + t;
        cellOfToken[token + t] = cell + t;
        tokenInCell[cell + t] = token + t;
      }
    }
  });
  return { ids, positions, cellOfToken, tokenInCell };
}

function placeTargets(
  sequences: readonly TokenSequence[],
  runsOf: readonly (readonly Run[])[],
): Pick<
  PackedBatch,
  | "predictors"
  | "targetSlots"
  | "targetCount"
  | "sources"
  | "targets"
  | "weights"
  | "targetOwners"
> {
  const count = sequences.reduce(
    (sum, sequence) => sum + targetCount(sequence),
    0,
  );
  const slots = roundUpTargets(count);
  const targets = new Int32Array(slots);
  const weights = new Float32Array(slots);
  const targetOwners = new Int32Array(slots);
  /** [count], token after which the target comes */
  const tokens: number[] = [];
  sequences.forEach((sequence, owner) => {
    const target = (source: number, id: number, weight: number): void => {
      const slot = tokens.push(tokenAt(runsOf[owner] ?? [], source)) - 1;
      targets[slot] = id;
      weights[slot] = weight;
      targetOwners[slot] = owner;
    };
    const { ids, completionStart } = sequence;
    for (let t = completionStart; t < ids.length; t++) {
      target(t - 1, ids[t] ?? 0, sequence.weights?.[t - completionStart] ?? 1);
    }
    for (const option of sequence.options ?? []) {
      target(ids.length - 1, option, 1);
    }
  });
  const predictors = Int32Array.from(
    [...new Set(tokens.length === 0 ? [0] : tokens)].sort((a, b) => a - b),
  );
  const indexOf = new Map(Array.from(predictors, (token, i) => [token, i]));
  const sources = new Int32Array(slots);
  tokens.forEach((token, slot) => (sources[slot] = indexOf.get(token) ?? 0));
  return {
    predictors,
    targetSlots: slots,
    targetCount: count,
    sources,
    targets,
    weights,
    targetOwners,
  };
}

/** The token at a position of the sequence that lies in these runs. */
function tokenAt(runs: readonly Run[], position: number): number {
  const run = runs.findLast((candidate) => candidate.position <= position);
  return run === undefined ? 0 : run.token + position - run.position;
}

/** Multiples of 64 up to 512, then steps of an eighth. */
function roundUpTargets(count: number): number {
  let step = TARGET_STEP;
  while (count > step * 8) step *= 2;
  return roundUp(count, step);
}

/** First cell of each bundle, and the rows it takes. */
function firstFit(
  sizes: readonly number[],
  length: number,
): { readonly starts: readonly number[]; readonly rows: number } {
  const order = sizes
    .map((_, index) => index)
    .sort((a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a - b);
  const used: number[] = [];
  const starts = new Array<number>(sizes.length);
  for (const index of order) {
    const size = sizes[index] ?? 0;
    let row = used.findIndex((cells) => cells + size <= length);
    if (row < 0) row = used.push(0) - 1;
    starts[index] = row * length + (used[row] ?? 0);
    used[row] = (used[row] ?? 0) + size;
  }
  return { starts, rows: Math.max(1, used.length) };
}
