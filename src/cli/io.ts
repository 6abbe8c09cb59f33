/**
 * @file Everything a command may say, and to whom.
 *
 * Standard output carries the result and nothing else: text for people, or with
 * `--json` exactly one JSON document. Progress, remarks and errors go to standard
 * error, so a result can be piped while a person watches.
 */
import type { EventListener } from "../events/run-event.js";
import { writeLine, type OutputStream } from "./output-stream.js";
import type { ProgressReporter } from "./progress.js";

export interface CommandIo {
  /** Standard output is for a program. */
  readonly json: boolean;
  /**
   * Aborted by the first Ctrl-C, with an INTERRUPTED error as its reason. A command
   * passes it down, leaves its files in order and throws the reason; one that
   * finishes all the same has succeeded.
   */
  readonly signal: AbortSignal;
  /** Shows progress, warnings and gates; hand it to pipelines as it is. */
  readonly onEvent: EventListener;
  /** A line of the result for people; silent with `--json`. */
  print(text: string): void;
  /**
   * The whole result for programs: printed with `--json`, ignored without.
   * Called once, at the end.
   */
  printJson(value: unknown): void;
  /** A remark for people that is no part of the result. */
  remark(text: string): void;
}

export interface CommandIoParts {
  readonly stdout: OutputStream;
  readonly progress: ProgressReporter;
  readonly json: boolean;
  readonly signal: AbortSignal;
}

export function createCommandIo(parts: CommandIoParts): CommandIo {
  const { stdout, progress, json, signal } = parts;
  return {
    json,
    signal,
    onEvent: progress.onEvent,
    print: (text) => {
      if (!json) writeLine(stdout, text);
    },
    printJson: (value) => {
      if (json) writeLine(stdout, JSON.stringify(value, undefined, 2));
    },
    remark: (text) => {
      progress.log(text);
    },
  };
}
