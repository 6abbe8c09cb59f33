#!/usr/bin/env node
/**
 * @file The `autodidact` binary.
 */
import { COMMANDS, COMMAND_GROUPS } from "./commands/index.js";
import { runProcess } from "./run-process.js";

await runProcess(COMMANDS, COMMAND_GROUPS);
