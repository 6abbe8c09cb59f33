/**
 * @file What an attempt leaves in the job's folder, read from here.
 *
 * The script on the node writes `log-R`, `script-R` (its token), `running-R` and `exit-R`
 * for its rank R; this program writes `submitted` and `cancelled`. All but the log are
 * replaced whole.
 */
import { mkdir, open, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { AutodidactError } from "../foundation/error.js";
import { storageError, writeFileAtomic } from "../foundation/storage.js";
import type { Attempt, Job } from "./job.js";
import type { LogPart } from "./launcher.js";

/** Most bytes of a log that are read at once. */
const LOG_BYTES = 64 * 1024;

export function attemptFolder({ job, number }: Attempt): string {
  return join(job.folder, `attempt-${number}`);
}

/** The number of the newest attempt in the job's folder; 0 when there is none. */
export async function newestAttempt(job: Job): Promise<number> {
  const names = await readdir(job.folder).catch(() => []);
  return names
    .map((name) => Number(/^attempt-(\d+)$/.exec(name)?.[1] ?? 0))
    .reduce((newest, number) => Math.max(newest, number), 0);
}

/**
 * Makes the job's folder and the attempt's.
 * @throws JOB when the folder is another job's; STORAGE
 */
export async function makeAttemptFolder(attempt: Attempt): Promise<string> {
  const { job } = attempt;
  const path = join(job.folder, "job");
  const holder = await readText(path);
  if (holder !== null && holder !== job.id)
    throw new AutodidactError(
      "JOB",
      `The folder ${job.folder} is that of another job (${holder.slice(0, 12)}; this one is ${job.id.slice(0, 12)}). Every job needs a folder of its own: choose another, or remove this one when that job is over.`,
      { path: job.folder, found: holder, expected: job.id },
    );
  if (holder === null) await writeFileAtomic(path, job.id);
  const folder = attemptFolder(attempt);
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    throw storageError(folder, cause);
  }
  return folder;
}

/** A mark of an attempt, or of one of its ranks; null when it is not there. */
export async function readMark(
  attempt: Attempt,
  name: string,
): Promise<string | null> {
  return readText(join(attemptFolder(attempt), name));
}

export async function writeMark(
  attempt: Attempt,
  name: string,
  text: string,
): Promise<void> {
  await writeFileAtomic(join(attemptFolder(attempt), name), text);
}

/** A mark of every rank. */
export async function readRanks(
  attempt: Attempt,
  name: string,
): Promise<readonly (string | null)[]> {
  return Promise.all(
    Array.from({ length: attempt.job.nodes }, (_, rank) =>
      readMark(attempt, `${name}-${rank}`),
    ),
  );
}

/** @param offset in bytes; what follows the last whole line is kept for later */
export async function readLog(
  attempt: Attempt,
  rank: number,
  offset: number,
): Promise<LogPart> {
  const file = await open(
    join(attemptFolder(attempt), `log-${rank}`),
    "r",
  ).catch(() => null);
  if (file === null) return { text: "", offset };
  try {
    const buffer = Buffer.alloc(LOG_BYTES);
    const { bytesRead } = await file.read(buffer, 0, LOG_BYTES, offset);
    const lines = buffer.subarray(0, bytesRead).lastIndexOf("\n") + 1;
    const whole = lines === 0 && bytesRead === LOG_BYTES ? bytesRead : lines;
    return {
      text: buffer.toString("utf8", 0, whole),
      offset: offset + whole,
    };
  } finally {
    await file.close();
  }
}

/** The last lines of a rank's log, for an error; as the job wrote them. */
export async function lastLines(
  attempt: Attempt,
  rank: number,
  lines = 20,
): Promise<readonly string[]> {
  const path = join(attemptFolder(attempt), `log-${rank}`);
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  const start = Math.max(0, size - LOG_BYTES);
  const file = await open(path, "r").catch(() => null);
  if (file === null) return [];
  try {
    const buffer = Buffer.alloc(size - start);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, start);
    return buffer
      .toString("utf8", 0, bytesRead)
      .trimEnd()
      .split("\n")
      .slice(-lines);
  } finally {
    await file.close();
  }
}

async function readText(path: string): Promise<string | null> {
  try {
    return (await readFile(path, "utf8")).trim();
  } catch {
    return null;
  }
}

/** The machines where the attempt's scripts have written their marks, by rank. */
export async function hostsOf(attempt: Attempt): Promise<readonly string[]> {
  const tokens = await readRanks(attempt, "script");
  return tokens.flatMap((token) =>
    token === null ? [] : [token.split(":")[0] ?? ""],
  );
}
