import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { learningRateAt, type ScheduleSettings } from "./schedule.js";

const { schedules } = JSON.parse(
  readFileSync("test/fixtures/training/optimizer.json", "utf8"),
) as {
  readonly schedules: readonly (ScheduleSettings & {
    readonly rates: readonly number[];
  })[];
};

describe("the learning rate", () => {
  it.each(schedules)(
    "is that of transformers: $schedule, $totalSteps steps",
    (settings) => {
      settings.rates.forEach((rate, step) =>
        expect(learningRateAt(settings, step)).toBeCloseTo(rate, 12),
      );
    },
  );

  it("falls in a straight line to the floor asked for", () => {
    const settings = {
      schedule: "linear",
      learningRate: 1,
      totalSteps: 4,
      warmupRatio: 0,
      minLearningRateRatio: 0.2,
    } as const;
    [1, 0.8, 0.6, 0.4].forEach((rate, step) =>
      expect(learningRateAt(settings, step)).toBeCloseTo(rate, 12),
    );
  });
});
