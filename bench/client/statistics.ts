/**
 * @file Medians, and the machine that the numbers come from.
 */
import { cpus, loadavg, totalmem } from "node:os";

/** Middle value; the mean of the two middle ones where their number is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const high = sorted[Math.floor(middle)] ?? 0;
  const low = sorted[Math.ceil(middle) - 1] ?? high;
  return (low + high) / 2;
}

export function describeMachine(): string {
  const [processor] = cpus();
  return `${processor?.model.trim() ?? "unknown processor"}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}, Node ${process.version}`;
}

/** Processes that wanted a core in the last minute, on average. */
export function describeLoad(): string {
  return loadavg()[0]?.toFixed(1) ?? "unknown";
}
