/**
 * @file Learning-rate schedules: linear warm-up, then linear or cosine decay to a
 * floor, or constant. Same values as the schedulers of transformers.
 */

export interface ScheduleSettings {
  readonly schedule: "linear" | "cosine" | "constant";
  readonly learningRate: number;
  readonly totalSteps: number;
  /** Share of the steps spent warming up, [0, 1). */
  readonly warmupRatio: number;
  /** Last rate as a share of the peak, [0, 1]. */
  readonly minLearningRateRatio: number;
}

/** Rate of the update number `step`, counted from 0. */
export function learningRateAt(
  settings: ScheduleSettings,
  step: number,
): number {
  const {
    schedule,
    learningRate,
    totalSteps,
    minLearningRateRatio: floor,
  } = settings;
  const warmup = Math.ceil(settings.warmupRatio * totalSteps);
  if (step < warmup) return (learningRate * step) / warmup;
  if (schedule === "constant") return learningRate;
  const progress = (step - warmup) / Math.max(1, totalSteps - warmup);
  const shape =
    schedule === "linear"
      ? 1 - progress
      : (1 + Math.cos(Math.PI * progress)) / 2;
  return learningRate * (floor + (1 - floor) * Math.max(0, shape));
}
