/**
 * @file Starts programs as a shell would and keeps all they say.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const BINARY = `${ROOT}/dist/cli/main.js`;

export interface ProgramResult {
  /** `null` when a signal ended the process. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProgramOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with the process and all of its standard output so far, on every piece. */
  readonly onStdout?: (child: ChildProcess, stdout: string) => void;
  /** Called with the process and all of its standard error so far, on every piece. */
  readonly onStderr?: (child: ChildProcess, stderr: string) => void;
}

/** Runs the built binary with `args` and waits for its end. */
export function autodidact(
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  return runNode([BINARY, ...args], options);
}

/** Runs node with `args`; standard input is closed. */
export function runNode(
  args: readonly string[],
  { cwd = ROOT, env = {}, onStdout, onStderr }: ProgramOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      onStdout?.(child, stdout);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      onStderr?.(child, stderr);
    });
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, stdout, stderr });
    });
  });
}
