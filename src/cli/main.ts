#!/usr/bin/env node
/**
 * @file The `autodidact` binary: gives the process to `runCli` and exits.
 */
import { readFileSync } from "node:fs";
import { COMMANDS, COMMAND_GROUPS } from "./commands/index.js";
import { runCli } from "./run-cli.js";

/** How long open handles may keep a finished process alive, in milliseconds. */
const LINGER_MS = 1000;

// The folder above is `src` in development and `dist` when installed; the
// package file is one above that in both.
const { version } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8"),
) as { version: string };

// A reader that left early (`autodidact … | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runCli({
  argv: process.argv.slice(2),
  commands: COMMANDS,
  groups: COMMAND_GROUPS,
  version,
  stdout: process.stdout,
  stderr: process.stderr,
  signals: process,
  kill: (exitCode) => process.exit(exitCode),
  now: () => performance.now(),
});

// Lets pipes drain; a forgotten socket or worker does not hold the terminal.
setTimeout(() => process.exit(), LINGER_MS).unref();
