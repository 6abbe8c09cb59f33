import { describe, expect, test } from "vitest";
import { rougeFMeasure } from "../text/rouge-l.js";
import { IMPOSSIBLE, ScoreBounds } from "./score-bounds.js";

const THRESHOLDS = [0, 0.1, 1 / 3, 0.5, 0.6, 0.7, 0.75, 0.9, 0.999, 1];

describe("ScoreBounds", () => {
  test.each(THRESHOLDS)(
    "at %d requires the first LCS whose float is above the threshold",
    (threshold) => {
      const bounds = new ScoreBounds(threshold);
      for (let n = 1; n <= 40; n++) {
        for (let m = 1; m <= 40; m++) {
          const required = bounds.required(n, m);
          expect(rougeFMeasure(required, n, m)).toBeGreaterThan(threshold);
          expect(rougeFMeasure(required - 1, n, m)).toBeLessThanOrEqual(
            threshold,
          );
        }
      }
    },
  );

  test.each(THRESHOLDS)(
    "at %d names exactly the lengths that can match at all",
    (threshold) => {
      const bounds = new ScoreBounds(threshold);
      for (let n = 1; n <= 40; n++) {
        const row = bounds.row(n);
        for (let m = 1; m <= 90; m++) {
          const best = rougeFMeasure(Math.min(n, m), n, m);
          const possible = best > threshold;
          expect(m >= bounds.shortest(n) && m <= bounds.longest(n)).toBe(
            possible,
          );
          expect(row[m]).toBe(possible ? bounds.required(n, m) : IMPOSSIBLE);
        }
      }
    },
  );
});
