/**
 * @file Every command of the program, in the order of `--help` and `docs/cli.md`.
 *
 * A new command is one file in this folder and one line here.
 */
import type { CommandDefinition } from "../command.js";
import { runCommand } from "./run.js";

export const COMMANDS: readonly CommandDefinition[] = [runCommand];

/** What a first word that only groups commands is about. */
export const COMMAND_GROUPS: Readonly<Record<string, string>> = {
  train: "Train a checkpoint on a data set",
  nursery:
    "Make and inspect the nursery, the world where answers can be checked",
};
