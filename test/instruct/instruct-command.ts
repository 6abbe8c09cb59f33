/**
 * @file `autodidact instruct` as its user gives it, in this process.
 */
import { EventEmitter } from "node:events";
import { instructCommand } from "../../src/cli/commands/instruct.js";
import { runCli } from "../../src/cli/run-cli.js";

export async function instruct(
  runDir: string,
  ...words: readonly string[]
): Promise<{
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}> {
  let stdout = "";
  let stderr = "";
  const code = await runCli({
    argv: ["instruct", "--run-dir", runDir, "--quiet", ...words],
    commands: [instructCommand],
    groups: {},
    version: "1.2.3",
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text: string) => ((stderr += text), true) },
    signals: new EventEmitter(),
    kill: () => undefined,
    now: () => 0,
  });
  return { code, stdout, stderr };
}
