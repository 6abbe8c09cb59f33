/**
 * @file A job from nothing to its done file, whatever dies in between.
 *
 * Success is the done file and nothing else. What was lost (killed, preempted, hung) is
 * tried again within a bound, each time in a new attempt that cannot run beside an older
 * one.
 */
import { AutodidactError } from "../foundation/error.js";
import { oneLine } from "../text/harmless.js";
import { attemptFolder, lastLines, newestAttempt } from "./attempt-folder.js";
import { readDone, type DoneFile, type FiniteJob } from "./done-file.js";
import { followAttempt, isOver } from "./follow-attempt.js";
import type { Attempt } from "./job.js";
import type { JobReport, Launcher } from "./launcher.js";
import { JOB_BOUNDS, type RunJobOptions } from "./run-options.js";

/**
 * Finds the attempt that runs, or submits one, and follows it to the end; a job that is
 * done is not run again.
 * @throws JOB when it fails for good; what `options.failure` gives; the reason of
 *   `options.signal`
 */
export async function runJob(
  launcher: Launcher,
  job: FiniteJob,
  options: RunJobOptions = {},
): Promise<DoneFile> {
  const bound = options.bounds?.attempts ?? JOB_BOUNDS.attempts;
  let fruitless = 0;
  let reached = (await options.progress?.()) ?? 0;
  for (let number = await firstNumber(launcher, job); ; number++) {
    const finished = await readDone(job);
    if (finished !== null) return finished;
    const attempt = { job, number };
    const report = await followAttempt(launcher, attempt, options);
    // What still runs on other nodes ends as well.
    if (report.state !== "succeeded") await launcher.cancel(attempt);
    const done = await readDone(job);
    if (done !== null) return done;
    const failure = await options.failure?.(number);
    if (failure !== undefined) throw failure;
    if (report.state === "cancelled") throw cancelledBySomebody(attempt);
    const now = (await options.progress?.()) ?? 0;
    fruitless = now > reached ? 0 : fruitless + 1;
    reached = Math.max(now, reached);
    if (fruitless >= bound) throw await failedForGood(attempt, report, bound);
  }
}

/** The newest attempt's while something may come of it, else the next. */
async function firstNumber(
  launcher: Launcher,
  job: FiniteJob,
): Promise<number> {
  const number = await newestAttempt(job);
  if (number === 0) return 1;
  try {
    const report = await launcher.poll({ job, number });
    return isOver(report) && report.state !== "unknown" ? number + 1 : number;
  } catch (error) {
    if (error instanceof AutodidactError && error.details["again"] === true)
      return number;
    throw error;
  }
}

function cancelledBySomebody({ job }: Attempt): AutodidactError {
  return new AutodidactError(
    "JOB",
    `The job ${job.name} was cancelled, not by this program. The same command starts it again where it stopped.`,
  );
}

async function failedForGood(
  attempt: Attempt,
  { state, message }: JobReport,
  bound: number,
): Promise<AutodidactError> {
  const { job } = attempt;
  const what =
    state === "succeeded"
      ? `ended without its done file ${job.done ?? ""}`
      : message === ""
        ? `is ${state}`
        : message;
  const lines = (await lastLines(attempt, 0, 8)).filter((line) => line !== "");
  const last =
    lines.length === 0
      ? "It wrote no log."
      : `Its last lines: ${lines.map((line) => oneLine(line, 200)).join(" | ")}`;
  return new AutodidactError(
    "JOB",
    `The job ${job.name} got nowhere in ${bound} ${bound === 1 ? "attempt" : "attempts in a row"}; the last one ${what}. ${last} The whole log is in ${attemptFolder(attempt)}. Mend the cause and run the same command again.`,
    {
      job: job.id,
      attempt: attempt.number,
      state,
      log: attemptFolder(attempt),
    },
  );
}
