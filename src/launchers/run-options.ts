/**
 * @file What `runJob` is told beside launcher and job, and what it gives.
 *
 * `runJob(launcher, job, options)` takes a job to its done file, whatever dies in
 * between: it finds an attempt that runs or has ended, submits one where there is none,
 * follows it, and tries again after a loss.
 */
import type { Clock } from "../foundation/clock.js";
import type { AutodidactError } from "../foundation/error.js";
import type { JobReport } from "./launcher.js";

export interface RunJobOptions {
  /** Aborting cancels the job, which may save first; the next start goes on. */
  readonly signal?: AbortSignal;
  /** Told when the state, its message or the attempt is another than before. */
  readonly onState?: (report: JobReport, attempt: number) => void;
  /** Told what node 0 logs, as it is; also what it logged before this start. */
  readonly onLog?: (text: string) => void;
  /** Called at every poll: the time to read the job's metrics. */
  readonly onPoll?: () => Promise<void>;
  /**
   * Grows while the job gets on (steps done). An attempt that has made it grow does not
   * count against `attempts`.
   */
  readonly progress?: () => Promise<number>;
  /**
   * The job's own words for a failure that another attempt would not mend; undefined
   * where there are none. Asked after an attempt has failed.
   */
  readonly failure?: (attempt: number) => Promise<AutodidactError | undefined>;
  readonly clock?: Clock;
  readonly bounds?: Partial<JobBounds>;
}

export interface JobBounds {
  /** Attempts in a row that got nowhere. */
  readonly attempts: number;
  /** An attempt that waits for nodes longer is given up. */
  readonly queueSeconds: number;
  /** How long a scheduler may fail to answer before that is an error. */
  readonly unreachableSeconds: number;
  /** An attempt that runs and neither logs nor gets on for so long hangs: it is ended. */
  readonly silentSeconds: number;
}

export const JOB_BOUNDS: JobBounds = {
  attempts: 3,
  queueSeconds: 24 * 3600,
  unreachableSeconds: 1800,
  silentSeconds: 1800,
};
