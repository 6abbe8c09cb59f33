/**
 * @file What a launcher does: four things, all safe to do again after a crash.
 *
 * A launcher says what became of the process. Whether the job has succeeded says the
 * job's own done file (`runJob`).
 */
import type { Attempt } from "./job.js";

/**
 * `unknown`: never submitted here, or forgotten. `waiting`: for nodes, or for an older
 * attempt to be gone. `succeeded`: ended with 0 on all nodes. `failed`: ended with
 * another code. `cancelled`: by us or by somebody else. `lost`: gone without having
 * ended in order (killed, node failed, preempted); another attempt may do.
 */
export type JobState =
  | "unknown"
  | "waiting"
  | "running"
  | "succeeded"
  | "failed"
  | "cancelled"
  | "lost";

export interface JobReport {
  readonly state: JobState;
  /** One harmless line: why it waits, why it failed; empty where there is nothing to say. */
  readonly message: string;
  /** Where it runs or ran, by rank; empty until told. */
  readonly hosts: readonly string[];
  /** How often the scheduler itself has begun it anew. */
  readonly restarts?: number;
  /** Of the first node that failed; `128 + n` where signal n ended it. */
  readonly exitCode?: number;
}

export interface LogPart {
  /** Whole lines where possible, at most 64 KiB; as the job wrote it, so not harmless. */
  readonly text: string;
  /** In bytes: where to read on. */
  readonly offset: number;
}

export interface Launcher {
  readonly kind: LauncherKind;
  /** Seconds between two polls that are no burden to what is asked. */
  readonly pollSeconds: number;
  /**
   * Starts the attempt, or does nothing when it was submitted before.
   * @throws JOB when the scheduler refuses, with its reason; STORAGE
   */
  submit(attempt: Attempt): Promise<void>;
  /** @throws JOB when the scheduler cannot be asked (it may be again later) */
  poll(attempt: Attempt): Promise<JobReport>;
  /** The log of node 0 from an offset; empty while there is none. */
  logs(attempt: Attempt, offset: number): Promise<LogPart>;
  /**
   * Ends the attempt and waits until none of its processes is left: SIGTERM, then
   * SIGKILL. Nothing happens to one that has ended, or to processes of others.
   * @throws JOB when it could not be ended
   */
  cancel(attempt: Attempt): Promise<void>;
}

export type LauncherKind = "local" | "slurm" | "ray";
