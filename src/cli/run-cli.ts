/**
 * @file One command line from words to exit code, with everything outside given.
 *
 * Exit codes: 0 for success, those of `EXIT_CODES` for failures a user can cause,
 * 1 for a bug of ours. An error is one sentence on standard error and, with
 * `--json`, also one document on standard output unless the command has printed its
 * own, so that a program always finds exactly one. A stack appears with `--verbose` only.
 */
import type { EventEmitter } from "node:events";
import { AutodidactError, EXIT_CODES, messageOf } from "../foundation/error.js";
import { runProgram } from "./build-program.js";
import type { CommandDefinition } from "./command.js";
import { STOPPING, watchInterrupt, type Interrupt } from "./interrupt.js";
import { createCommandIo } from "./io.js";
import { writeLine, type OutputStream } from "./output-stream.js";
import { createProgress, type ProgressParts } from "./progress.js";

/** A failure that is no `AutodidactError`: our bug. */
const EXIT_UNEXPECTED = 1;

export interface CliParts {
  readonly argv: readonly string[];
  readonly commands: readonly CommandDefinition[];
  readonly groups: Readonly<Record<string, string>>;
  readonly version: string;
  readonly stdout: OutputStream;
  readonly stderr: ProgressParts["stream"];
  /** Emits the signals that ask a process to end. */
  readonly signals: Pick<EventEmitter, "on" | "off">;
  /** Ends the process without waiting; the answer to a second Ctrl-C. */
  readonly kill: (exitCode: number) => void;
  readonly now: () => number;
}

/** Runs the command line and gives its exit code; never throws. */
export async function runCli(parts: CliParts): Promise<number> {
  const json = parts.argv.includes("--json");
  const verbose = parts.argv.includes("--verbose");
  const progress = createProgress({
    stream: parts.stderr,
    quiet: parts.argv.includes("--quiet"),
    now: parts.now,
  });
  let interrupt: Interrupt | undefined;
  let documented = false;
  try {
    await runProgram(
      {
        commands: parts.commands,
        groups: parts.groups,
        version: parts.version,
        writeHelp: (text) => parts.stdout.write(text),
        onCommand: async (definition, values, given) => {
          interrupt = watchInterrupt({
            source: parts.signals,
            reason: stopped(definition),
            onFirst: () => {
              progress.log(STOPPING);
            },
            onSecond: () => {
              progress.close();
              parts.kill(EXIT_CODES.INTERRUPTED);
            },
          });
          const { signal } = interrupt;
          const { stdout } = parts;
          const io = createCommandIo({ stdout, progress, json, signal });
          const documenting = {
            ...io,
            printJson: (value: unknown) => {
              documented = true;
              io.printJson(value);
            },
          };
          await definition.run(values, documenting, given);
        },
      },
      parts.argv,
    );
    progress.close();
    return 0;
  } catch (thrown) {
    progress.close();
    // After Ctrl-C, what is no error of its own means that the work stopped.
    const error: unknown =
      interrupt?.signal.aborted === true && !(thrown instanceof AutodidactError)
        ? interrupt.signal.reason
        : thrown;
    return present(error, { ...parts, json: json && !documented, verbose });
  } finally {
    interrupt?.release();
  }
}

/** What the abort signal's reason says: how to go on. */
function stopped(definition: CommandDefinition): AutodidactError {
  const { afterInterrupt } = definition;
  return new AutodidactError(
    "INTERRUPTED",
    `Stopped. ${afterInterrupt ?? "Nothing was kept; run the same command again to start over."}`,
    { command: definition.name },
  );
}

/** Shows a failure and gives its exit code. */
function present(
  error: unknown,
  to: {
    readonly stdout: OutputStream;
    readonly stderr: OutputStream;
    readonly json: boolean;
    readonly verbose: boolean;
  },
): number {
  const known = error instanceof AutodidactError;
  const message = known
    ? error.message
    : `Unexpected failure: ${messageOf(error)}. ` +
      "This is a bug in autodidact; run the same command with --verbose and report what it prints.";
  writeLine(to.stderr, message);
  if (to.verbose) writeLine(to.stderr, describeCauses(error));
  if (to.json) {
    const document = {
      error: {
        code: known ? error.code : "UNEXPECTED",
        message,
        details: known ? error.details : {},
      },
    };
    writeLine(to.stdout, JSON.stringify(document, undefined, 2));
  }
  return known ? EXIT_CODES[error.code] : EXIT_UNEXPECTED;
}

/** The stack of the error and of each error that caused it. */
function describeCauses(error: unknown): string {
  const stacks: string[] = [];
  for (
    let current = error;
    current !== undefined && current !== null;
    current = current instanceof Error ? current.cause : undefined
  ) {
    stacks.push(
      current instanceof Error
        ? (current.stack ?? current.message)
        : JSON.stringify(current),
    );
  }
  return stacks.join("\ncaused by ");
}
