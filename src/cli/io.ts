/**
 * @file Everything a command may say, and to whom.
 *
 * Standard output carries the result and nothing else: text for people, or with
 * `--json` exactly one JSON document. Progress, remarks and errors go to standard
 * error, so a result can be piped while a person watches. Both are written through
 * `harmless`: words of servers, models and files give a terminal no orders.
 */
import type { EventListener } from "../events/run-event.js";
import { harmless } from "../text/harmless.js";
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

/** The part of `process.stdout` and `process.stderr` that is used. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** Of a terminal. */
  readonly columns?: number;
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

/** The one way of text to standard output or standard error, harmless. */
export function writeLine(stream: OutputStream, text: string): void {
  stream.write(`${harmless(text)}\n`);
}
