/**
 * @file One attempt from submission to its end, told while it goes on.
 *
 * What this program sees, it sees by asking: it may die and come back at any time, and
 * follows on where the attempt then is.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { systemClock } from "../foundation/clock.js";
import { AutodidactError } from "../foundation/error.js";
import { readRanks } from "./attempt-folder.js";
import type { Attempt } from "./job.js";
import type { JobReport, Launcher } from "./launcher.js";
import { outcomeOf } from "./outcome.js";
import { JOB_BOUNDS, type RunJobOptions } from "./run-options.js";

/** How long at most until the end of an attempt, or Ctrl-C, is seen. */
const TICK_MS = 250;

/** Whether nothing more will come of an attempt. */
export function isOver({ state }: JobReport): boolean {
  return state !== "waiting" && state !== "running";
}

/**
 * @returns the report it ended with; an attempt that hung has been ended, and is lost
 * @throws JOB when it waits too long for its nodes, or its scheduler does not answer for
 *   too long; the reason of `options.signal`, after the attempt has been cancelled
 */
export async function followAttempt(
  launcher: Launcher,
  attempt: Attempt,
  options: RunJobOptions,
): Promise<JobReport> {
  const bounds = { ...JOB_BOUNDS, ...options.bounds };
  const { clock = systemClock, signal } = options;
  const tell = teller(attempt, options);
  let offset = 0;
  let [sign, since, answered] = ["", clock.monotonic(), clock.monotonic()];
  tell({ state: "waiting", message: "", hosts: [] });
  await launcher.submit(attempt);
  for (; ; await pause(launcher.pollSeconds, attempt, signal)) {
    if (signal?.aborted === true) {
      await launcher.cancel(attempt);
      signal.throwIfAborted();
    }
    const report = await pollOrNull(launcher, attempt, (error) => {
      if (secondsSince(answered) > bounds.unreachableSeconds) throw error;
      tell({ state: "waiting", message: error.message, hosts: [] });
    });
    offset = await followLog(launcher, attempt, offset, options.onLog);
    await options.onPoll?.();
    if (report === null) continue;
    answered = clock.monotonic();
    tell(report);
    if (isOver(report)) return report;
    const newSign = `${report.state} ${offset} ${(await options.progress?.()) ?? 0}`;
    if (newSign !== sign) [sign, since] = [newSign, clock.monotonic()];
    const seconds = secondsSince(since);
    if (report.state === "waiting" && seconds > bounds.queueSeconds) {
      await launcher.cancel(attempt);
      throw neverStarted(attempt, report, bounds.queueSeconds);
    }
    if (report.state === "running" && seconds > bounds.silentSeconds) {
      await launcher.cancel(attempt);
      const message = `gave no sign of life for ${duration(bounds.silentSeconds)}`;
      return { ...report, state: "lost", message };
    }
  }
  function secondsSince(start: number): number {
    return (clock.monotonic() - start) / 1000;
  }
}

/** Tells a report that differs from the one before. */
function teller(
  { number }: Attempt,
  { onState }: RunJobOptions,
): (report: JobReport) => void {
  let told = "";
  return (report) => {
    const text = JSON.stringify(report);
    if (text !== told) onState?.(report, number);
    told = text;
  };
}

/** While a scheduler does not answer, the nodes' own marks do. */
async function pollOrNull(
  launcher: Launcher,
  attempt: Attempt,
  onSilence: (error: AutodidactError) => void,
): Promise<JobReport | null> {
  try {
    return await launcher.poll(attempt);
  } catch (error) {
    if (!(error instanceof AutodidactError) || error.details["again"] !== true)
      throw error;
    const outcome = outcomeOf(await readRanks(attempt, "exit"));
    if (outcome !== null) return { ...outcome, hosts: [] };
    onSilence(error);
    return null;
  }
}

async function followLog(
  launcher: Launcher,
  attempt: Attempt,
  start: number,
  onLog: RunJobOptions["onLog"],
): Promise<number> {
  for (let offset = start; ;) {
    const part = await launcher.logs(attempt, offset);
    if (part.offset === offset) return offset;
    offset = part.offset;
    onLog?.(part.text);
  }
}

/** Until the next poll is due, the attempt has ended, or the person wants to stop. */
async function pause(
  seconds: number,
  attempt: Attempt,
  signal: AbortSignal | undefined,
): Promise<void> {
  const ended = async (): Promise<boolean> =>
    outcomeOf(await readRanks(attempt, "exit")) !== null;
  const knew = await ended();
  for (let left = seconds * 1000; left > 0; left -= TICK_MS) {
    await sleep(Math.min(TICK_MS, left));
    if (signal?.aborted === true || (!knew && (await ended()))) return;
  }
}

function neverStarted(
  { job }: Attempt,
  { message }: JobReport,
  seconds: number,
): AutodidactError {
  return new AutodidactError(
    "JOB",
    `The job ${job.name} has waited ${duration(seconds)} to start${message === "" ? "" : ` (${message})`} and was withdrawn. Ask for less, choose another launcher, or run the same command again to queue anew.`,
  );
}

function duration(seconds: number): string {
  return seconds < 120
    ? `${Math.round(seconds)} s`
    : `${Math.round(seconds / 60)} min`;
}
