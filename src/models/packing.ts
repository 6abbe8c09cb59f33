/**
 * @file Packing sequences of different lengths into a rectangle of tokens without
 * cross-contamination.
 *
 * Each sequence lies whole in one row, keeps its own positions from 0 and attends to
 * itself only; so a packed batch gives the numbers of its sequences run one by one.
 * Row lengths are rounded up to a few steps, because one graph is compiled for each;
 * rows are as many as it takes. Targets are rounded up too: how many rows a matrix
 * product has can change its last bits, and few sizes keep that rare.
 */
import { targetCount, type TokenSequence } from "./token-sequence.js";

export interface PackedBatch {
  readonly rows: number;
  /** Tokens in a row. */
  readonly length: number;
  /** [rows · length], padding 0 */
  readonly ids: Int32Array;
  /** [rows · length], position within its own sequence */
  readonly positions: Int32Array;
  /** [rows · length], index of the sequence, −1 for padding */
  readonly owners: Int32Array;
  /** Slots for targets; the first `targetCount` are used, the rest repeat slot 0 with weight 0. */
  readonly targetSlots: number;
  readonly targetCount: number;
  /** [targetSlots], flat index of the position that predicts the target */
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

/** The next of 1, 2, 3, 4, 6, 8, 12, 16, 24, …: at most a third is padding. */
function sizeClass(value: number): number {
  let power = 1;
  while (power * 2 <= value) power *= 2;
  const sizes = [power, power * 1.5, power * 2];
  return sizes.find((size) => size >= value && Number.isInteger(size)) ?? value;
}

/**
 * One row length for all batches of a data set, so that they share few graphs; 0 when
 * the longest row is so long that short batches had better have their own.
 */
export function sharedRowLength(sequences: readonly TokenSequence[]): number {
  const length = rowLengthFor(sequences);
  return length <= LONGEST_SHARED_ROW ? length : 0;
}

function rowLengthFor(sequences: readonly TokenSequence[]): number {
  const longest = sequences.reduce(
    (most, { ids }) => Math.max(most, ids.length),
    1,
  );
  return sizeClass(Math.max(SHORTEST_ROW, longest));
}

/**
 * Packs by first-fit decreasing.
 *
 * @param rowLength tokens in a row; longer sequences make the rows longer
 */
export function packSequences(
  sequences: readonly TokenSequence[],
  rowLength = 0,
): PackedBatch {
  const length = Math.max(rowLengthFor(sequences), rowLength);
  const places = firstFit(sequences, length);
  const rows = 1 + places.reduce((most, { row }) => Math.max(most, row), 0);
  const targetTotal = sequences.reduce(
    (sum, sequence) => sum + targetCount(sequence),
    0,
  );
  const targetSlots = roundUpTargets(targetTotal);
  const batch = emptyBatch({
    rows,
    length,
    targetSlots,
    targetCount: targetTotal,
  });
  let slot = 0;
  sequences.forEach((sequence, owner) => {
    const { row, offset } = places[owner] as Place;
    const base = row * length + offset;
    sequence.ids.forEach((id, t) => {
      batch.ids[base + t] = id;
      batch.positions[base + t] = t;
      batch.owners[base + t] = owner;
    });
    const target = (source: number, token: number, weight: number): void => {
      batch.sources[slot] = base + source;
      batch.targets[slot] = token;
      batch.weights[slot] = weight;
      batch.targetOwners[slot] = owner;
      slot++;
    };
    const { ids, completionStart, weights } = sequence;
    for (let t = completionStart; t < ids.length; t++) {
      target(t - 1, ids[t] ?? 0, weights?.[t - completionStart] ?? 1);
    }
    for (const option of sequence.options ?? []) {
      target(ids.length - 1, option, 1);
    }
  });
  return batch;
}

/** Multiples of 64 up to 512, then steps of an eighth. */
function roundUpTargets(count: number): number {
  let step = TARGET_STEP;
  while (count > step * 8) step *= 2;
  return roundUp(count, step);
}

interface Place {
  readonly row: number;
  readonly offset: number;
}

function firstFit(
  sequences: readonly TokenSequence[],
  length: number,
): Place[] {
  const order = sequences
    .map((_, index) => index)
    .sort(
      (a, b) =>
        (sequences[b]?.ids.length ?? 0) - (sequences[a]?.ids.length ?? 0) ||
        a - b,
    );
  const used: number[] = [];
  const places = new Array<Place>(sequences.length);
  for (const index of order) {
    const size = sequences[index]?.ids.length ?? 0;
    let row = used.findIndex((tokens) => tokens + size <= length);
    if (row < 0) row = used.push(0) - 1;
    places[index] = { row, offset: used[row] ?? 0 };
    used[row] = (used[row] ?? 0) + size;
  }
  return places;
}

function emptyBatch(sizes: {
  readonly rows: number;
  readonly length: number;
  readonly targetSlots: number;
  readonly targetCount: number;
}): PackedBatch {
  const tokens = sizes.rows * sizes.length;
  return {
    ...sizes,
    ids: new Int32Array(tokens),
    positions: new Int32Array(tokens),
    owners: new Int32Array(tokens).fill(-1),
    sources: new Int32Array(sizes.targetSlots),
    targets: new Int32Array(sizes.targetSlots),
    weights: new Float32Array(sizes.targetSlots),
    targetOwners: new Int32Array(sizes.targetSlots),
  };
}

/** Added to attention scores where looking is forbidden; finite, so that padding rows stay finite. */
const FORBIDDEN = -1e9;

/**
 * Additive mask [rows, 1, 1, length, length]: a token sees tokens of its own sequence
 * up to itself, at most `window` of them when given.
 */
export function attentionMask(
  batch: PackedBatch,
  window: number | null,
): Float32Array {
  const { rows, length, owners } = batch;
  const mask = new Float32Array(rows * length * length).fill(FORBIDDEN);
  for (let row = 0; row < rows; row++) {
    let start = 0;
    for (let q = 0; q < length; q++) {
      const owner = owners[row * length + q];
      if (owner !== owners[row * length + start]) start = q;
      const first = window === null ? start : Math.max(start, q - window + 1);
      const base = (row * length + q) * length;
      mask.fill(0, base + first, base + q + 1);
    }
  }
  return mask;
}
