/**
 * @file One short command of a scheduler, with its words made harmless.
 */
import { execFile } from "node:child_process";
import { AutodidactError } from "../foundation/error.js";
import { oneLine } from "../text/harmless.js";

/** A scheduler that is asked for longer does not answer. */
const TIMEOUT_MS = 60_000;
const MOST_BYTES = 4 * 2 ** 20;

export interface CommandResult {
  readonly code: number;
  readonly output: string;
  /** What it complained of: one harmless line. */
  readonly complaint: string;
}

/** @throws JOB when there is no such command here, or it does not end */
export async function askScheduler(
  command: string,
  args: readonly string[],
): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    execFile(
      command,
      args,
      { timeout: TIMEOUT_MS, maxBuffer: MOST_BYTES, killSignal: "SIGKILL" },
      (error, output, complaint) => {
        if (error !== null && typeof error.code !== "number")
          reject(notRun(command, error.code, error));
        else
          resolve({
            code: typeof error?.code === "number" ? error.code : 0,
            output,
            complaint: oneLine(complaint),
          });
      },
    );
  });
}

function notRun(
  command: string,
  code: string | null | undefined,
  cause: unknown,
): AutodidactError {
  return code === "ENOENT"
    ? new AutodidactError(
        "JOB",
        `There is no ${command} on this machine: start Autodidact where jobs are submitted (a login node), with Slurm's commands in PATH.`,
        { command },
        { cause },
      )
    : new AutodidactError(
        "JOB",
        `${command} did not answer within ${TIMEOUT_MS / 1000} s.`,
        { command, again: true },
        { cause },
      );
}
