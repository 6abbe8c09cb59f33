/**
 * @file Which cells of a packed batch a token may look at.
 */
import type { PackedBatch } from "./packing.js";

/** Added to attention scores where looking is forbidden; finite, so that blank rows stay finite. */
const FORBIDDEN = -1e9;

/**
 * Additive mask [rows, 1, 1, length, length]: a token sees its own sequence up to
 * itself, the beginning that it shares with others included, at most `window` tokens of
 * it when given. A blank cell sees itself.
 */
export function attentionMask(
  batch: PackedBatch,
  window: number | null,
): Float32Array {
  const { rows, length, runs, tokenInCell } = batch;
  const mask = new Float32Array(rows * length * length).fill(FORBIDDEN);
  tokenInCell.forEach((token, cell) => {
    if (token < 0) mask[cell * length + (cell % length)] = 0;
  });
  for (const run of runs) {
    for (let t = 0; t < run.size; t++) {
      const position = run.position + t;
      const first = window === null ? 0 : position - window + 1;
      const base = (run.cell + t) * length;
      for (
        let seen = run as typeof run | null;
        seen !== null;
        seen = seen.after
      ) {
        const from = Math.max(seen.position, first) - seen.position;
        const to =
          Math.min(seen.position + seen.size, position + 1) - seen.position;
        const start = base + (seen.cell % length);
        if (from < to) mask.fill(0, start + from, start + to);
      }
    }
  }
  return mask;
}
