/**
 * @file Sequences that begin alike and are computed as one beginning with several ends.
 *
 * The chosen and the rejected answer to one prompt, or several answers put to one judge,
 * have the same first tokens; these need to go through the model once only. What each
 * sequence gets stays the same, because its tokens see the beginning and themselves and
 * not the other ends.
 */
import type { TokenSequence } from "./token-sequence.js";

export interface Bundle {
  /** Tokens that all members begin with and that are computed once; 0 for one member. */
  readonly shared: number;
  /** Indices of the sequences. */
  readonly members: readonly number[];
  /** Tokens to compute: the beginning and every end. */
  readonly size: number;
}

/** Indices of sequences that may be computed together, every sequence in one group. */
export type Groups = readonly (readonly number[])[];

/** Every sequence by itself. */
export function alone(sequences: readonly TokenSequence[]): Groups {
  return sequences.map((_, index) => [index]);
}

/** The groups as bundles; the members of one that has more than `limit` tokens stay apart. */
export function bundle(
  sequences: readonly TokenSequence[],
  groups: Groups,
  limit = Infinity,
): Bundle[] {
  const sizeOf = (index: number): number => sequences[index]?.ids.length ?? 0;
  return groups.flatMap((members) => {
    const shared = commonBeginning(members.map((i) => sequences[i]?.ids ?? []));
    const size = members.reduce((sum, i) => sum + sizeOf(i) - shared, shared);
    return size <= limit
      ? [{ shared, members, size }]
      : members.map((i) => ({ shared: 0, members: [i], size: sizeOf(i) }));
  });
}

function commonBeginning(rows: readonly (readonly number[])[]): number {
  const [first = [], ...others] = rows;
  if (others.length === 0) return 0;
  const end = first.findIndex((id, t) => others.some((ids) => ids[t] !== id));
  return end < 0 ? first.length : end;
}
