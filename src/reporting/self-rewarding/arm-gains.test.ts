import { expect, test } from "vitest";
import { goodReport } from "../../../test/reporting/sample-reports.js";
import {
  armGains,
  furthestRuns,
  greedyAccuracyOf,
  seedWords,
} from "./arm-gains.js";
import { armsSection } from "./section-arms.js";
import { terminalSummary } from "./terminal-summary.js";
import type { ArmReport, ArmRunReport, ModelReport } from "./schema.js";

/** A run whose M1, M2, … have these accuracies, after a base of 0.9. */
function run(
  seed: number,
  accuracies: readonly (number | null)[],
): ArmRunReport {
  const [base, first] = goodReport().models as [ModelReport, ModelReport];
  const interval = (mean: number) => ({ mean, low: mean, high: mean });
  return {
    seed,
    models: [
      { ...base, accuracy: interval(0.9) },
      ...accuracies.map((accuracy, index) => ({
        ...first,
        id: `M${index + 1}`,
        accuracy: accuracy === null ? null : interval(accuracy),
      })),
    ],
    gains: [],
    warnings: [],
    gate: null,
    stop: null,
  };
}

const arm = (runs: readonly ArmRunReport[]): ArmReport => ({
  name: "self",
  note: "",
  runs,
});

test("a gain is the result minus the first trained model, never minus the base", () => {
  const gains = armGains(
    arm([run(1, [0.5, 0.6, 0.75]), run(2, [0.5, 0.6, 0.625])]),
    greedyAccuracyOf,
  );
  expect(gains.bySeed).toEqual([
    { seed: 1, gain: 0.25 },
    { seed: 2, gain: 0.125 },
  ]);
  expect(gains.mean).toBe(0.1875);
  // s = 0.125/√2, so the half width is 12.706 · s/√2 = 12.706 · 0.0625.
  expect(gains.interval?.high).toBeCloseTo(0.1875 + 12.706 * 0.0625, 10);
});

test("the result is the model that a stop rule kept", () => {
  const stopped = {
    ...run(1, [0.5, 0.75, 0.25]),
    stop: { kept: "M2", reasons: [] },
  };
  expect(armGains(arm([stopped]), greedyAccuracyOf).bySeed).toEqual([
    { seed: 1, gain: 0.25 },
  ]);
});

test("a seed that was not measured is left out, and one seed has no interval", () => {
  const gains = armGains(
    arm([run(1, [0.5, null]), run(2, [0.5, 0.75])]),
    greedyAccuracyOf,
  );
  expect(gains.bySeed).toHaveLength(1);
  expect(gains.interval).toBeNull();
});

test("a row of levels is over the same seeds, and a stopped seed counts as no change", () => {
  const halted: ArmRunReport = {
    ...run(2, [0.09]),
    stop: { kept: "M1", reasons: [] },
  };
  const self = arm([run(1, [0.06, 0.06]), halted]);
  expect(furthestRuns(self).map(({ seed }) => seed)).toEqual([1]);
  expect(seedWords(self)).toBe("2 seeds, 1 of 2 stopped: no change");
  expect(armGains(self, greedyAccuracyOf).bySeed).toEqual([
    { seed: 1, gain: 0 },
    { seed: 2, gain: 0 },
  ]);
  const report = { ...goodReport(), arms: [self] };
  const page = armsSection(report)?.text ?? "";
  expect(page).toContain("6.0\u202F% (n=1)");
  expect(page).not.toContain("7.5\u202F%");
  expect(page).toContain("2 seeds, 1 of 2 stopped: no change");
  expect(terminalSummary(report)).toContain(
    "2 seeds, 1 of 2 stopped: no change",
  );
});
