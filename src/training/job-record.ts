/**
 * @file What a trained checkpoint says of the job that made it: the file by which the same
 * job is found done, and its steps and scores told again.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "../foundation/storage.js";
import type { StepMetrics } from "./trainer.js";

const JOB_FILE = "training.json";

export interface JobRecord {
  readonly jobHash: string;
  /** Every step, so that a job found done tells its listeners what it did. */
  readonly metrics: readonly StepMetrics[];
  /** Of the rows of `TrainingJob.proof`; not in records of older versions. */
  readonly scores?: readonly (number | null)[];
}

/** The record in a checkpoint folder; null without one. */
export async function readJobRecord(output: string): Promise<JobRecord | null> {
  const path = join(output, JOB_FILE);
  if (!existsSync(path)) return null;
  return JSON.parse(await readFile(path, "utf8")) as JobRecord;
}

/** @throws STORAGE */
export function writeJobRecord(
  output: string,
  record: JobRecord,
): Promise<void> {
  return writeFileAtomic(join(output, JOB_FILE), `${JSON.stringify(record)}\n`);
}
