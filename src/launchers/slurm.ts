/**
 * @file Jobs of Slurm, through the four commands that every installation has.
 *
 * A job is found by its name, which holds the attempt, so that a submission that was not
 * written down is not made twice. Slurm forgets a job some minutes after its end, and
 * `sacct` needs a database that may not be there: how it ended is told by the nodes' own
 * marks. A preempted job, or one whose node failed, is requeued by Slurm itself; the
 * lease keeps it from running beside a step that outlived its daemon.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { join } from "node:path";
import { AutodidactError } from "../foundation/error.js";
import { writeFileAtomic } from "../foundation/storage.js";
import { oneLine } from "../text/harmless.js";
import {
  attemptFolder,
  hostsOf,
  makeAttemptFolder,
  readLog,
  readMark,
  readRanks,
  writeMark,
} from "./attempt-folder.js";
import { askScheduler } from "./command.js";
import type { Attempt } from "./job.js";
import { jobName } from "./job-name.js";
import type { JobReport, JobState, Launcher } from "./launcher.js";
import { meetingPort } from "./meeting-port.js";
import { nodeScript, quoted } from "./node-script.js";
import { outcomeOf } from "./outcome.js";
import type { LauncherSettings } from "./settings.js";

type SlurmSettings = Extract<LauncherSettings, { kind: "slurm" }>;

/** Requeued more often, an attempt is given up. */
const MOST_RESTARTS = 5;
/** Slurm's own time between SIGTERM and SIGKILL is `KillWait`, 30 s unless configured. */
const END_SECONDS = 120;

/** Slurm's states that are not over; all others are. */
const GOING_ON: Readonly<Record<string, JobState>> = {
  PENDING: "waiting",
  CONFIGURING: "waiting",
  REQUEUED: "waiting",
  REQUEUE_FED: "waiting",
  REQUEUE_HOLD: "waiting",
  SPECIAL_EXIT: "waiting",
  SUSPENDED: "waiting",
  RUNNING: "running",
  COMPLETING: "running",
  RESIZING: "running",
  SIGNALING: "running",
  STAGE_OUT: "running",
  STOPPED: "running",
};

export function slurmLauncher(settings: SlurmSettings): Launcher {
  return {
    kind: "slurm",
    pollSeconds: 10,
    submit: (attempt) => submit(attempt, settings),
    poll,
    logs: (attempt, offset) => readLog(attempt, 0, offset),
    cancel,
  };
}

async function submit(
  attempt: Attempt,
  settings: SlurmSettings,
): Promise<void> {
  const folder = await makeAttemptFolder(attempt);
  if ((await jobId(attempt)) !== null) return;
  // It ran, and Slurm has forgotten it.
  if ((await readMark(attempt, "script-0")) !== null) return;
  await writeFileAtomic(
    join(folder, "run.sh"),
    nodeScript(attempt, meetingPort(attempt), 0),
  );
  const batch = join(folder, "batch.sh");
  await writeFileAtomic(
    batch,
    `#!/bin/sh
# srun does not take this over from sbatch by itself.
[ -z "$SLURM_CPUS_PER_TASK" ] || export SRUN_CPUS_PER_TASK="$SLURM_CPUS_PER_TASK"
exec srun --kill-on-bad-exit=1 sh ${quoted(join(folder, "run.sh"))}
`,
  );
  const { code, output, complaint } = await askScheduler("sbatch", [
    ...optionsOf(attempt, settings),
    `--output=${join(folder, "scheduler.log")}`,
    batch,
  ]);
  const id = /^(\d+)/.exec(output)?.[1];
  if (code !== 0 || id === undefined)
    throw new AutodidactError(
      "JOB",
      `Slurm refused the job ${attempt.job.name}: ${complaint === "" ? `sbatch ended with ${code}` : complaint}. Nothing was started; change partition, account, qos, args or what is asked for, and run the same command again.`,
      { complaint },
    );
  await writeMark(attempt, "submitted", id);
}

function optionsOf(
  attempt: Attempt,
  { partition, account, qos, timeLimitMinutes, args = [] }: SlurmSettings,
): readonly string[] {
  const { job } = attempt;
  const minutes =
    job.timeLimitSeconds === undefined
      ? timeLimitMinutes
      : Math.ceil(job.timeLimitSeconds / 60);
  const optional: Readonly<Record<string, string | number | undefined>> = {
    "gpus-per-node": job.gpusPerNode === 0 ? undefined : job.gpusPerNode,
    "cpus-per-task": job.cpusPerNode,
    time: minutes,
    partition,
    account,
    qos,
  };
  return [
    "--parsable",
    `--job-name=${jobName(attempt)}`,
    `--nodes=${job.nodes}`,
    "--ntasks-per-node=1",
    "--requeue",
    "--open-mode=append",
    "--chdir=/",
    `--signal=TERM@${Math.max(1, Math.ceil(job.graceSeconds))}`,
    ...Object.entries(optional).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}=${value}`],
    ),
    ...args,
  ];
}

async function poll(attempt: Attempt): Promise<JobReport> {
  const told = await askSlurm(attempt);
  const hosts = await hostsOf(attempt);
  if (told !== null && told.state in GOING_ON) {
    const state = GOING_ON[told.state] ?? "waiting";
    if (told.restarts > MOST_RESTARTS)
      return {
        state: "lost",
        message: `Slurm has requeued it ${told.restarts} times`,
        hosts,
      };
    const message = told.reason === "None" ? "" : oneLine(told.reason);
    // An older attempt may still hold the nodes' leases.
    const marks = await readRanks(attempt, "running");
    const report =
      state === "running" && marks.includes(null)
        ? {
            state: "waiting" as const,
            message: "until what ran before is gone",
          }
        : { state, message };
    return { ...report, hosts, restarts: told.restarts };
  }
  if (
    told?.state === "CANCELLED" ||
    (await readMark(attempt, "cancelled")) !== null
  )
    return { state: "cancelled", message: "", hosts };
  const outcome = outcomeOf(await readRanks(attempt, "exit"));
  if (outcome !== null) return { ...outcome, hosts };
  if (told === null && (await readMark(attempt, "submitted")) === null)
    return { state: "unknown", message: "", hosts };
  const words = told === null ? "has forgotten it" : `says ${told.state}`;
  return {
    state: "lost",
    message:
      hosts.length === 0
        ? `Slurm ${words}, and no node has written into ${attempt.job.folder}: does the folder lie on a file system that the nodes share? ${attemptFolder(attempt)}/scheduler.log may say more`
        : `Slurm ${words}`,
    hosts,
  };
}

async function cancel(attempt: Attempt): Promise<void> {
  const id = await jobId(attempt);
  if (id === null) return;
  await writeMark(attempt, "cancelled", "");
  await askScheduler("scancel", [id]);
  for (let waited = 0; waited < END_SECONDS; waited++) {
    const told = await askSlurm(attempt);
    if (told === null || !(told.state in GOING_ON)) return;
    await sleep(1000);
  }
  throw new AutodidactError(
    "JOB",
    `Slurm's job ${id} does not end ${END_SECONDS} s after scancel: look at it with scontrol show job ${id}, then run the same command again.`,
    { job: id },
  );
}

/** @returns null when Slurm knows no such job, or no longer */
async function askSlurm(attempt: Attempt): Promise<{
  readonly state: string;
  readonly reason: string;
  readonly restarts: number;
} | null> {
  const id = await jobId(attempt);
  if (id === null) return null;
  const { code, output, complaint } = await askScheduler("scontrol", [
    "show",
    "job",
    "--oneliner",
    id,
  ]);
  if (code !== 0 && !complaint.includes("Invalid job id"))
    throw unreachable("scontrol", complaint);
  const field = (name: string): string | undefined =>
    new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(output)?.[1];
  const state = field("JobState");
  // Another job may have this number after the controller lost its state.
  if (state === undefined || field("JobName") !== jobName(attempt)) return null;
  return {
    state,
    reason: field("Reason") ?? "None",
    restarts: Number(field("Restarts") ?? 0),
  };
}

/** As written down, or else as Slurm knows it. */
async function jobId(attempt: Attempt): Promise<string | null> {
  const written = await readMark(attempt, "submitted");
  if (written !== null) return written;
  const { code, output, complaint } = await askScheduler("squeue", [
    "--noheader",
    "--states=all",
    "--format=%i",
    `--name=${jobName(attempt)}`,
  ]);
  if (code !== 0) throw unreachable("squeue", complaint);
  const id = /^\s*(\d+)/.exec(output)?.[1];
  if (id === undefined) return null;
  await makeAttemptFolder(attempt);
  await writeMark(attempt, "submitted", id);
  return id;
}

function unreachable(command: string, complaint: string): AutodidactError {
  return new AutodidactError(
    "JOB",
    `Slurm does not answer (${command}: ${complaint}).`,
    { command, again: true },
  );
}
