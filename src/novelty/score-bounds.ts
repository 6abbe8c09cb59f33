/**
 * @file What a score above the threshold demands of two lengths.
 *
 * Let n and m be the lengths of two texts and F(l) their ROUGE-L if the LCS has
 * l tokens. In real numbers F(l) = 2l/(n+m), so F > t means l > t(n+m)/2; the
 * limits here start from that and are then settled with the very floats of
 * `rougeFMeasure`, which grow strictly with l. Comparing an LCS with `required`
 * is therefore the same decision as comparing floats.
 *
 * `required(n, m)` does not fall when n or m grows, and the partners of a length
 * form an interval [shortest(n), longest(n)].
 */
import { rougeFMeasure } from "../text/rouge-l.js";

/** Lengths below this have their requirements in tables. */
export const TABLE_LENGTHS = 1024;

/** Stands for "no LCS is long enough"; larger than any length in a table. */
export const IMPOSSIBLE = 0xffff;

export class ScoreBounds {
  readonly threshold: number;
  readonly #rows: (Uint16Array | undefined)[] = [];

  /** @param threshold in [0, 1]; a pair matches when its score is greater */
  constructor(threshold: number) {
    this.threshold = threshold;
  }

  /** Smallest LCS with which lengths n, m ≥ 1 score above the threshold; it may exceed both. */
  required(n: number, m: number): number {
    let lcs = Math.max(1, Math.floor((this.threshold * (n + m)) / 2) - 1);
    while (rougeFMeasure(lcs, n, m) <= this.threshold) lcs++;
    return lcs;
  }

  /** Smallest m that can score above the threshold with n; n + 1 if there is none. */
  shortest(n: number): number {
    const t = this.threshold;
    let m = Math.max(1, Math.floor((t * n) / (2 - t)) - 1);
    while (m <= n && rougeFMeasure(m, n, m) <= t) m++;
    return m;
  }

  /** Largest m that can score above the threshold with n; n - 1 if there is none. */
  longest(n: number): number {
    const t = this.threshold;
    if (t === 0) return Infinity;
    let m = Math.ceil((n * (2 - t)) / t) + 1;
    while (m >= n && rougeFMeasure(n, n, m) <= t) m--;
    return m;
  }

  /**
   * `required(n, m)` by m < TABLE_LENGTHS; IMPOSSIBLE where it exceeds n or m.
   * For n ≥ 1.
   */
  row(n: number): Uint16Array {
    const kept = this.#rows[n];
    if (kept !== undefined) return kept;
    const row = new Uint16Array(TABLE_LENGTHS).fill(IMPOSSIBLE);
    const end = Math.min(this.longest(n) + 1, TABLE_LENGTHS);
    for (let m = this.shortest(n); m < end; m++) row[m] = this.required(n, m);
    if (n < TABLE_LENGTHS) this.#rows[n] = row;
    return row;
  }
}
