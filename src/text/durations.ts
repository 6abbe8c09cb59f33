/**
 * @file Times and rates as people read them.
 */

/** "8 s", "1 min 20 s", "2 h 5 min"; two units at most, rounded to the second. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "1,234/s" from 100 a second, "12.3/s" from 1, "0.123/s" below; `unit` stands before the stroke. */
export function formatRate(perSecond: number, unit = ""): string {
  const rate =
    perSecond >= 100
      ? Math.round(perSecond).toLocaleString("en-US")
      : perSecond.toFixed(perSecond >= 1 ? 1 : 3);
  return `${rate}${unit}/s`;
}
