#!/usr/bin/env node
/**
 * @file The `autodidact` binary: the process that listens, or the one that works.
 */
import { supervise, supervisedSignals } from "./supervisor.js";

const signals = supervisedSignals();
// Under a debugger or a loader one process is easier to follow.
if (signals === null && process.execArgv.length === 0) {
  process.exitCode = await supervise();
} else {
  const { runProcess } = await import("./run-process.js");
  const { COMMANDS, COMMAND_GROUPS } = await import("./commands/index.js");
  await runProcess(COMMANDS, COMMAND_GROUPS, signals ?? process);
}
