/**
 * @file Processes of this machine, asked and ended through the same shell functions as
 * on a node.
 */
import { spawn } from "node:child_process";
import { hostname } from "node:os";
import { AutodidactError } from "../foundation/error.js";
import type { Job } from "./job.js";
import { PROCESS_FUNCTIONS } from "./process-functions.js";

/** The tokens whose processes live. */
export async function livingOf(
  tokens: readonly string[],
): Promise<ReadonlySet<string>> {
  if (tokens.length === 0) return new Set();
  const { output } = await shell(
    'for each; do ! alive "$each" || echo "$each"; done',
    tokens,
  );
  return new Set(output.split("\n").filter((line) => line !== ""));
}

/**
 * Ends what the scripts with these tokens started, and them: SIGTERM to the group, after
 * a time SIGKILL to whatever is left.
 * @throws JOB when something does not die
 */
export async function endRuns(
  tokens: readonly string[],
  { folder, graceSeconds }: Pick<Job, "folder" | "graceSeconds">,
): Promise<void> {
  if (tokens.length === 0) return;
  const { code } = await shell(
    `folder=$1 grace=$2 left=0; shift 2
    for each; do end_run "$each" "$grace" & all="$all $!"; done
    for each in $all; do wait "$each" || left=1; done
    exit $left`,
    [folder, String(Math.ceil(graceSeconds)), ...tokens],
  );
  if (code !== 0)
    throw new AutodidactError(
      "JOB",
      `Processes of the job do not end even on SIGKILL (${tokens.join(" ")}): look at them with ps, then run the same command again.`,
    );
}

/** Whether a token's process is, or was, one of this machine. */
export function isHere(token: string): boolean {
  return token.startsWith(`${hostname()}:`);
}

async function shell(
  code: string,
  args: readonly string[],
): Promise<{ readonly code: number | null; readonly output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      "sh",
      ["-c", `${PROCESS_FUNCTIONS}\n${code}`, "sh", ...args],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
    let output = "";
    child.stdout.setEncoding("utf8").on("data", (part: string) => {
      output += part;
    });
    child.on("error", (cause) => {
      reject(noShell(cause));
    });
    child.on("close", (exit) => {
      resolve({ code: exit, output });
    });
  });
}

/** A launcher of this machine without the one program it needs. */
export function noShell(cause: unknown): AutodidactError {
  return new AutodidactError(
    "DEVICE",
    "Jobs on this machine need sh, sed, awk, ps and grep, and sh does not start. On Windows use WSL.",
    {},
    { cause },
  );
}
