/**
 * @file progress.json: how far the stage under way is, for those who look on from another
 * process. The process that works writes it anew, at most once a second; it says nothing
 * of a run that nobody works on, and nothing of a result.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";

export const PROGRESS_FILE = "progress.json";

const point = z.object({
  stage: z.string(),
  /** 1-based. */
  step: z.number().int().min(1),
  /** TRL's names; what is not finite is left out. */
  metrics: z.record(z.string(), z.number()),
});

const reading = z.object({
  stage: z.string(),
  done: z.number(),
  /** 0 before it is known. */
  total: z.number(),
  /** Plural noun: "prompts", "steps". */
  unit: z.string(),
  /** Units a second over the last minute; null before it is known. */
  rate: z.number().nullable(),
  /** Seconds. */
  left: z.number().nullable(),
  tokensPerSecond: z.number().nullable(),
  /** What is waited for or prepared, in words; null while it works. */
  waiting: z.string().nullable(),
  /** ISO time of this reading. */
  at: z.string(),
});

const progressFile = z.object({
  reading,
  /** The newest training steps, oldest first: the ledger gets them later, many at once. */
  points: z.array(point),
});

export type ProgressPoint = Readonly<z.output<typeof point>>;
export type ProgressFile = z.output<typeof progressFile>;

/** Null where there is none, or none of this version. */
export function readProgressFile(folder: string): ProgressFile | null {
  try {
    const text = readFileSync(join(folder, PROGRESS_FILE), "utf8");
    return progressFile.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
