/**
 * @file What an attempt is called in a scheduler's list, where it is found again.
 */
import type { Attempt } from "./job.js";

export function jobName({ job, number }: Attempt): string {
  const name = job.name.replace(/[^A-Za-z0-9.-]/g, "-").slice(0, 40);
  return `${name}-${job.id.slice(0, 12)}-${number}`;
}
