/**
 * @file What every runner written in TypeScript does around its measurement: reads what
 * it is asked, times, answers with one line of JSON.
 */
import { readFile } from "node:fs/promises";
import type { MeasurementRequest } from "./measurement.js";
import type { Workload } from "./workload.js";

/** What stands on the command line, with the rows and prompts it names. */
export async function readRequest(): Promise<{
  readonly request: MeasurementRequest;
  readonly workload: Workload;
}> {
  const request = JSON.parse(process.argv[2] ?? "") as MeasurementRequest;
  const workload = JSON.parse(
    await readFile(request.workload, "utf8"),
  ) as Workload;
  return { request, workload };
}

/** Seconds by the clock and of the processor, all threads together. */
export interface Instant {
  readonly seconds: number;
  readonly processor: number;
}

export function now(): Instant {
  const { user, system } = process.cpuUsage();
  return {
    seconds: performance.now() / 1000,
    processor: (user + system) / 1e6,
  };
}

export const since = (start: Instant, end: Instant = now()): Instant => ({
  seconds: end.seconds - start.seconds,
  processor: end.processor - start.processor,
});

/** Answers, with the peak memory of the process. */
export function tell(result: object): void {
  const peakMiB = process.resourceUsage().maxRSS / 1024;
  process.stdout.write(`${JSON.stringify({ ...result, peakMiB })}\n`);
}
