/**
 * @file The process as `runCli` sees it: streams, signals, clock and exit code.
 */
import type { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import type { CommandDefinition } from "./command.js";
import { runCli } from "./run-cli.js";

/** How long open handles may keep a finished process alive, in milliseconds. */
const LINGER_MS = 1000;

/** Runs this process's command line and sets its exit code. */
export async function runProcess(
  commands: readonly CommandDefinition[],
  groups: Readonly<Record<string, string>>,
  signals: Pick<EventEmitter, "on" | "off"> = process,
): Promise<void> {
  // A reader that left early (`autodidact … | head`) is no failure.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });

  process.exitCode = await runCli({
    argv: process.argv.slice(2),
    commands,
    groups,
    version: packageVersion(),
    stdout: process.stdout,
    stderr: process.stderr,
    signals,
    kill: (exitCode) => process.exit(exitCode),
    now: () => performance.now(),
  });

  // Lets pipes drain; a forgotten socket or worker does not hold the terminal.
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

/** From package.json, which is two folders up both in `src` and in `dist`. */
function packageVersion(): string {
  const { version } = JSON.parse(
    readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
  ) as { version: string };
  return version;
}
