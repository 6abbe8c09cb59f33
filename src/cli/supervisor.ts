/**
 * @file Two processes for one command: one works, the other listens.
 *
 * ONNX Runtime computes on the main thread, so a process that reads a long prompt or
 * lays out weights hears no signal until it is done. The supervisor computes nothing:
 * it passes a first signal on, says so itself where the worker is too busy to, and
 * ends the worker at the second. A worker whose supervisor was killed dies too.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { EventEmitter } from "node:events";
import { EXIT_CODES } from "../foundation/error.js";
import { SIGNALS, STOPPING, type SignalName } from "./interrupt.js";

/** Marks the process that works; taken off its environment before anything else starts. */
const WORKER = "AUTODIDACT_WORKER";
/** How long the worker may take to tell that it stops before the supervisor tells it. */
const PATIENCE_MS = 1000;
const SHOW_CURSOR = "\u001b[?25h";

/** From the supervisor: stop in order. Then, where it spoke in the worker's place: it is told. */
type Order = { readonly stop: SignalName } | { readonly told: true };
/** From the worker: it heard. */
interface Reply {
  readonly heard: true;
}

/**
 * Starts this program again as a worker and answers for it.
 * @returns its exit code; never returns where a signal ended it, which ends this process as well
 */
export async function supervise(): Promise<number> {
  const [, script = "", ...argv] = process.argv;
  const worker = spawn(
    process.execPath,
    [...process.execArgv, script, ...argv],
    {
      stdio: ["inherit", "inherit", "inherit", "ipc"],
      env: { ...process.env, [WORKER]: "1" },
    },
  );
  const ended = new Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
  }>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", (code, signal) => {
      resolve({ code, signal });
    });
  });
  const stop = forwarding(worker);
  for (const name of SIGNALS) process.on(name, stop);
  const { code, signal } = await ended;
  for (const name of SIGNALS) process.off(name, stop);
  if (signal !== null && !worker.killed) process.kill(process.pid, signal);
  return code ?? EXIT_CODES.INTERRUPTED;
}

/** The first signal goes to the worker, the second ends it. */
function forwarding(worker: ChildProcess): (name: SignalName) => void {
  let asked = false;
  const send = (order: Order): void => {
    // A worker that has just ended takes no message, and needs none.
    worker.send(order, () => undefined);
  };
  return (name) => {
    if (asked) {
      if (process.stderr.isTTY) process.stderr.write(SHOW_CURSOR);
      worker.kill("SIGKILL");
      return;
    }
    asked = true;
    send({ stop: name });
    const tell = setTimeout(() => {
      process.stderr.write(`${STOPPING}\n`);
      send({ told: true });
    }, PATIENCE_MS);
    const silence = (): void => {
      clearTimeout(tell);
    };
    worker.on("message", silence);
    worker.on("exit", silence);
  };
}

/**
 * The signals as the worker hears them, each command's first only: emits a name of
 * `SIGNALS`, and whether the person was told already. Null in a process without supervisor.
 */
export function supervisedSignals(): EventEmitter | null {
  if (process.env[WORKER] === undefined || process.send === undefined)
    return null;
  delete process.env[WORKER];
  const signals = new EventEmitter();
  let told = false;
  let heard = false;
  const hear = (name: SignalName): void => {
    if (heard) return;
    heard = true;
    // After the messages that came while this process computed.
    setImmediate(() => {
      process.send?.({ heard: true } satisfies Reply);
      // No command has begun, or it is over: nothing is there to be put in order.
      if (!signals.emit(name, told))
        process.exit(process.exitCode ?? EXIT_CODES.INTERRUPTED);
    });
  };
  process.on("message", (order: Order) => {
    if ("told" in order) told = true;
    else hear(order.stop);
  });
  process.on("disconnect", () => {
    process.kill(process.pid, "SIGKILL");
  });
  // A terminal sends Ctrl-C to both processes, some schedulers SIGTERM too.
  for (const name of SIGNALS) process.on(name, hear);
  // Listening alone keeps no finished command alive.
  process.channel?.unref();
  return signals;
}
