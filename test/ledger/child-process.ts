/**
 * @file Starts TypeScript programs of this folder as processes of their own.
 */
import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface ChildOptions {
  /** File name in this folder. */
  readonly program: string;
  readonly arguments: readonly string[];
  /** Crash point at which the child kills itself. */
  readonly crashAt?: string;
  readonly nodeOptions?: readonly string[];
  /** A shell command that goes before, to set limits. */
  readonly shellPrefix?: string;
}

export interface ChildResult {
  /** Exit code, or the signal that ended it. */
  readonly end: number | string;
  readonly output: string;
  readonly errors: string;
}

export function runChild(options: ChildOptions): ChildResult {
  const { file, parameters } = commandOf(options);
  const child = spawnSync(file, parameters, {
    cwd: ROOT,
    env: environmentOf(options),
    encoding: "utf8",
  });
  return {
    end: child.signal ?? child.status ?? "not started",
    output: child.stdout,
    errors: child.stderr,
  };
}

/** Starts a child that waits, and gives it once it has printed a line. */
export async function startChild(options: ChildOptions): Promise<{
  readonly pid: number;
  readonly ended: Promise<void>;
  kill(): Promise<void>;
}> {
  const { file, parameters } = commandOf(options);
  const child = spawn(file, parameters, {
    cwd: ROOT,
    env: environmentOf(options),
  });
  const ended = new Promise<void>((resolve) =>
    child.once("exit", () => {
      resolve();
    }),
  );
  await new Promise<void>((resolve, reject) => {
    let errors = "";
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.stdout.once("data", () => {
      resolve();
    });
    child.once("exit", () => {
      reject(new Error(`The child ended early: ${errors}`));
    });
  });
  return {
    pid: child.pid as number,
    ended,
    kill: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

function commandOf(options: ChildOptions): {
  file: string;
  parameters: string[];
} {
  const program = fileURLToPath(new URL(options.program, import.meta.url));
  const node = [
    process.execPath,
    ...(options.nodeOptions ?? []),
    "--import",
    "tsx",
    program,
    ...options.arguments,
  ];
  if (options.shellPrefix === undefined) {
    return { file: process.execPath, parameters: node.slice(1) };
  }
  return {
    file: "sh",
    parameters: ["-c", `${options.shellPrefix}; exec "$@"`, "sh", ...node],
  };
}

function environmentOf({ crashAt }: ChildOptions): NodeJS.ProcessEnv {
  const { AUTODIDACT_CRASH_AT: _ignored, ...environment } = process.env;
  return crashAt === undefined
    ? environment
    : { ...environment, AUTODIDACT_CRASH_AT: crashAt };
}
