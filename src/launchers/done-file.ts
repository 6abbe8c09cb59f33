/**
 * @file The file a job writes last: the only word for its success.
 */
import { readFile } from "node:fs/promises";
import { AutodidactError } from "../foundation/error.js";
import type { Job } from "./job.js";

/** What the done file says; `job` is the id of the job. */
export type DoneFile = Readonly<Record<string, unknown>> & {
  readonly job: string;
};

/** A job that ends. */
export type FiniteJob = Job & { readonly done: string };

/**
 * @returns null while there is none
 * @throws JOB when it is no such file, or another job's
 */
export async function readDone(job: FiniteJob): Promise<DoneFile | null> {
  const text = await readFile(job.done, "utf8").catch(() => null);
  if (text === null) return null;
  const found = jobOf(text);
  if (found?.job === job.id) return found;
  throw new AutodidactError(
    "JOB",
    found === null
      ? `${job.done} does not say which job it ends: an object with "job" was expected. Remove it and run the same command again.`
      : `${job.done} belongs to another job (${found.job.slice(0, 12)}; ${job.id.slice(0, 12)} was expected), so what lies beside it is not this job's result. Choose another folder, or remove the file, and run the same command again.`,
    { path: job.done, expected: job.id, found: found?.job ?? null },
  );
}

function jobOf(text: string): DoneFile | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" &&
      value !== null &&
      "job" in value &&
      typeof value.job === "string"
      ? { ...value, job: value.job }
      : null;
  } catch {
    return null;
  }
}
